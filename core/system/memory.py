"""What the C library keeps of freed memory. Of glibc alone; elsewhere nothing is changed."""

from __future__ import annotations

import ctypes
from contextlib import suppress

_M_ARENA_MAX = -8  # of malloc.h


def use_one_heap() -> None:
    """Let all threads of this process share one heap. Every script of a screen runs in a thread of its own, and by default
    there are eight heaps a processor, each of which keeps pages that only it can use again."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Return free pages to the system."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
