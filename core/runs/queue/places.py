"""Places: as which one each waiting run begins, and in how many seconds, by playing the policy with expected durations."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from core.runs.queue.policy import AtWork, Queue, Served, Waiting, next_run


@dataclass(frozen=True)
class Place:
    """Where a waiting run stands."""

    number: int  # 1: it begins next
    seconds: float  # until it begins, expected


def places(queue: Queue, now: float) -> dict[str, Place]:
    """By run the places of those that wait: of all that were asked for by themselves, and of parts that begin before the last
    of these. Without a worker nobody is told one."""
    left, by_run = {run.run for run in queue.waiting if run.direct}, dict[str, Place]()
    for number, (run, began) in enumerate(_beginnings(queue, now), 1):
        if not left:
            break
        left.discard(run.run)
        by_run[run.run] = Place(number, began - now)
    return by_run


def place_of(run: Waiting, queue: Queue, now: float) -> Place | None:
    """The place that a run would have which is asked for now; None where it would begin at once, or never."""
    longer = replace(queue, waiting=(*queue.waiting, run))
    place = next(
        (Place(number, began - now) for number, (one, began) in enumerate(_beginnings(longer, now), 1) if one is run), None
    )
    return place if place and place.seconds > 0 else None


def _beginnings(queue: Queue, now: float) -> Iterator[tuple[Waiting, float]]:
    """The runs that wait in the order in which they begin, and when: each ends as expected, and nothing else is asked for."""
    ends = [(now + run.left, number, run) for number, run in enumerate(queue.at_work)]
    heapq.heapify(ends)
    numbers = iter(range(len(ends), len(ends) + len(queue.waiting)))
    while queue.waiting:
        run = next_run(queue, now)
        if run is not None:
            yield run, now
            began = AtWork(run.run, run.seconds, run.seconds, run.visitors)
            heapq.heappush(ends, (now + run.seconds, next(numbers), began))
            waiting = tuple(one for one in queue.waiting if one is not run)
            queue = replace(queue, waiting=waiting, at_work=(*queue.at_work, began), served=_with(queue.served, run, now))
        elif ends:
            now, _, ended = heapq.heappop(ends)
            queue = replace(queue, at_work=tuple(one for one in queue.at_work if one is not ended))
        else:
            return


def _with(served: Mapping[str, Served], run: Waiting, now: float) -> dict[str, Served]:
    """What visitors have been given, once a run has begun."""
    visitors = run.visitors or ("",)
    more = {visitor: Served(served.get(visitor, Served()).seconds + run.seconds, now) for visitor in visitors}
    return {**served, **more}
