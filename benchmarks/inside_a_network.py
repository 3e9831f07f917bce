"""/memory in a real Chromium on a stored comparison: from the click on its name to the section painted, and from an arrow key
to the painted numbers of the next day, section by section."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.e2e import browser
from tests.e2e.conftest import QUIET
from tests.e2e.server import Server

MOVES, OPENINGS = 100, 5
SECTIONS = {"Equations": "equations", "Gates": "gates", "Days alike": "days_alike"}
WARM_SECONDS = 20  # the engine starts, torch is loaded
# The line's data-turn changes when Python's answer is drawn, which is the last of what follows the day.
WATCH = """() => {
  window.painted = [];
  const hosts = [...document.querySelectorAll("*")];
  const line = hosts.map((host) => host.shadowRoot?.querySelector(".line")).find((found) => found);
  const after = new MessageChannel();  // posted from a frame's callback, heard when that frame has been painted
  after.port1.onmessage = () => window.painted.push(performance.now());
  new MutationObserver(() => requestAnimationFrame(() => after.port2.postMessage(null)))
    .observe(line, { attributes: true, attributeFilter: ["data-turn"] });
  window.addEventListener("keydown", () => { window.pressed = performance.now(); }, true);
}"""
PAINTED = "() => window.painted.length > 0"


def measure() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "home")
        server.start()
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=QUIET)
        try:
            page = chromium.new_page(viewport={"width": 1280, "height": 900})
            page.goto(server.url)
            page.get_by_role("link", name="Memory").wait_for()
            page.wait_for_timeout(1000 * WARM_SECONDS)
            openings = [opened(page, server.url) for _ in range(OPENINGS)]
            found = {"open_first_s": openings[0], "open_median_s": statistics.median(openings)}
            for section, name in SECTIONS.items():
                delays = sorted(moves(page, server.url, section))
                found[f"{name}_day_median_ms"] = statistics.median(delays)
                found[f"{name}_day_p95_ms"] = delays[int(0.95 * len(delays))]
        finally:
            chromium.close()
            server.stop()
    return found


def opened(page: Page, url: str) -> float:
    """Seconds from the click on "Memory" until line and drawing are there."""
    page.goto(url)
    link = page.get_by_role("link", name="Memory")
    link.wait_for()
    page.wait_for_timeout(2000)
    began = time.perf_counter()
    link.click()
    page.get_by_role("slider", name="Day", exact=True).wait_for()
    page.locator(".unrolled svg").wait_for()
    return time.perf_counter() - began


def moves(page: Page, url: str, section: str) -> list[float]:
    """Milliseconds from an arrow key until the numbers of the next day are painted."""
    page.goto(f"{url}/memory?show={section.replace(' ', '+')}&network=LSTM&day=2020-03-16")
    page.get_by_role("slider", name="Day", exact=True).wait_for()
    page.wait_for_timeout(3000)
    page.evaluate(WATCH)
    delays = []
    for _ in range(MOVES):
        page.evaluate("window.painted.length = 0")
        page.keyboard.press("ArrowRight")
        page.wait_for_function(PAINTED)
        delays.append(page.evaluate("window.painted[0] - window.pressed"))
        page.wait_for_timeout(700)  # it settles, and is drawn once more
    return delays
