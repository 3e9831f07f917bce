"""Outages: a database or an object store that does not answer, a disk that is full. What is done then is done again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from core.errors import Away

PATIENCE_SECONDS = 600.0  # for which an outage is waited for
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0  # seconds

T = TypeVar("T")


def pauses() -> Callable[[], float]:
    """Seconds to wait before each further try, longer every time."""
    lengths = [_FIRST_PAUSE]

    def next_pause() -> float:
        lengths.append(min(_LONGEST_PAUSE, 2 * lengths[-1]))
        return lengths[-2]

    return next_pause


def patiently(
    do: Callable[[], T], outages: tuple[type[Exception], ...] = (Away,), seconds: float = PATIENCE_SECONDS,
    sleep: Callable[[float], object] = time.sleep,
) -> T:  # fmt: skip
    """What `do` gives, tried again while it raises one of the outages; after so many seconds that is raised."""
    until, pause = time.monotonic() + seconds, pauses()
    while True:
        try:
            return do()
        except outages:
            if time.monotonic() >= until:
                raise
            sleep(pause())
