"""What a session, an opening, an update, a run and a result cost, and what follows for a thousand visitors and more.

Costs are measured here, but that of an update, which stands in results/load.json. Two simulations check the arithmetic:
visitors who open Home at once wait in line for one interpreter, as the measured hundred did; and a class asks for runs
(`class_simulation`). Writes docs/SCALE.md.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.class_simulation import simulated
from benchmarks.scale_page import write_page
from benchmarks.visitor import visitor
from core.rnn.prices.samples import fetch
from core.runs.bundle import examples_by_name
from core.runs.kinds import kind_named
from core.runs.lab import Lab
from core.runs.request import Progress
from core.settings import Settings
from core.stn.straighten.request import StraightenRequest
from pages.parts.navigation import ROWS
from tests.e2e.server import Server

RESULTS = Path(__file__).parent / "results"
OPENINGS = 10  # of each screen, after the first
SESSIONS = 100
REPORTS = 400  # of a run's progress
PICTURE = 20_000  # bytes of the picture in a report
CLASSES = ((30, 2), (100, 2), (100, 4), (100, 16), (1_000, 32), (1_000, 128), (1_000, 192))  # visitors and workers


def measure() -> dict[str, Any]:
    load = json.loads((RESULTS / "load.json").read_text())
    with tempfile.TemporaryDirectory() as folder:
        figures = {"runs": _runs(Path(folder) / "runs"), "results": _results(Path(folder) / "results"), **_served(Path(folder))}
    figures |= {
        "update": load["figures"]["100 followers"],
        "at_once": {"measured": load["figures"]["100 open Home at once"], "simulated": _in_line(figures["screens"]["home"])},
        "classes": {
            f"{visitors:,} visitors, {workers} workers": simulated(visitors, workers).figures for visitors, workers in CLASSES
        },
        "ticker": _ticker(),
    }
    write_page(figures)
    return figures


def _served(folder: Path) -> dict[str, Any]:
    server = Server(folder / "home")
    server.start()
    try:
        return asyncio.run(_visited(server))
    finally:
        server.stop()


async def _visited(server: Server) -> dict[str, Any]:
    """What opening each screen costs, and what an open session does."""
    assert server.process
    process = psutil.Process(server.process.pid)
    screens = {row.file: await _opened(server, process, row.file) for row in ROWS if not row.hidden}
    before = process.memory_info().rss
    async with AsyncExitStack() as stack:
        for _ in range(SESSIONS):
            one = await stack.enter_async_context(visitor(server.url))
            await one.open("")
        session = {"memory_mb": round((process.memory_info().rss - before) / SESSIONS / 1e6, 2)}
    return {"screens": screens, "session": session}


async def _opened(server: Server, process: psutil.Process, page: str) -> dict[str, float]:
    address = "" if page == ROWS[0].file else page
    async with visitor(server.url) as first:
        await first.open(address)
    before, received = _spent(process), 0
    for _ in range(OPENINGS):
        async with visitor(server.url) as one:
            await one.open(address)
            received += one.received
    return {
        "server_ms": round(1e3 * (_spent(process) - before) / OPENINGS, 1),
        "kB": round(received / OPENINGS / 1e3, 1),
    }


def _spent(process: psutil.Process) -> float:
    """Processor seconds."""
    times = process.cpu_times()
    return times.user + times.system


def _runs(folder: Path) -> dict[str, float]:
    """What the server does for a run that reports: one row for each report, one picture that is replaced."""
    lab = Lab.open(Settings(home=folder))
    requests = [StraightenRequest(images=("photo",), names=("photo",), seed=seed) for seed in range(20)]
    began = time.process_time()
    runs = [lab.registry.claim(request)[0] for request in requests]
    claimed = time.process_time()
    lab.registry.start(runs[0].id)
    started = time.process_time()
    for step in range(REPORTS):
        numbers, pictures = {"loss": 1.0 / (1 + step), "error": 2.0, "turn_deg": 3.0}, {"now": bytes(PICTURE)}
        report = Progress(phase="learning", step=step, total=REPORTS, numbers=numbers, pictures=pictures)
        lab.progress(runs[0].id, report)
    reported = time.process_time()
    lab.registry.close()
    return {
        "claim_ms": round(1e3 * (claimed - began) / len(runs), 2),
        "report_ms": round(1e3 * (reported - started) / REPORTS, 2),
    }


def _results(folder: Path) -> dict[str, dict[str, float]]:
    """Of every shipped run what its result weighs, and how long it takes to open."""
    lab = Lab.open(Settings(home=folder))
    weighed = {}
    for name, run in examples_by_name(lab).items():
        assert run.result
        content = lab.store.get(run.result)
        opener = kind_named(run.kind).result
        opener.from_bytes(content)  # imports are not counted
        began = time.process_time()
        opener.from_bytes(content)
        inputs = sum(map(len, lab.inputs_of(run.request).values()))
        weighed[name] = {
            "result_mb": round(len(content) / 1e6, 2),
            "inputs_mb": round(inputs / 1e6, 2),
            "open_ms": round(1e3 * (time.process_time() - began), 1),
        }
    lab.registry.close()
    return weighed


def _in_line(opening: dict[str, float]) -> dict[str, float]:
    """When a hundred come in the same moment and one interpreter serves them one after the other."""
    ends = np.cumsum(np.full(100, opening["server_ms"] / 1e3))
    return {f"p{share}_s": round(float(np.quantile(ends, share / 100)), 2) for share in (50, 95)}


def _ticker() -> dict[str, float]:
    """What one of many tickers costs: its prices in the store, and its comparison in a sweep on two workers."""
    sweep = json.loads((RESULTS / "sweep.json").read_text())["figures"]
    return {"prices_mb": round(len(fetch("^GSPC").to_bytes()) / 1e6, 2), "worker_s": round(2 * sweep["two_workers_s"] / 20, 1)}
