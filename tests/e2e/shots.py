"""`make shots`: every screen, and a finished run of every kind that is shipped, as pictures in shots/: light and dark, as wide
as a projector, a desk, a tablet and a phone. Says what is cut, what lies on something else, and what is too wide."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from core.runs.bundle import EXAMPLES
from tests.e2e import browser as chromium
from tests.e2e.looks import cut, overlapping, too_wide
from tests.e2e.server import ROOT, Server
from tests.e2e.test_screens import SCREENS

WIDTHS = {1920: 1080, 1280: 720, 768: 1024, 390: 844}  # px of a window: its height
MOST = 6000  # px: of a longer page the rest is left out
REST = "!document.querySelector('[data-testid=stStatusWidget], [data-testid=stSkeleton], [data-stale=true]')"


def addresses() -> dict[str, str]:
    """Name of the picture -> address, without the host."""
    screens = {re.sub(r"\W+", "-", path).strip("-") or "home": path for path in [*SCREENS, "/status"]}
    return screens | {f"run-{name}": f"/run?id={name}" for name in sorted(path.stem for path in EXAMPLES.glob("*.gridcast"))}


def taken(page: Page, url: str, folder: Path) -> Iterator[str]:
    """Take every picture; yield a line for each thing that is wrong."""
    for name, address in addresses().items():
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            for width, height in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": height})
                page.goto(url + address)
                page.wait_for_selector("h1")
                page.wait_for_function(REST, polling=200)
                wrong = [*too_wide(page), *cut(page), *overlapping(page)]
                whole = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
                page.set_viewport_size({"width": width, "height": max(height, min(whole, MOST))})
                page.wait_for_timeout(500)  # figures take the new size
                page.screenshot(path=folder / f"{name}-{width}-{theme}.png")
                yield from (f"{name}, {width} px, {theme}: {words}" for words in wrong)


def main(only: str = "") -> int:
    """Take the pictures whose name contains this; the exit status says whether anything was wrong."""
    path = chromium.find()
    if path is None:
        print("No Chromium here; `make browser` installs one.", file=sys.stderr)
        return 2
    (folder := ROOT / "shots").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        server = Server(Path(home) / "home")
        server.start()
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        try:
            page = started.new_context(reduced_motion="reduce").new_page()
            wrong = 0
            for wrong, line in enumerate(taken(page, server.url, folder), 1):  # noqa: B007
                print(line, flush=True)
            return int(wrong > 0)
        finally:
            started.close()
            server.stop()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
