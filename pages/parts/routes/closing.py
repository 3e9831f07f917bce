"""What ends when the server is told to stop: it waits for open responses, and an event stream is one as long as its run."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def streams_end_with_the_server() -> None:
    """From now on a signal that stops the server ends its event streams, too. To be called in its event loop."""
    if threading.current_thread() is not threading.main_thread():
        return  # no signal arrives in another one
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        signal.signal(number, _also_ending_streams(loop, signal.getsignal(number)))


def _also_ending_streams(loop: asyncio.AbstractEventLoop, stop: Any) -> Any:
    def stopping(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(_end_streams)
        if callable(stop):
            stop(number, frame)

    return stopping


def _end_streams() -> None:
    routes = sys.modules.get("pages.parts.routes.live")  # not loaded before the first stream
    if routes is not None:
        routes.broadcasts().close()
