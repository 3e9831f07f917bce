"""What has been read from files and is in use: one object for all who look, kept as long as somebody does, and the latest few
until there is a pause."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

MOST_BYTES = 24_000_000  # of the files of what is kept although nobody may look at it any more

T = TypeVar("T")


class InUse(Generic[T]):
    """Safe for several threads. A screen lets go of a result when it is drawn, and the next visitor opens the same one."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._in_use: WeakValueDictionary[Hashable, T] = WeakValueDictionary()
        self._latest: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._most_bytes, self._lock = most_bytes, threading.Lock()

    def get(self, key: Hashable) -> T | None:
        with self._lock:
            if key in self._latest:
                self._latest.move_to_end(key)
            return self._in_use.get(key)

    def keep(self, key: Hashable, value: T, size: int) -> T:
        """Of several threads that have read the same file the first one's value is used. `size`: bytes of the file."""
        with self._lock:
            value = self._in_use.setdefault(key, value)
            self._latest[key] = value, size
            while sum(size for _, size in self._latest.values()) > self._most_bytes:
                self._latest.popitem(last=False)
            return value

    def let_go(self) -> None:
        """Keep only what somebody looks at."""
        with self._lock:
            self._latest.clear()
