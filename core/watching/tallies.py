"""How often what has happened in this process since it started: ends of runs, their seconds, requests to Yahoo.

Counted from events (`core.system.events`). Counts begin at zero with every start, as Prometheus expects it.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate

from core.system.events import Fields

BUCKETS = (1.0, 3.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, float("inf"))  # seconds of a run, upper bounds
ENDS = ("done", "failed", "cancelled", "interrupted")


@dataclass
class Durations:
    """Of finished runs of one kind: how many ended in each bucket, and the sum of their seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * len(BUCKETS))
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.seconds += seconds

    @property
    def cumulative(self) -> list[tuple[float, int]]:
        """Each upper bound, and how many took at most so long."""
        return list(zip(BUCKETS, accumulate(self.counts), strict=True))


class Tallies:
    """Counts of events; safe for several threads. Give `hear` to `core.system.events.listen`."""

    def __init__(self) -> None:
        self.started = time.time()
        self.ended: Counter[tuple[str, str]] = Counter()  # by kind and how
        self.durations: dict[str, Durations] = {}  # by kind
        self.yahoo: Counter[str] = Counter()  # by outcome
        self.yahoo_last: tuple[float, str] | None = None  # when, and the outcome
        self.restarted = 0  # workers
        self._lock = threading.Lock()

    def hear(self, name: str, fields: Fields) -> None:
        with self._lock:
            if name in ENDS:
                self._end(name, fields)
            elif name == "yahoo":
                self.yahoo[fields["outcome"]] += 1
                self.yahoo_last = time.time(), fields["outcome"]
            elif name == "worker restarted":
                self.restarted += 1

    def _end(self, name: str, fields: Fields) -> None:
        self.ended[fields["kind"], name] += 1
        if name == "done" and fields["seconds"] is not None:
            self.durations.setdefault(fields["kind"], Durations()).add(fields["seconds"])


TALLIES = Tallies()  # of this process
