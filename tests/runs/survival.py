"""What the tests of survival share: engines on one cluster, ways to wait, a small disk."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.runs.engine import Engine
from core.runs.registry import Run, State
from core.runs.request import Request, key_of
from tests.missing import missing

SECONDS = 60.0  # for anything that has to happen


def until(happened: Callable[[], object], what: object = "it", seconds: float = SECONDS) -> None:
    """Wait for something to happen."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"has not happened in {seconds} s: {what}"
        time.sleep(0.02)


def wait(engine: Engine, request: Request, condition: Callable[[Run], bool]) -> Run:
    """A run as soon as it is so."""
    seen: list[Run] = []

    def so() -> bool:
        run = engine.lab.look(key_of(request))
        seen[:] = [run] if run else []
        return bool(run and condition(run))

    until(so, seen)
    return seen[0]


def ended(run: Run) -> bool:
    return not run.alive


def counting(run: Run) -> bool:
    return run.state is State.RUNNING and run.step > 0


def worker_of(engine: Engine, request: Request) -> int:
    """The process that does a run."""
    [address] = [where for task, where in engine._workers.items() if task.startswith(key_of(request))]
    return int(engine._client.run(os.getpid, workers=[address])[address])


@contextmanager
def small_disk(folder: Path, megabytes: int = 8) -> Iterator[Path]:
    """A disk of so many MB, mounted; where this account may not mount one, a line says so."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        missing("a small disk can be mounted by root alone: run as root, or below `unshare --map-root-user --mount`")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """A disk that cannot be written to for a while."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
