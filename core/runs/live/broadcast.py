"""Broadcasts: one event stream for each run and look, whatever the number of those who listen.

A broadcast works only while somebody listens. It looks at its run at most twice a second, in a thread, and every listener is
sent the same bytes. A slow listener is sent the latest frame when it is ready for one, so nothing piles up for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, ThreadPoolExecutor

from core.errors import GridcastError
from core.runs.live.blocks import Look
from core.runs.live.frames import Drawn, Frame, event, with_words

HEARTBEAT_SECONDS = 15.0  # between two signs of life, so that no proxy takes the stream for dead
EVERY = ((20, 0.5), (10**6, 1.0))  # up to so many listeners, seconds between two looks
AWAY_SECONDS = 1.0  # until a view that could not be drawn is tried again
MOST_LISTENERS = 2000
UNREADABLE = "how far it is cannot be read"  # and the reason
RETRY = b"retry: 1000\n\n"  # milliseconds after which a browser that has lost the stream asks again
ALIVE = b": alive\n\n"

Key = tuple[str, Look]
Draw = Callable[[str, Look], Drawn | None]  # None: there is no such run; the same object as long as nothing has changed


class TooManyListeners(Exception):
    """Another one would be one too many."""


class _Channel:
    """One run in one look."""

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self.listeners = 0
        self.over = False
        self.changed = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def show(self, drawn: Drawn) -> None:
        """Unless it is shown already."""
        if self.frame is None or drawn is not self.frame.drawn:
            self.frame = Frame.after(self.frame, drawn)
            self.wake()

    def wake(self) -> None:
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()


class Broadcasts:
    """All of one event loop."""

    def __init__(self, draw: Draw, pool: Executor | None = None) -> None:
        self._draw = draw
        self._pool = pool or ThreadPoolExecutor(1, "live")
        self._channels: dict[Key, _Channel] = {}
        self._closed = False

    @property
    def listeners(self) -> int:
        return sum(channel.listeners for channel in self._channels.values())

    @property
    def channels(self) -> int:
        """How many runs and looks are listened to."""
        return len(self._channels)

    async def once(self, run_id: str, look: Look) -> Frame | None:
        """The whole as it is now; None for a run that is not here. Raises the GridcastError that keeps it from being drawn."""
        channel = self._channels.get((run_id, look))
        if channel and channel.frame:
            return channel.frame
        drawn = await self._drawn(run_id, look)
        return Frame(drawn) if drawn else None

    async def listen(self, run_id: str, look: Look) -> AsyncIterator[bytes]:
        """The stream: the whole, then what changes, until the run has ended. Raises TooManyListeners before the first piece."""
        if self.listeners >= MOST_LISTENERS:
            raise TooManyListeners
        key, sent = (run_id, look), -1
        channel = self._joined(key)
        try:
            yield RETRY
            while not (channel.over or self._closed):
                frame, changed = channel.frame, channel.changed
                if frame and frame.number != sent:
                    yield event(frame.change if frame.number == sent + 1 and sent >= 0 else frame.whole)
                    sent = frame.number
                    if frame.drawn.ended:
                        return
                elif not await _within(HEARTBEAT_SECONDS, changed):
                    yield ALIVE
        finally:
            self._left(key, channel)

    def close(self) -> None:
        """End every stream; the server stops."""
        self._closed = True
        for channel in self._channels.values():
            channel.wake()

    def _joined(self, key: Key) -> _Channel:
        channel = self._channels.get(key)
        if channel is None or channel.over:
            channel = self._channels[key] = _Channel()
            channel.task = asyncio.create_task(self._work(key, channel))
        channel.listeners += 1
        return channel

    def _left(self, key: Key, channel: _Channel) -> None:
        channel.listeners -= 1
        if not channel.listeners:
            channel.over = True
            if self._channels.get(key) is channel:
                del self._channels[key]
            if channel.task:
                channel.task.cancel()

    async def _work(self, key: Key, channel: _Channel) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                drawn = await self._drawn(*key)
            except GridcastError as error:  # the database is away, say: what has been shown stays until it answers again
                if channel.frame:
                    channel.show(with_words(channel.frame.drawn, f"{UNREADABLE}: {error}"))
                await asyncio.sleep(AWAY_SECONDS)
                continue
            if drawn is None:
                channel.over = True
                channel.wake()
                return
            channel.show(drawn)
            if drawn.ended:
                return
            await asyncio.sleep(max(0.0, _pace(channel.listeners) - (loop.time() - began)))

    async def _drawn(self, run_id: str, look: Look) -> Drawn | None:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._draw, run_id, look)
        except GridcastError:
            raise
        except Exception:
            logging.getLogger("gridcast").exception("the live view of run %s cannot be drawn", run_id)
            return None


def _pace(listeners: int) -> float:
    return next(seconds for most, seconds in EVERY if listeners <= most)


async def _within(seconds: float, changed: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await changed.wait()
    except TimeoutError:
        return False
