"""A class at work, simulated: visitors ask for runs, look at the results, and ask again, under the lab's own rule of turns."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from core.runs.queue.policy import AtWork, Queue, Served, Waiting, Workers, next_run

MINUTES = 30.0  # of a class, the first five not counted
UNCOUNTED = 300.0  # seconds until the queue is as it stays
THINKING = 120.0  # seconds in the mean between a result and the next question
RUNS = (
    (0.8, 14.0),
    (0.2, 70.0),
)  # shares and seconds of what is asked for: presets of 10 s and of a minute


@dataclass(frozen=True)
class Waits:
    """Seconds from a question to the beginning of its run."""

    short: list[float] = field(default_factory=list)
    long: list[float] = field(default_factory=list)

    @property
    def figures(self) -> dict[str, float]:
        both = {"short": self.short, "long": self.long}
        return {f"{name}_p{share}_s": _quantile(waits, share) for name, waits in both.items() for share in (50, 95)}


def _quantile(waits: list[float], share: int) -> float:
    return round(float(np.quantile(waits, share / 100)), 1) if waits else 0.0


def simulated(visitors: int, workers: int, seed: int = 0) -> Waits:
    """How long the visitors of a class wait."""
    return _Class(visitors, workers, random.Random(seed)).held()


class _Class:
    """The state of a simulated class."""

    def __init__(self, visitors: int, workers: int, chance: random.Random) -> None:
        self._chance, self._waits = chance, Waits()
        self._queue = Queue((), (), Workers.keeping(workers))
        self._numbers = iter(range(10**9))
        self._events = [(chance.expovariate(1 / THINKING), next(self._numbers), f"{one}", "") for one in range(visitors)]
        heapq.heapify(self._events)  # when, in order, whose, and the run that ends then; "" where one is asked for

    def held(self) -> Waits:
        while self._events and self._events[0][0] < 60 * MINUTES:
            now, _, visitor, ended = heapq.heappop(self._events)
            if ended:
                self._ended(now, visitor, ended)
            else:
                self._asked(now, visitor)
            for run in self._beginning(now):
                self._began(now, run)
        return self._waits

    def _asked(self, now: float, visitor: str) -> None:
        [(_, seconds)] = self._chance.choices(RUNS, [share for share, _ in RUNS])
        run = Waiting(f"{next(self._numbers)}", seconds, now, frozenset({visitor}))
        self._queue = replace(self._queue, waiting=(*self._queue.waiting, run))

    def _ended(self, now: float, visitor: str, ended: str) -> None:
        self._queue = replace(self._queue, at_work=tuple(run for run in self._queue.at_work if run.run != ended))
        self._at(now + self._chance.expovariate(1 / THINKING), visitor)

    def _beginning(self, now: float) -> Iterator[Waiting]:
        while run := next_run(self._queue, now):
            yield run

    def _began(self, now: float, run: Waiting) -> None:
        [visitor] = run.visitors
        before = self._queue.served.get(visitor, Served())
        self._queue = replace(
            self._queue,
            waiting=tuple(one for one in self._queue.waiting if one is not run),
            at_work=(*self._queue.at_work, AtWork(run.run, run.seconds, run.seconds, run.visitors)),
            served={**self._queue.served, visitor: Served(before.seconds + run.seconds, now)},
        )
        self._at(now + run.seconds * self._chance.uniform(0.8, 1.2), visitor, run.run)
        if run.asked > UNCOUNTED:
            (self._waits.short if run.short else self._waits.long).append(now - run.asked)

    def _at(self, when: float, visitor: str, run: str = "") -> None:
        heapq.heappush(self._events, (when, next(self._numbers), visitor, run))
