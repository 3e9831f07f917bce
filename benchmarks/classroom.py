"""Thirty visitors press the same preset at once, and then thirty different ones: one training or thirty, whose turn comes when,
whether the waits that were told came true, and how /warp's slider answers meanwhile.

Visitors are websocket clients in this process, each with a session of their own, on the real server and its engine.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.slider import drag
from benchmarks.visitor import Visitor, visitor, visitors
from core.runs.lab import Lab
from core.runs.registry import Run, State
from core.settings import Settings
from tests.e2e import browser
from tests.e2e.conftest import QUIET
from tests.e2e.server import Server

VISITORS = int(os.environ.get("CLASSROOM_VISITORS", "30"))
SHARED, SHARED_ANGLE = "1 min", 45  # what all ask for; long enough for half of them to leave it
PRESET = "10 s"  # of different questions
ANGLES = tuple(angle for angle in range(10, 185, 5) if angle != SHARED_ANGLE)  # 34 different questions
LONGEST = 1200.0  # seconds after which a run counts as lost


def measure() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        server = Server(home)
        server.start()
        lab = Lab.open(Settings(home=home))
        try:
            return asyncio.run(_measured(server, lab))
        finally:
            lab.registry.close()
            server.stop()


async def _measured(server: Server, lab: Lab) -> dict[str, Any]:
    async with visitor(server.url) as first:  # the engine starts, and its workers import what they need
        await ask(first, 5)
        await ended(lab, [first.parameter("run")])
    return {
        f"{VISITORS} press the same": await _same(server, lab),
        f"{VISITORS} press different ones": await _different(server, lab),
    }


async def ask(one: Visitor, angle: int, preset: str = PRESET) -> None:
    """Press Train."""
    await one.open("stn", preset=preset, angle=str(angle))
    await one.press("Train")


async def _same(server: Server, lab: Lab) -> dict[str, Any]:
    """One training; half of the visitors leave it, the others see it end well."""
    async with visitors(server.url, VISITORS) as everybody:
        await asyncio.gather(*(ask(one, SHARED_ANGLE, SHARED) for one in everybody))
        runs = {one.parameter("run") for one in everybody}
        gone, stay = everybody[: VISITORS // 2], everybody[VISITORS // 2 :]
        await asyncio.gather(*(leave(one) for one in gone))
        seen = await asyncio.gather(*(listen(one) for one in stay))
        [run] = await ended(lab, list(runs)) if len(runs) == 1 else [None]
        await asyncio.gather(*(one.open("stn", run=one.parameter("run")) for one in stay))
    return {
        "runs": len(runs),
        "left": len(gone),
        "saw its progress to the end": sum(seen),
        "it ended as": run.state.value if run else "several",
    }


async def leave(one: Visitor) -> None:
    """Press Cancel as soon as the page has it."""
    until = time.monotonic() + LONGEST
    while "Cancel" not in one.buttons:
        assert time.monotonic() < until, "there is no Cancel"
        await one.open("stn", run=one.parameter("run"))
    await one.press("Cancel")


async def listen(one: Visitor) -> bool:
    """Follow the run of a page to its end; whether there was anything to see."""
    until = time.monotonic() + LONGEST
    while not one.events:
        assert time.monotonic() < until, "the page shows no run"
        await one.open("stn", run=one.parameter("run"))
    frames = [frame async for frame in one.listen()]
    return bool(frames)


async def _different(server: Server, lab: Lab) -> dict[str, Any]:
    delays: list[float] = []
    dragging = threading.Thread(target=_drag, args=(server.url, delays))
    async with visitors(server.url, VISITORS) as everybody:
        await asyncio.gather(*(ask(one, angle) for one, angle in zip(everybody, ANGLES, strict=False)))
        ids = [one.parameter("run") for one in everybody]
        [owner] = {run.owner for run in lab.registry.several(ids).values()}
        now, places = time.time(), lab.line.places(owner)
        dragging.start()
        runs = await ended(lab, ids)
    dragging.join()
    waiting = [run for run in runs if run.id in places and run.started]
    waits = {run.id: (run.started or 0.0) - now for run in waiting}
    order = sorted(waiting, key=lambda run: run.started or 0.0)
    errors = sorted(abs(places[run.id].seconds - waits[run.id]) for run in waiting)
    moved = sum(abs(places[run.id].number - number) for number, run in enumerate(order, 1))
    return {
        "runs": len(set(ids)),
        "ended well": sum(run.state is State.DONE for run in runs),
        "waits told": len(waiting),
        "longest wait told, s": round(max(places[run.id].seconds for run in waiting), 1),
        "longest wait, s": round(max(waits.values()), 1),
        "error of a wait told, median s": round(statistics.median(errors), 1),
        "error of a wait told, largest s": round(errors[-1], 1),
        "places moved, mean": round(moved / len(waiting), 2),
        "slider, median ms": round(statistics.median(delays), 1),
        "slider, p95 ms": round(sorted(delays)[int(0.95 * len(delays))], 1),
    }


def _drag(url: str, delays: list[float]) -> None:
    """Move the slider of /warp while they learn; a thread, because the browser is driven by calls that wait."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=QUIET)
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{url}/warp")
        page.get_by_role("img", name="sampled through the grid").wait_for()
        delays += drag(page)
        chromium.close()


async def ended(lab: Lab, run_ids: list[str]) -> list[Run]:
    """These runs when none of them is alive any more."""
    until = time.monotonic() + LONGEST
    while any((runs := lab.registry.several(run_ids))[one].alive for one in run_ids):
        assert time.monotonic() < until, f"{sum(run.alive for run in runs.values())} runs have not ended"
        await asyncio.sleep(0.1)
    return [runs[one] for one in run_ids]
