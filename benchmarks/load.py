"""Many visitors follow one training, while another one runs: how long an update takes, and what it costs the server.

Visitors are websocket clients in this process; each asks for the living part of the page once a second, as its browser would.
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.visitor import Visitor, visitor
from core.runs.bundle import EXAMPLES
from tests.e2e.server import Server

VISITORS = (1, 10, 50, 100)
SECONDS = float(os.environ.get("LOAD_SECONDS", "20"))  # that each number of visitors follows
EVERY = 1.0  # seconds between two updates of one visitor
LEARNING, ANGLES = "5 min", (45, 90)  # of the two trainings
OPENED = 100  # visitors who open a screen at once
LEFT = 60  # visitors who open a finished run, one after the other, and leave
ALL_LEFT = 200  # the same, each the next kind of run
QUIET = 90.0  # seconds after which the server has collected what they have left
FINISHED = tuple(path.stem for path in sorted(EXAMPLES.glob("*.gridcast"), key=lambda path: int(path.stem.partition("-")[0])))


def measure() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "home")
        server.start()
        try:
            return asyncio.run(_measured(server))
        finally:
            server.stop()


async def _measured(server: Server) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for number in VISITORS:
        figures[f"{number} followers"] = await _followed(server, number)
    figures[f"{OPENED} open Home at once"] = await _opened(server, "")
    figures[f"{ALL_LEFT} open runs of every kind and leave"] = await _all_left(server)
    for run in FINISHED:
        figures[f"{LEFT} open {run} and leave"] = await _left(server, run)
    return figures


@asynccontextmanager
async def _training(server: Server, angle: int) -> AsyncIterator[str]:
    """The id of a training that has been asked for on the bench, from when its first figure is there; cancelled in the end."""
    async with visitor(server.url) as one:
        await one.open("stn", preset=LEARNING, angle=str(angle))
        await one.press("Train")
        while "plotly_chart" not in one.seen or not one.polled:
            await one.open("stn", run=one.parameter("run"))
        yield one.parameter("run")
        await one.press("Cancel")


async def _followed(server: Server, number: int) -> dict[str, float]:
    assert server.process
    process = psutil.Process(server.process.pid)
    async with AsyncExitStack() as stack:
        run, _ = [await stack.enter_async_context(_training(server, angle)) for angle in ANGLES]
        visitors = [await stack.enter_async_context(visitor(server.url)) for _ in range(number)]
        for one in visitors:
            await one.open("stn", run=run)
        before, began = process.cpu_times(), time.perf_counter()
        received = sum(one.received for one in visitors)
        waits = await asyncio.gather(*(_follow(one, began + SECONDS) for one in visitors))
        after, seconds = process.cpu_times(), time.perf_counter() - began
        updates = np.concatenate(waits)
        spent = after.user + after.system - before.user - before.system
        return {
            "p50_ms": round(1e3 * float(np.quantile(updates, 0.5)), 1),
            "p95_ms": round(1e3 * float(np.quantile(updates, 0.95)), 1),
            "updates_a_second": round(len(updates) / seconds, 1),
            "server_ms_an_update": round(1e3 * spent / len(updates), 1),
            "kB_an_update": round((sum(one.received for one in visitors) - received) / len(updates) / 1e3, 1),
            "memory_mb": round(process.memory_info().rss / 1e6),
        }


async def _follow(one: Visitor, until: float) -> list[float]:
    """Its waits until then, each from when it asked."""
    await asyncio.sleep(random.random() * EVERY)
    waits = []
    while time.perf_counter() < until and one.polled:
        waits.append(await one.poll())
        await asyncio.sleep(max(0.0, EVERY - waits[-1]))
    return waits


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
    """The server's memory before the first of them, when each kind has been opened once, after the last, and some time later."""
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
    async with AsyncExitStack() as stack:
        visitors = [await stack.enter_async_context(visitor(server.url)) for _ in range(OPENED)]
        waits = await asyncio.gather(*(one.open(page) for one in visitors))
    return {f"p{share}_s": round(float(np.quantile(waits, share / 100)), 2) for share in (50, 95)}
