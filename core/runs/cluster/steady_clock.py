"""A clock for what Dask's processes send each other that goes on when the machine's clock is set.

Dask sends at most every few milliseconds, and tells these by the time of day: set back by an hour, what a process has to send
waits for an hour. To be imported before the first event loop of a process is used.
"""

from __future__ import annotations

import time

import distributed.batched
from tornado.ioloop import IOLoop


def _steady(_: IOLoop) -> float:
    return time.monotonic()


IOLoop.time = _steady  # type: ignore[method-assign, assignment]
distributed.batched.time = time.monotonic
