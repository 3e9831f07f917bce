"""What a generator returns at its end: runs and searches are generators that yield their progress."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any


def returned(doing: Generator[Any, None, Any]) -> Any:
    while True:
        try:
            next(doing)
        except StopIteration as end:
            return end.value
