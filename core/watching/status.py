"""What a running lab is doing, as one value: for the screen of that name, as JSON, and for Prometheus.

It names no path, no password and nobody who uses the lab.
"""

from __future__ import annotations

import platform
import re
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from core.errors import GridcastError, StoreError
from core.rnn.prices.yahoo_limits import LIMITER
from core.runs.cluster.worker_state import WorkerState
from core.runs.lab import Lab
from core.system.files import read_file
from core.watching.health import engine_state
from core.watching.tallies import TALLIES

PACKAGES = ("streamlit", "torch", "distributed", "numpy", "pandas", "plotly")
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Yahoo:
    """Times in seconds since the epoch, UTC; None where there is none."""

    asked: dict[str, int]  # how often since the start, by outcome
    last: float | None  # when it was asked
    outcome: str | None  # of that
    waits_until: float | None  # nothing is sent before


@dataclass(frozen=True)
class Status:
    """Memory in MB, times in seconds."""

    uptime: float
    memory_mb: float  # of this process
    visitors: int | None  # with an open page; None: this process serves no pages
    engine: str  # starting, lives, ended
    workers: tuple[WorkerState, ...]  # of this process's engine
    running: int  # runs
    waiting: int
    runs: dict[str, dict[str, int]]  # by kind and state
    store_mb: float
    store_limit_mb: float
    store_files: int
    store_problem: str  # empty where it answers; else nothing is known of its size
    database: str  # its product
    database_problem: str  # empty where it answers
    yahoo: Yahoo
    versions: dict[str, str]
    commit: str | None  # of the checkout, where it is one

    @property
    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def _commit() -> str | None:
    """Twelve digits of the commit that is checked out."""
    try:
        head = read_file(ROOT / ".git" / "HEAD", 1_000).decode().strip()
        if reference := re.fullmatch(r"ref: (refs/[\w./-]+)", head):
            head = read_file(ROOT / ".git" / reference[1], 1_000).decode().strip()
    except (GridcastError, UnicodeDecodeError):
        return None
    return head[:12] if re.fullmatch(r"[0-9a-f]{40,64}", head) else None


def _workers() -> tuple[WorkerState, ...]:
    """Of this process's engine, if there is one; its module is not loaded for it."""
    module = sys.modules.get("core.runs.engine")
    states: Callable[[], tuple[WorkerState, ...]] = getattr(module, "worker_states", tuple)
    try:
        return states()
    except OSError:  # it has just ended
        return ()


def _yahoo() -> Yahoo:
    last, outcome = TALLIES.yahoo_last or (None, None)
    until = LIMITER.until_now()
    return Yahoo(dict(TALLIES.yahoo), last, outcome, until.timestamp() if until else None)


def status_of(lab: Lab, visitors: int | None = None) -> Status:
    """Of this process and its lab. Nothing is started for it; a database that does not answer is a part of the answer."""
    process, problem, runs = psutil.Process(), "", dict[str, dict[str, int]]()
    try:
        for (kind, state), count in lab.registry.counts().items():
            runs.setdefault(kind, {})[state] = count
    except StoreError as error:
        problem = str(error)
    files, size, store_problem = 0, 0, ""
    try:
        files, size = lab.store.size()
    except StoreError as error:
        store_problem = str(error)
    return Status(
        uptime=round(time.time() - process.create_time(), 1),
        memory_mb=round(process.memory_info().rss / 1e6, 1),
        visitors=visitors,
        engine=engine_state(),
        workers=_workers(),
        running=sum(states.get("running", 0) for states in runs.values()),
        waiting=sum(states.get("queued", 0) for states in runs.values()),
        runs=runs,
        store_mb=round(size / 1e6, 1),
        store_limit_mb=round(lab.store.limit_bytes / 1e6, 1),
        store_files=files,
        store_problem=store_problem,
        database=lab.registry.product,
        database_problem=problem,
        yahoo=_yahoo(),
        versions={"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        commit=_commit(),
    )
