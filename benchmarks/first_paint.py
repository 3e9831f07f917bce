"""Each screen opened by its address in a real Chromium on a server that is up: seconds to its title on the screen, and to the
whole of it; and a server started again on the same lab folder, to its first page."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from tests.e2e import browser
from tests.e2e.conftest import QUIET
from tests.e2e.server import Server
from tests.e2e.test_screens import SCREENS

ROUNDS, RESTARTS = 10, 3
WARM = 30.0  # seconds that the server has been up: its engine has started, torch is loaded
PAINTED = """() => new Promise((done) => {
  const title = () => {
    if (!document.querySelector("h1")?.getClientRects().length) return requestAnimationFrame(title);
    const after = new MessageChannel();  // heard when the frame has been painted
    after.port1.onmessage = () => done(performance.now());
    requestAnimationFrame(() => after.port2.postMessage(null));
  };
  title();
})"""
WHOLE = "!document.querySelector('[data-testid=stStatusWidget], [data-testid=stSkeleton], [data-stale=true]')"


def measure() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "home")
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=QUIET)
        server.start()
        try:
            page = chromium.new_page(viewport={"width": 1280, "height": 720})
            page.goto(server.url)
            time.sleep(WARM)
            figures = _screens(page, server.url)
            restarts = [_restarted(page, server) for _ in range(RESTARTS)]
            return figures | {"restart to the first page, s": float(np.median(restarts))}
        finally:
            server.stop()
            chromium.close()


def _screens(page: Page, url: str) -> dict[str, float]:
    """p95 of each screen and of all openings."""
    titles: dict[str, list[float]] = {path: [] for path in SCREENS}
    wholes: dict[str, list[float]] = {path: [] for path in SCREENS}
    for turn in range(ROUNDS + 1):
        for path in SCREENS:
            page.goto(url + path, wait_until="commit")
            title = page.evaluate(PAINTED) / 1e3
            page.wait_for_function(WHOLE, polling=20)
            whole = page.evaluate("performance.now()") / 1e3
            if turn:  # the first is that of a server that has not drawn this screen yet
                titles[path].append(title)
                wholes[path].append(whole)
    every = {"all screens": [one for some in titles.values() for one in some]}
    return {
        **{f"{path}, title, p95 s": float(np.percentile(some, 95)) for path, some in (every | titles).items()},
        **{f"{path}, whole, median s": float(np.median(some)) for path, some in wholes.items()},
    }


def _restarted(page: Page, server: Server) -> float:
    """From the command to the title of the first page."""
    server.stop()
    page.goto("about:blank")
    began = time.perf_counter()
    server.start()
    page.goto(server.url, wait_until="commit")
    page.evaluate(PAINTED)
    return time.perf_counter() - began
