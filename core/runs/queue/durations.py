"""Durations: how many seconds a request is expected to take, learned from the runs of its kind that have ended in this lab."""

from __future__ import annotations

import math
import statistics
import threading
import time
from collections.abc import Callable

from core.errors import InvalidRequest
from core.runs.kinds import kind_named, parse_request
from core.runs.registry import Registry

READ_SECONDS = 5.0  # between two readings of the runs of a kind
MOST_STRETCHED = 2.0  # times the seconds that a run is given, at most, however busy the machine is: 10 s stay a short run
LIKE = 1.1  # runs are of the same size when one is at most so many times the other


class Durations:
    """Of one lab; safe for several threads."""

    def __init__(self, registry: Registry, slowness: Callable[[], float]) -> None:
        """`slowness`: how many times slower this machine is than the one on which `Kind.seconds` were measured."""
        self._registry, self._slowness = registry, slowness
        self._learned: dict[str, tuple[float, list[tuple[float, float]]]] = {}  # by kind: when read; sizes and seconds
        self._sizes: dict[str, float] = {}  # by request
        self._lock = threading.Lock()

    def expected(self, kind: str, size: float) -> float:
        """Seconds on a worker for a request of this kind and size (`Request.size`): the median of runs of the same size, or
        else of all of the kind in proportion to their sizes; where none has ended, what the kind's row says."""
        ended, row = self._of_kind(kind), kind_named(kind)
        most = MOST_STRETCHED * size if row.request.timed else math.inf
        alike = [(other, took) for other, took in ended if 1 / LIKE <= other / size <= LIKE]
        if rates := [took / other for other, took in alike or ended]:
            return min(most, statistics.median(rates) * size)
        return row.seconds * size * (1.0 if row.request.timed else self._slowness())

    def forget(self) -> None:
        """The next question reads anew which runs have ended."""
        with self._lock:
            self._learned.clear()

    def _of_kind(self, kind: str) -> list[tuple[float, float]]:
        with self._lock:
            read, learned = self._learned.get(kind, (0.0, []))
            if not read or time.monotonic() - read > READ_SECONDS:
                learned = [(self._size(text), took) for text, took in self._registry.durations(kind)]
                self._learned[kind] = time.monotonic(), [(size, took) for size, took in learned if size]
            return self._learned[kind][1]

    def _size(self, text: str) -> float:
        """0 for a request that this version cannot read."""
        if text not in self._sizes:
            try:
                self._sizes[text] = parse_request(text).size
            except InvalidRequest:
                self._sizes[text] = 0.0
        return self._sizes[text]
