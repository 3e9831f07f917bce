"""Many visitors follow one training, while another one runs: how long an update takes, and what it costs the server.

Visitors are clients in this process: each has the page open by its websocket, and listens to the event stream that the page
names. An update's time is counted from when the server began to read what is new, to its arrival.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import tempfile
import time
from contextlib import AsyncExitStack, aclosing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.visitor import Visitor, visitor
from core.runs.bundle import EXAMPLES
from pages.parts.navigation import ROWS
from tests.e2e.server import Server

VISITORS = (1, 10, 50, 100)
SECONDS = 20.0  # that each number of visitors follows
LONG_SECONDS = float(os.environ.get("LOAD_SECONDS", SECONDS))  # that the largest number does; 600 show whether memory grows
LEARNING = "5 min"  # of each training
WORKERS = {"GRIDCAST_WORKERS": "3"}  # of which one is kept for short runs: two trainings are at work at a time
OPENED = 100  # visitors who open a screen at once
LEFT = 60  # visitors who open a finished run, one after the other, and leave
ALL_LEFT = 200  # the same, each the next kind of run
QUIET = 90.0  # seconds after which the server has collected what they have left
FINISHED = tuple(path.stem for path in sorted(EXAMPLES.glob("*.gridcast"), key=lambda path: int(path.stem.partition("-")[0])))


def measure() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "home", WORKERS)
        server.start()
        try:
            return asyncio.run(_measured(server))
        finally:
            server.stop()


async def _measured(server: Server) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    trainings = Trainings(server.url)
    for number in VISITORS:
        figures[f"{number} followers"] = await _followed(server, number, trainings)
    await trainings.end()
    for row in ROWS:
        if not row.hidden:
            figures[f"{OPENED} open {row.title} at once"] = await _opened(server, row.address.strip("/"))
    figures[f"{ALL_LEFT} open runs of every kind and leave"] = await _all_left(server)
    for run in FINISHED:
        figures[f"{LEFT} open {run} and leave"] = await _left(server, run)
    return figures


class Trainings:
    """Two trainings at any time: one that ends is followed by another."""

    def __init__(self, url: str) -> None:
        self._url, self._angles = url, itertools.count(41)  # degrees: each is a question that was not asked before
        self._runs: list[str | None] = [None, None]
        self._changed = asyncio.Event()
        self._tasks = [asyncio.create_task(self._one_after_the_other(place)) for place in range(len(self._runs))]

    async def followed(self) -> str:
        """The run of the first of the two, when both have a figure to show."""
        while not all(self._runs):
            await self._changed.wait()
            self._changed.clear()
        return str(self._runs[0])

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _one_after_the_other(self, place: int) -> None:
        while True:
            async with visitor(self._url) as one:
                await one.open("stn", preset=LEARNING, angle=str(next(self._angles)))
                await one.press("Train")
                try:
                    async for frame in one.listen():
                        if any(block.get("plotly") for block in frame["blocks"].values()):
                            self._runs[place] = one.parameter("run")
                            self._changed.set()
                finally:
                    self._runs[place] = None
                    await one.open("stn", run=one.parameter("run"))
                    if "Cancel" in one.buttons:
                        await one.press("Cancel")


async def _followed(server: Server, number: int, trainings: Trainings) -> dict[str, Any]:
    assert server.process
    process = psutil.Process(server.process.pid)
    lasting = LONG_SECONDS if number == max(VISITORS) else SECONDS
    async with AsyncExitStack() as stack:
        visitors = [await stack.enter_async_context(visitor(server.url)) for _ in range(number)]
        run = await trainings.followed()
        for one in visitors:
            await one.open("stn", run=run)
        before, began, minutes = process.cpu_times(), time.perf_counter(), list[int]()
        received = sum(one.received for one in visitors)
        memory = asyncio.create_task(_memory(process, minutes))
        ages = await asyncio.gather(*(_follow(one, trainings, began + lasting) for one in visitors))
        memory.cancel()
        after, seconds = process.cpu_times(), time.perf_counter() - began
        updates = np.concatenate(ages)
        spent = after.user + after.system - before.user - before.system
        return {
            "p50_ms": round(1e3 * float(np.quantile(updates, 0.5)), 1),
            "p95_ms": round(1e3 * float(np.quantile(updates, 0.95)), 1),
            "updates_a_second": round(len(updates) / seconds, 1),
            "server_ms_an_update": round(1e3 * spent / len(updates), 2),
            "kB_an_update": round((sum(one.received for one in visitors) - received) / len(updates) / 1e3, 1),
            "memory_mb": minutes[-1],
            "memory_mb_by_minute": minutes,
        }


async def _memory(process: psutil.Process, minutes: list[int]) -> None:
    """Note the server's memory now and once a minute."""
    while True:
        minutes.append(round(process.memory_info().rss / 1e6))
        await asyncio.sleep(60)


async def _follow(one: Visitor, trainings: Trainings, until: float) -> list[float]:
    """How old every update is when it arrives, in seconds since the server began to read what is new; the first frame of a
    stream, which shows what was there before, does not count. When the run ends, the next one is followed."""
    ages: list[float] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(until - time.perf_counter()):
            while True:
                async with aclosing(one.listen()) as frames:
                    await anext(frames)
                    async for frame in frames:
                        ages.append(time.time() - frame["began"])  # noqa: PERF401  what came before the time was up counts
                await one.open("stn", run=await trainings.followed())
    return ages


async def _left(server: Server, run: str) -> dict[str, float]:
    """What a visitor costs who opens a finished run and leaves, after the first ten."""
    assert server.process
    process, memory = psutil.Process(server.process.pid), []
    for number in (10, LEFT):
        for _ in range(number):
            async with visitor(server.url) as one:
                await one.open("run", id=run)
        memory.append(process.memory_info().rss / 1e6)
    return {"MB_a_visitor": round((memory[1] - memory[0]) / LEFT, 2)}


async def _all_left(server: Server) -> dict[str, float]:
    """The server's memory before the first, when each kind has been opened once, after the last, and some time later."""
    assert server.process
    process = psutil.Process(server.process.pid)
    memory = [process.memory_info().rss / 1e6]
    for number in range(ALL_LEFT):
        async with visitor(server.url) as one:
            await one.open("run", id=FINISHED[number % len(FINISHED)])
        if number + 1 in (len(FINISHED), ALL_LEFT):
            memory.append(process.memory_info().rss / 1e6)
    await asyncio.sleep(QUIET)
    memory.append(process.memory_info().rss / 1e6)
    names = ("before_mb", "each_once_mb", "after_mb", "later_mb")
    return {name: round(value) for name, value in zip(names, memory, strict=True)}


async def _opened(server: Server, page: str) -> dict[str, float]:
    """Seconds until the page is whole for each of many who come at once, and the server's processor time for one of them.
    Somebody has been there before: what is made once is made."""
    assert server.process
    process = psutil.Process(server.process.pid)
    async with AsyncExitStack() as stack:
        visitors = [await stack.enter_async_context(visitor(server.url)) for _ in range(OPENED + 1)]
        await visitors[0].open(page)
        before = process.cpu_times()
        waits = await asyncio.gather(*(one.open(page) for one in visitors[1:]))
        after = process.cpu_times()
    spent = after.user + after.system - before.user - before.system
    found = {f"p{share}_s": round(float(np.quantile(waits, share / 100)), 2) for share in (50, 95)}
    kilobytes = sum(one.received for one in visitors[1:]) / OPENED / 1e3
    return found | {"server_ms": round(1e3 * spent / OPENED, 1), "kB": round(kilobytes)}
