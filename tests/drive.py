"""Generators that yield Progress, run to their ends: what they yield, and what they return."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

Yielded = TypeVar("Yielded")
Returned = TypeVar("Returned")


def played(work: Generator[Yielded, Any, Returned]) -> tuple[list[Yielded], Returned]:
    steps: list[Yielded] = []
    while True:
        try:
            steps.append(next(work))
        except StopIteration as end:
            return steps, end.value
