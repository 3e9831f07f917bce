"""What a file does to the process that reads it: it is one sentence, and the lab reads on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from core.errors import ImageError, PriceError
from core.system.bounded import reading
from core.system.bounded.reading import Reader, read
from core.system.events import listen
from tests.system.bounded import readers

ROOT = Path(__file__).parents[3]
FILES = [("a file", b"its content")]


def parts(reader: Reader, *arguments: object, files: reading.Files = FILES) -> list[bytes]:
    return [bytes(part) for part in read(reader, files, *arguments, error=ImageError)]


def test_parts_and_arguments_come_as_they_were_sent() -> None:
    large = os.urandom(3_000_000)
    files = [("caf\udce9.png", b""), ("b", large)]
    first, second = parts(readers.faithful, 1, None, "x", files=files)
    assert first == "caf\udce9.png".encode("utf-8", "surrogatepass") + b"(1, None, 'x')"
    assert second == b"b" + large + b"(1, None, 'x')"


def test_errors_of_ours_are_raised_as_they_are() -> None:
    answer = read(readers.refusing, FILES, error=ImageError)
    assert next(answer) == b"a part"
    with pytest.raises(PriceError, match=r"^a file: row 3 has no price$"):
        next(answer)


@pytest.mark.parametrize(
    ("reader", "sentence"),
    [
        (readers.greedy, r"^a file needs more than 1,024 MB of memory to be read; split it or make it smaller$"),
        (readers.endless, r"^a file takes longer than 20 s to be read; split it or make it smaller$"),
        (readers.crashing, r"^a file cannot be read: it has ended the program that reads it; save it anew"),
        (readers.careless, r"^a file cannot be read: it has ended the program that reads it; save it anew"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_ends_its_reader_is_one_sentence_and_the_next_file_is_read(reader: Reader, sentence: str) -> None:
    before = psutil.Process().memory_info().rss
    with pytest.raises(ImageError, match=sentence) as refused:
        parts(reader)
    assert "\n" not in str(refused.value)
    assert psutil.Process().memory_info().rss - before < 100e6
    assert parts(readers.faithful) == [b"a fileits content()"]


def test_the_log_says_how_a_reader_ended() -> None:
    heard: list[object] = []
    listen(lambda name, fields: heard.append((name, fields.get("signal"), str(fields.get("defect")))))
    for reader in (readers.crashing, readers.careless):
        with pytest.raises(ImageError):
            parts(reader)
    crashed, careless = (one for one in heard if one[0] == "a file has ended its reader")  # type: ignore[index]
    assert crashed[1] == signal.SIGSEGV  # type: ignore[index]
    assert "KeyError: 'a file'" in careless[2]  # type: ignore[index]


def test_a_reader_writes_no_file(tmp_path: Path) -> None:
    assert parts(readers.writing, files=[(str(tmp_path / "new"), b"")]) == [b"File too large"]


def test_reading_ends_when_nobody_waits_for_it_and_its_process_with_it() -> None:
    answer = read(readers.slow, FILES, error=ImageError, wanted=iter([True, True, False]).__next__)
    process = psutil.Process(int(next(answer)))
    with pytest.raises(ImageError, match=r"^nobody waits for a file any more; upload it again$"):
        next(answer)
    assert psutil.wait_procs([process], timeout=10)[1] == []


def test_a_server_that_has_died_is_started_again() -> None:
    [server] = parts(readers.parent)
    os.kill(int(server), signal.SIGKILL)
    psutil.wait_procs([psutil.Process(int(server))] if psutil.pid_exists(int(server)) else [], timeout=10)
    assert parts(readers.parent) != [server]


def test_nothing_outlives_a_lab_that_is_killed() -> None:
    code = (
        "from core.errors import ImageError; from core.system.bounded.reading import read\n"
        "from tests.system.bounded import readers\n"
        "for part in read(readers.slow, [('a', b'')], error=ImageError): print(int(part), flush=True)"
    )
    lab = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert lab.stdout
    reader = psutil.Process(int(lab.stdout.readline()))
    started = [reader, reader.parent()]
    lab.kill()
    lab.communicate()
    assert psutil.wait_procs([one for one in started if one], timeout=10)[1] == []
