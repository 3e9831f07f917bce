"""Drag to painted picture on /warp, in a real Chromium with the grid drawn, alone and while a training runs; and the server's
start to its first useful page."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.e2e import browser
from tests.e2e.conftest import QUIET
from tests.e2e.server import Server

MOVES = 200  # of 60, three would decide the 95th percentile
WATCH = """() => {
  window.painted = [];
  const root = [...document.querySelectorAll("*")].find((host) => host.shadowRoot?.querySelector("canvas.output")).shadowRoot;
  const after = new MessageChannel();  // posted from a frame's callback, heard when that frame has been painted
  after.port1.onmessage = () => { window.painted.push(performance.now()); window.heard?.(); };
  const drawn = new MutationObserver(() => requestAnimationFrame(() => after.port2.postMessage(null)));
  drawn.observe(root.querySelector("canvas.output"), { attributes: true, attributeFilter: ["data-turn"] });
  root.addEventListener("input", () => { window.moved = performance.now(); }, true);
}"""

PAINTED = "() => new Promise((done) => { window.heard = done; if (window.painted.length) done(); })"  # asks once


def measure() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "home")
        began = time.perf_counter()
        server.start()
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=QUIET)
        try:
            page = chromium.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"{server.url}/warp")
            page.get_by_role("img", name="sampled through the grid").wait_for()
            first_page = time.perf_counter() - began
            page.wait_for_timeout(10_000)  # the workers import and warm up meanwhile
            alone = drag(page)
            train(chromium.new_page(), server.url)
            page.bring_to_front()
            beside = drag(page)
        finally:
            chromium.close()
            server.stop()
    return {
        "drag_to_paint_median_ms": statistics.median(alone),
        "drag_to_paint_p95_ms": sorted(alone)[int(0.95 * len(alone))],
        "beside_a_training_median_ms": statistics.median(beside),
        "beside_a_training_p95_ms": sorted(beside)[int(0.95 * len(beside))],
        "start_to_first_page_s": first_page,
    }


def train(page: Page, url: str) -> None:
    """Start a training of five minutes, and leave its screen when it has begun."""
    page.goto(f"{url}/stn?preset=5 min")
    page.get_by_role("button", name="Train").click()
    page.get_by_role("progressbar").wait_for()
    page.wait_for_timeout(10_000)  # it learns by now
    page.close()


def drag(page: Page) -> list[float]:
    """Milliseconds from every move of the slider until the frame with the new output and both grids has been painted."""
    page.evaluate(WATCH)
    box = page.get_by_role("slider", name="Rotation").bounding_box()
    middle, start = box["y"] + box["height"] / 2, box["x"] + box["width"] * 0.55
    page.mouse.move(start, middle)
    page.mouse.down()
    delays = []
    for move in range(MOVES):
        page.evaluate("window.painted.length = 0")
        page.mouse.move(start + 3 * (move % 20) - 30, middle)
        page.evaluate(PAINTED)
        page.wait_for_timeout(60)
        delays.append(page.evaluate("window.painted.at(-1) - window.moved"))
    page.mouse.up()
    return delays
