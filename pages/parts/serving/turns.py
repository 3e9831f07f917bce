"""Turns: scripts that draw a whole screen run one after the other, as long as each is quick.

A hundred threads that want the one interpreter wake each other up all the time, which costs as much as what they draw, and all
are ready at the end alone. A script that takes longer, because it waits for prices or pictures, no longer holds up the others.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST = 0.5  # seconds for which the others wait for a script

_first = threading.Lock()  # held by the first of those who wait
_ended = threading.Condition()
_begun: dict[int, float] = {}  # by thread: when the turn of the script that it runs began


@contextmanager
def turn(longest: float = LONGEST) -> Iterator[None]:
    """Around what a script does, however it ends."""
    me = threading.get_ident()
    with _first, _ended:
        _ended.wait_for(lambda: not _quick(longest), timeout=longest)
        _begun[me] = time.monotonic()
    try:
        yield
    finally:
        with _ended:
            _begun.pop(me, None)
            _ended.notify()


def _quick(longest: float) -> bool:
    """Whether a script runs that has not taken long yet."""
    return any(time.monotonic() - began < longest for began in _begun.values())
