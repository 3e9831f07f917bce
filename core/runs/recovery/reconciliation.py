"""Reconciliation: what the registry says of an engine's runs, compared with what the engine does. Values in, values out.

No run may stay alive that nobody does, and no worker may do what nobody wants. Where the two differ for a moment only, because
one is written before the other, nothing follows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from core.runs.database.state import State

SURE_SECONDS = 3.0  # for which rows and tasks must differ until it is believed


@dataclass(frozen=True)
class Row:
    """A run of this owner that is alive, as the registry has it."""

    run: str
    state: State
    attempt: int


@dataclass(frozen=True)
class Doing:
    """What an engine does."""

    waiting: frozenset[str]  # runs that wait for their turn
    tasks: Mapping[str, tuple[str, int]]  # on the cluster, each with its run and the attempt at it
    begun: frozenset[str]  # tasks that have a worker
    here: frozenset[str]  # runs that a thread of this process does, or whose last words are being written


@dataclass(frozen=True)
class Differences:
    """What is to be mended, in ids of runs and names of tasks."""

    begun: tuple[str, ...] = ()  # runs whose worker has begun, which was not written down
    lost: tuple[str, ...] = ()  # runs that are said to be running, and nobody does
    unsent: tuple[str, ...] = ()  # runs that are said to wait, and do not
    unwanted: tuple[str, ...] = ()  # tasks that no run needs


def differences(rows: Iterable[Row], doing: Doing) -> Differences:
    """Between the living rows of an owner and what its engine does."""
    alive = {row.run: row for row in rows}
    wanted = {task: run for task, (run, attempt) in doing.tasks.items() if run in alive and alive[run].attempt == attempt}
    sent, begun = set(wanted.values()), {run for task, run in wanted.items() if task in doing.begun}
    missing = [row for row in alive.values() if row.run not in sent | doing.waiting | doing.here]
    return Differences(
        tuple(run for run in begun if alive[run].state is State.QUEUED),
        tuple(row.run for row in missing if row.state is State.RUNNING),
        tuple(row.run for row in missing if row.state is State.QUEUED),
        tuple(task for task in doing.tasks if task not in wanted),
    )


class Suspicion:
    """Believes of differences what it has seen for SURE_SECONDS."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._since: dict[tuple[str, str], float] = {}

    def sure(self, differences: Differences) -> Differences:
        """Those of the differences that have lasted."""
        now, kinds = self._now(), ("begun", "lost", "unsent", "unwanted")
        keys = {(kind, one) for kind in kinds for one in getattr(differences, kind)}
        self._since = {key: self._since.get(key, now) for key in keys}

        def lasted(kind: str) -> tuple[str, ...]:
            return tuple(one for one in getattr(differences, kind) if now - self._since[kind, one] >= SURE_SECONDS)

        return Differences(*map(lasted, kinds))


class Every:
    """Says once in so many seconds that something is due."""

    def __init__(self, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._now = seconds, now
        self._last = now()

    def due(self) -> bool:
        if self._now() - self._last < self._seconds:
            return False
        self._last = self._now()
        return True
