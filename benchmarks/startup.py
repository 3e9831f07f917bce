"""`streamlit run app.py` to the first painted Home page, and the server's memory before and after /warp is opened."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright

from core.runs.registry import Registry
from tests.e2e import browser
from tests.e2e.conftest import QUIET
from tests.e2e.server import Server

ROUNDS = 3
STORED = ("runs", "rnn", "sweep", "traps")  # screens that list stored runs and draw the latest


def measure() -> dict[str, float]:
    """Chromium is open before the clock starts; every server begins in an empty lab folder."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=QUIET)
        rounds = [_start(chromium.new_page(viewport={"width": 1280, "height": 900})) for _ in range(ROUNDS)]
        chromium.close()
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


def _start(page: Page) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "home")
        began = time.perf_counter()
        answered = server.start()
        try:
            page.goto(server.url)
            page.get_by_role("button", name="Ask for your ticker").wait_for()
            page.locator(".moving svg[role=img]").last.wait_for()  # both examples are drawn
            figures = {"start_to_answer_s": answered, "start_to_home_s": time.perf_counter() - began}
            page.wait_for_timeout(8_000)  # what the server does after its first page is counted in
            figures["memory_home_mb"] = _memory(server)
            for screen in STORED:
                page.goto(f"{server.url}/{screen}")
                page.get_by_test_id("stMainBlockContainer").wait_for()
                page.wait_for_timeout(3_000)
            figures["memory_listed_mb"] = _memory(server)
            for run in _runs(server):
                page.goto(f"{server.url}/run?id={run}")
                page.get_by_role("button", name="Export this run").wait_for()
                page.wait_for_timeout(2_000)
            figures["memory_stored_runs_mb"] = _memory(server)
            page.goto(f"{server.url}/warp")
            page.get_by_role("img", name="sampled through the grid").wait_for()
            page.wait_for_timeout(1_000)
            figures["memory_warp_mb"] = _memory(server)
        finally:
            server.stop()
    return figures


def _runs(server: Server) -> list[str]:
    """The ids of the shipped runs."""
    registry = Registry(server.home)
    try:
        return [run.id for run in registry.runs(parts=False)]
    finally:
        registry.close()


def _memory(server: Server) -> float:
    """Resident memory of the server's own process, without engine and workers."""
    assert server.process is not None
    return psutil.Process(server.process.pid).memory_info().rss / 1e6
