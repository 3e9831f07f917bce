from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from tests.import_graph import ROOT

CODE = """
import threading
import psutil
from core.system.memory import give_back, use_one_heap
import sys
if sys.argv[1] == "one":
    use_one_heap()
meeting = threading.Barrier(16)
kept = []

def work():
    meeting.wait()  # all at once, so that each asks for a heap of its own
    pieces = [bytearray(60_000) for _ in range(200)]  # 12 MB
    kept.append(bytearray(60_000))  # at the top of the heap, which keeps what is below it
    meeting.wait()
    del pieces

threads = [threading.Thread(target=work) for _ in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
with open("/proc/self/maps") as maps:
    print(sum(line.rstrip().endswith("[heap]") or "rw-p 00000000 00:00 0" in line for line in maps))
give_back()
print(psutil.Process().memory_info().rss)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of glibc alone")
def test_threads_share_heaps_and_free_pages_go_back() -> None:
    def run(heaps: str) -> list[int]:
        done = subprocess.run([sys.executable, "-c", CODE, heaps], capture_output=True, text=True, check=True, cwd=ROOT)
        return [int(line) for line in done.stdout.split()]

    (own, _), (shared, rss) = run("own"), run("one")
    assert shared < own
    assert rss < 100_000_000  # of 192 MB that were in use
