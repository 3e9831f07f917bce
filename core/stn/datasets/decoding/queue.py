"""One queue for decoding large pictures, for all threads of a process.

A picture of 50 million pixels takes up to 500 MB while it is decoded, so not all who upload one are served at once. While one
waits, it is asked again and again whether it is still wanted.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.errors import ImageError

Wanted = Callable[[], bool]  # whether somebody still waits for what is being done; it may also raise

SMALL = 1_000_000  # pixels: pictures up to this size wait for nobody
MOST_AT_ONCE = 50_000_000  # pixels
LOOK_SECONDS = 0.2  # between two questions whether a waiting picture is still wanted


def always() -> bool:
    return True


def check_wanted(wanted: Wanted) -> None:
    """ImageError when nobody waits for a picture any more."""
    if not wanted():
        raise ImageError("nobody waits for these pictures any more; upload them again")


class DecodingQueue:
    """Lets so many pixels be decoded at once, in the order in which they came; a larger picture is decoded alone."""

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self.at_work = 0  # pixels
        self._most, self._waiting, self._changed = most, deque[object](), threading.Condition()

    @contextmanager
    def turn(self, pixels: int, wanted: Wanted = always) -> Iterator[None]:
        """Wait for the turn of a picture, and have it inside the block. ImageError when it is not wanted any more."""
        if pixels <= SMALL:
            yield
            return
        self._wait(pixels, wanted)
        try:
            yield
        finally:
            with self._changed:
                self.at_work -= pixels
                self._changed.notify_all()

    def _wait(self, pixels: int, wanted: Wanted) -> None:
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            try:
                while self._waiting[0] is not ticket or (self.at_work and self.at_work + pixels > self._most):
                    self._changed.wait(LOOK_SECONDS)
                    check_wanted(wanted)
                self.at_work += pixels
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()


DECODING = DecodingQueue()
