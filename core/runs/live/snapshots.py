"""Snapshots: what screens show of runs that are alive, read and drawn once for every progress, however many visitors look.

A run reports a few times a second, and each of a hundred visitors asks twice a second. So a snapshot is read anew only when it
is older than FRESH_SECONDS, stays the same object until the run reports again, and keeps what was drawn of it.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core.runs.queue.line import Line
from core.runs.queue.places import Place
from core.runs.registry import Registry, Run

FRESH_SECONDS = 0.5
WENT_ON = "went on"  # in the numbers of the first report after a run went on
MOST = 64  # runs of which the latest snapshot is kept

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A run as it was when it last reported."""

    run: Run
    place: Place | None = None  # in the queue, while it waits there
    reports: int | None = None  # the number of its latest report
    numbers: list[dict[str, float | str]] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)
    trouble: str = ""  # why it does not go on, where it does not
    _drawn: dict[Hashable, Any] = field(default_factory=dict, repr=False)
    _lock: Any = field(default_factory=threading.RLock, repr=False)

    def once(self, key: Hashable, draw: Callable[[], T]) -> T:
        """What `draw` gives, made when this key is asked for first; all threads get the same object, to leave as it is."""
        with self._lock:
            if key not in self._drawn:
                self._drawn[key] = draw()
            drawn: T = self._drawn[key]
            return drawn


def gone_on(rows: list[dict[str, float | str]]) -> list[dict[str, float | str]]:
    """The rows of a run that was interrupted and went on from its checkpoint: what had come after that is left out, and the row
    that went on is marked by `WENT_ON`."""
    kept: list[dict[str, float | str]] = []
    for row in rows:
        last = kept[-1] if kept else None
        if last and row["phase"] == last["phase"] and float(row["step"]) < float(last["step"]):
            while kept and kept[-1]["phase"] == row["phase"] and float(kept[-1]["step"]) >= float(row["step"]):
                kept.pop()
            row = row | {WENT_ON: 1.0}
        kept.append(row)
    return kept


class Snapshots:
    """The latest snapshot of every run that is looked at; safe for several threads."""

    def __init__(
        self, look: Callable[[str], Run | None], registry: Registry, line: Line, trouble: Callable[[Run], str]
    ) -> None:
        self._look, self._registry, self._line, self._trouble = look, registry, line, trouble
        self._kept: OrderedDict[str, tuple[float, Snapshot]] = OrderedDict()  # by run, with the time when it was read
        self._lock = threading.Lock()

    def of(self, run_id: str) -> Snapshot | None:
        """None for a run that is not here."""
        with self._lock:
            read, kept = self._kept.get(run_id, (0.0, None))
            if kept and time.monotonic() - read < FRESH_SECONDS:
                return kept
            now = self._read(run_id, kept)
            if now and now.run.alive:
                self._kept[run_id] = time.monotonic(), now
                self._kept.move_to_end(run_id)
            else:
                self._kept.pop(run_id, None)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
            return now

    def forget(self, run_id: str) -> None:
        """The next look reads this run anew, because this process has changed it."""
        with self._lock:
            self._kept.pop(run_id, None)

    def _read(self, run_id: str, before: Snapshot | None) -> Snapshot | None:
        run = self._look(run_id)
        if run is None or not run.alive:
            return Snapshot(run) if run else None
        place, reports = self._line.place(run), self._registry.last_report(run_id)
        trouble = self._trouble(run)
        if before and (before.run, before.place, before.reports, before.trouble) == (run, place, reports, trouble):
            return before
        return Snapshot(run, place, reports, gone_on(self._registry.numbers(run_id)), self._registry.pictures(run_id), trouble)
