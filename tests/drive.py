"""Generators that yield Progress, run to their ends: what they yield, and what they return."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

from core.runs.request import Progress, Wish

Yielded = TypeVar("Yielded")
Returned = TypeVar("Returned")


def played(work: Generator[Yielded, Any, Returned]) -> tuple[list[Yielded], Returned]:
    steps: list[Yielded] = []
    while True:
        try:
            steps.append(next(work))
        except StopIteration as end:
            return steps, end.value


def stopped(work: Generator[Progress, Any, Returned], when: Callable[[Progress], bool]) -> tuple[list[Progress], Returned]:
    """The same, after a stop is wished from the first Progress on of which `when` is true."""
    steps: list[Progress] = []
    wish = None
    while True:
        try:
            steps.append(work.send(wish))
        except StopIteration as end:
            return steps, end.value
        wish = Wish.STOP if wish or when(steps[-1]) else None
