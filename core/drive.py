"""Driving a generator that yields Progress and returns something: to its end, or as a part of a larger one."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from functools import partial
from typing import Any, TypeVar

from core.runs.request import Progress, Wish

Returned = TypeVar("Returned")


def returned(work: Generator[Any, Any, Returned]) -> Returned:
    """Run a generator to its end; give what it returns."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def relayed(
    work: Generator[Progress, Any, Returned], overall: Callable[[Progress], Progress]
) -> Generator[Progress, Any, Returned]:
    """The same work as part of a larger one: `overall` turns its Progress into that of the whole. Wishes are passed on."""
    wish = None
    try:
        while True:
            wish = yield overall(work.send(wish))
    except StopIteration as end:
        return end.value
    finally:
        work.close()


def in_turn(
    parts: Iterable[Generator[Progress, Any, Returned]], overall: Callable[[int, Progress], Progress]
) -> Generator[Progress, Any, list[Returned]]:
    """Parts one after the other; gives what each returns. `overall` takes a part's number, from 0, and its Progress."""
    results: list[Returned] = []
    for number, part in enumerate(parts):
        results.append((yield from relayed(part, partial(overall, number))))
    return results


def until_stopped(
    parts: Iterable[Generator[Progress, Any, Returned]],
    overall: Callable[[int, Progress], Progress],
    enough: Callable[[list[Returned]], bool] = bool,
    after: Callable[[list[Returned]], Progress] | None = None,
) -> Generator[Progress, Wish | None, list[Returned]]:
    """As `in_turn`; after Wish.STOP the part at work is left as soon as those that are done are `enough`, by default one.
    `after` makes a further Progress of those that are done, each time that one is."""
    done, stopping = list[Returned](), False
    for number, part in enumerate(parts):
        try:
            while not (stopping and enough(done)):
                stopping = (yield overall(number, next(part))) is Wish.STOP or stopping
            return done
        except StopIteration as end:
            done.append(end.value)
        finally:
            part.close()
        if after:
            stopping = (yield after(done)) is Wish.STOP or stopping
    return done
