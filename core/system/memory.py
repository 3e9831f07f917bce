"""What the C library keeps of freed memory. Of glibc alone; elsewhere nothing is changed."""

from __future__ import annotations

import ctypes
from contextlib import suppress

_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3  # of malloc.h
_LARGE = 256 * 1024  # bytes: what is larger goes back to the system when it is freed


def use_one_heap() -> None:
    """Let all threads of this process share one heap. Every script of a screen runs in a thread of its own, and by default
    there are eight heaps a processor, each of which keeps pages that only it can use again. Large blocks stay out of it: by
    default the C library takes up to 32 MB from the heap once blocks of that size were freed, and leaves holes there."""
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_ARENA_MAX, 1)
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE)


def give_back() -> None:
    """Return free pages to the system."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
