"""Real servers that are told to stop: soon gone, from any state, without a word that is not ours and without an orphan."""

from __future__ import annotations

import asyncio
import http.client
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from benchmarks.visitor import visitors
from core.runs.lab import Lab
from core.runs.registry import INTERRUPTED, State
from core.runs.request import key_of
from core.settings import Settings
from core.stn.datasets.images import to_png
from core.stn.datasets.samples import sample
from core.stn.straighten.request import StraightenRequest
from tests.e2e.server import ROOT, Server
from tests.runs.survival import until

pytestmark = pytest.mark.slow
PROMISED_SECONDS = 5.0
IMPORTED = re.compile(r"import time:.*|[ |]+[\w.]+")  # as Python says it, whole or what an interruption has left of it
STREAM = "/api/live?run=list"
OURS = re.compile(r"\d{4}-\d\d-\d\dT[\d:]+Z (debug|info) |  (Gridcast: |Only this machine)|$")


def wait_for_cluster(server: Server) -> None:
    """Until the process of the embedded cluster has begun to start its workers."""
    assert server.process
    end = time.monotonic() + 90
    while not psutil.Process(server.process.pid).children(recursive=True):
        assert time.monotonic() < end, server.log.read_text()
        time.sleep(0.02)


def stop(server: Server, number: signal.Signals) -> tuple[float, list[psutil.Process], list[Path]]:
    """Seconds until it was gone, which of the processes that it had started are left, and the folders of its cluster."""
    assert server.process
    processes = psutil.Process(server.process.pid).children(recursive=True)
    folders = [Path(word) for one in processes for word in one.cmdline() if "gridcast-cluster-" in word]
    began = time.monotonic()
    server.process.send_signal(number)
    assert server.process.wait(30) == 0
    seconds = time.monotonic() - began
    return seconds, psutil.wait_procs(processes, timeout=5)[1], [folder for folder in folders if folder.exists()]


def check(server: Server, seconds: float, alive: list[psutil.Process], folders: list[Path]) -> None:
    assert (alive, folders) == ([], [])
    assert [line for line in server.log.read_text().splitlines() if not OURS.match(line)] == []
    assert seconds < PROMISED_SECONDS


def test_just_after_the_start(tmp_path: Path) -> None:
    server = Server(tmp_path / "home")
    server.start()
    check(server, *stop(server, signal.SIGINT))


def test_while_the_cluster_starts_and_a_browser_listens(tmp_path: Path) -> None:
    server = Server(tmp_path / "home")
    server.start()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", STREAM)
    stream = connection.getresponse()
    assert stream.read(1)
    wait_for_cluster(server)
    check(server, *stop(server, signal.SIGTERM))
    stream.close()
    connection.close()


def queued(home: Path) -> StraightenRequest:
    """A request of a minute that waits in a lab folder for a server."""
    lab = Lab.open(Settings(home=home, database=None))
    request = StraightenRequest(images=(lab.store.put(to_png(sample("coins").pixels)),), names=("coins",), budget=60)
    lab.claim(request)
    lab.registry.close()
    return request


async def with_sessions(server: Server, number: int, then: Callable[[], None]) -> None:
    """Do it while so many browsers show the first page, and one that of uploads."""
    async with visitors(server.url, number + 1) as those:
        await asyncio.gather(*(one.open("stn" if at == 0 else "") for at, one in enumerate(those)))
        then()


def test_with_a_run_at_work_and_thirty_open_sessions(tmp_path: Path) -> None:
    request = queued(tmp_path / "home")
    server = Server(tmp_path / "home", {"GRIDCAST_WARM": "false", "GRIDCAST_WORKERS": "1"})
    server.start()
    lab = Lab.open(Settings(home=tmp_path / "home", database=None))

    def stop_at_work() -> None:
        until(lambda: (run := lab.look(key_of(request))) and run.step > 0, "the run", 90.0)
        assert server.process
        started = [" ".join(one.cmdline()) for one in psutil.Process(server.process.pid).children()]
        assert any("core.system.bounded.server" in one for one in started)
        check(server, *stop(server, signal.SIGTERM))

    asyncio.run(with_sessions(server, 30, stop_at_work))
    run = lab.look(key_of(request))
    assert run
    assert (run.state, run.error) == (State.INTERRUPTED, INTERRUPTED)
    lab.registry.close()


def test_one_that_does_not_come_to_its_end_is_ended(tmp_path: Path) -> None:
    """Whatever hangs: here the thread that closes the engine waits for a lock that nobody gives back."""
    code = (
        "import asyncio, os, signal, threading, time; from pages.parts.serving import stopping\n"
        "async def main():\n"
        "    stopping.stop_within(0.3); os.kill(os.getpid(), signal.SIGTERM)\n"
        "    threading.Lock().acquire(); lock = threading.Lock(); lock.acquire(); lock.acquire()\n"
        "asyncio.run(main())"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_one_that_is_interrupted_before_it_has_loaded_says_nothing(tmp_path: Path) -> None:
    server = Server(tmp_path / "home")
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "serve.py", "--server.port", str(server.port), "--server.headless", "true"],
        cwd=ROOT, env=server.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr
    while "streamlit" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, rest = process.communicate(timeout=60)
    assert process.returncode in (0, -signal.SIGINT)
    assert [line for line in rest.splitlines() if not IMPORTED.fullmatch(line)] == []
    assert "Traceback" not in out
