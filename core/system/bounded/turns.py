"""One queue for what needs much memory, for all threads of a process.

A picture of 50 million pixels takes up to 500 MB while it is decoded, so not all who upload one are served at once. While one
waits, it is asked again and again whether anybody still waits for it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SMALL = 10_000_000  # bytes: what needs no more waits for nobody
MOST_AT_ONCE = 500_000_000  # bytes
LOOK_SECONDS = 0.2  # between two questions whether what waits is still wanted

Check = Callable[[], object]  # raises where nobody waits any more


class Turns:
    """Lets so many bytes be needed at once, in the order in which they were asked for; what needs more has its turn alone."""

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self.at_work = 0  # bytes
        self._most, self._waiting, self._changed = most, deque[object](), threading.Condition()

    @contextmanager
    def turn(self, need: int, check: Check = lambda: None) -> Iterator[None]:
        """Wait for a turn with this need of memory in bytes, and have it inside the block."""
        if need <= SMALL:
            yield
            return
        self._wait(need, check)
        try:
            yield
        finally:
            with self._changed:
                self.at_work -= need
                self._changed.notify_all()

    def _wait(self, need: int, check: Check) -> None:
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            try:
                while self._waiting[0] is not ticket or (self.at_work and self.at_work + need > self._most):
                    self._changed.wait(LOOK_SECONDS)
                    check()
                self.at_work += need
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()
