"""The lecturer's key, GRIDCAST_KEY: who gives it may cancel and delete any run, pin runs and reset the lab, for KEY_HOURS.

What is kept of it is a mark that only this key makes for this visitor, so another key, or another visitor's mark, is worth
nothing. Keys cannot be tried out: the tries are counted for every visitor, and for the server, since ids cost nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections import deque
from collections.abc import Callable

KEY_HOURS = 12.0
TRIES_OF_ONE, TRIES_OF_ALL = 5, 30  # in TRY_SECONDS
TRY_SECONDS = 60.0


def mark_of(key: str, visitor_id: str) -> str:
    """What is kept with a visitor who has given this key."""
    return hmac.new(key.encode(), f"gridcast lecturer {visitor_id}".encode(), hashlib.sha256).hexdigest()


def holds(key: str | None, visitor_id: str, mark: str) -> bool:
    """Whether this is the mark of the key that is valid now."""
    return bool(key and mark) and hmac.compare_digest(mark_of(key or "", visitor_id), mark)


class Tries:
    """Attempts at the key in the last TRY_SECONDS; safe for several threads."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._lock = now, threading.Lock()
        self._made: deque[tuple[float, str]] = deque()

    def allowed(self, visitor_id: str) -> bool:
        """Whether a visitor may try once more; it counts as a try."""
        with self._lock:
            now = self._now()
            while self._made and self._made[0][0] <= now - TRY_SECONDS:
                self._made.popleft()
            own = sum(visitor == visitor_id for _, visitor in self._made)
            if own >= TRIES_OF_ONE or len(self._made) >= TRIES_OF_ALL:
                return False
            self._made.append((now, visitor_id))
            return True


def is_key(text: str, key: str) -> bool:
    """Whether a visitor has typed the key, found out in a time that does not depend on how much of it is right."""
    return hmac.compare_digest(text.encode(), key.encode())
