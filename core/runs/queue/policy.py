"""Which run begins next: fair between visitors, and short runs never behind long ones. Values in, values out.

It knows no cluster, no database and no clock. Who begins runs (`dispatcher`) and who tells the waits (`places`) ask it alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

SHORT_SECONDS = 20.0  # a run that is expected to take no longer is short: what a visitor watches, such as the presets of 10 s
PATIENCE_SECONDS = 120.0  # whoever has been given no worker for so long is next, whatever the other rules say


@dataclass(frozen=True)
class Waiting:
    """A run that waits."""

    run: str
    seconds: float  # expected
    asked: float  # when, in seconds since the epoch
    visitors: frozenset[str] = frozenset()  # who asked for it; runs that nobody is known to have asked for are one visitor's
    direct: bool = True  # asked for by itself; False: a part of a joint run

    @property
    def short(self) -> bool:
        return self.seconds <= SHORT_SECONDS


@dataclass(frozen=True)
class AtWork:
    """A run that has a worker."""

    run: str
    seconds: float  # expected, from its start
    left: float  # of these, at least
    visitors: frozenset[str] = frozenset()

    @property
    def short(self) -> bool:
        return self.seconds <= SHORT_SECONDS


@dataclass(frozen=True)
class Served:
    """What a visitor has been given lately."""

    seconds: float = 0.0  # of workers, in the last minutes
    last: float = 0.0  # when a run of his last began


@dataclass(frozen=True)
class Workers:
    """How many runs can be at work at once, and how many of these only where they are short."""

    count: int
    kept: int = 0

    @classmethod
    def keeping(cls, count: int) -> Workers:
        """Of two or more one is kept for short runs, even while it has nothing to do: a long run could not give it back."""
        return cls(count, kept=1 if count > 1 else 0)


@dataclass(frozen=True)
class Queue:
    """The runs of one engine at one moment."""

    waiting: tuple[Waiting, ...]
    at_work: tuple[AtWork, ...]
    workers: Workers
    served: Mapping[str, Served] = field(default_factory=dict)  # by visitor


def next_run(queue: Queue, now: float) -> Waiting | None:
    """The run to begin now; None while no worker is free for one that waits."""
    able = [run for run in queue.waiting if _can_begin(run, queue)]
    busy = Counter(visitor for run in queue.at_work for visitor in _names(run.visitors))
    return min(able, key=lambda run: _turn(run, queue, busy, now), default=None)


def _can_begin(run: Waiting, queue: Queue) -> bool:
    """Whether a worker is free for it. Only so many long runs are at work that the kept workers are left."""
    if len(queue.at_work) >= queue.workers.count:
        return False
    return run.short or sum(not one.short for one in queue.at_work) < queue.workers.count - queue.workers.kept


def _turn(run: Waiting, queue: Queue, busy: Counter[str], now: float) -> tuple[float, ...]:
    """The smallest is next. First whoever has waited out PATIENCE_SECONDS, the longest first. Then runs that were asked for by
    themselves; of these by the visitor who has fewest at work, then by the one who was given least lately, then by the time
    when they were asked for. On a single worker the shortest comes before the earliest.

    Of a run that several visitors asked for it is the turn of the one who is first.
    """
    served = {visitor: queue.served.get(visitor, Served()) for visitor in _names(run.visitors)}
    since = max(run.asked, min(one.last for one in served.values()))
    if now - since > PATIENCE_SECONDS:
        return 0.0, since
    at_work, seconds = min((busy[visitor], one.seconds) for visitor, one in served.items())
    shortest = run.seconds if queue.workers.count == 1 else 0.0
    return 1.0, float(not run.direct), float(at_work), seconds, shortest, run.asked


def _names(visitors: Collection[str]) -> Collection[str]:
    return visitors or ("",)
