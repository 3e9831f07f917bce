"""To stop: from the signal on, the server has STOP_SECONDS to end what it does, and then it ends whatever is still going on.

Left to itself it waits for open responses (an event stream is one as long as its run), for threads that import torch, and for a
cluster that is just being started; then Streamlit's command line says of its own that it was aborted.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)
STOP_SECONDS = 4.0
_signalled = threading.Event()


def stop_within(seconds: float = STOP_SECONDS) -> None:
    """From now on a signal that stops the server ends its event streams and, at the latest after so long, the process. To be
    called in its event loop."""
    if threading.current_thread() is not threading.main_thread():
        return  # no signal arrives in another one
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        signal.signal(number, _stopping(loop, signal.getsignal(number), seconds))


def leave_if_signalled() -> None:
    """At the end of the server: end the process, if a signal is what has ended the server."""
    if _signalled.is_set():
        leave()


def leave() -> None:
    """End this process now, and the clusters that it has started."""
    local = sys.modules.get("core.runs.local")  # not loaded before a cluster is started
    getattr(local, "end_started", lambda: None)()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)


def _stopping(loop: asyncio.AbstractEventLoop, stop: Any, seconds: float) -> Callable[[int, FrameType | None], None]:
    def stopping(number: int, frame: FrameType | None) -> None:
        if not _signalled.is_set():
            _signalled.set()
            at_last = threading.Timer(seconds, leave)
            at_last.daemon = True
            at_last.start()
            loop.call_soon_threadsafe(_end_streams)
        if callable(stop):
            stop(number, frame)

    return stopping


def _end_streams() -> None:
    routes = sys.modules.get("pages.parts.routes.live")  # not loaded before the first stream
    if routes is not None:
        routes.broadcasts().close()
