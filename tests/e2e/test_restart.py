"""kill -9 of the server in the middle of a run: after a restart the run is there, and can be run again."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.e2e.server import Server


def test_a_killed_server_finds_its_run_again(browser: Browser, tmp_path: Path) -> None:
    server = Server(tmp_path / "home")
    server.start()
    try:
        page = browser.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{server.url}/stn?preset=1+min")
        page.get_by_role("button", name="Train").click()
        expect(page.get_by_alt_text(re.compile("straightens it now"))).to_be_visible(timeout=60_000)
        address = page.url
        server.kill()
        server.start()
        page.goto(address)
        expect(page.get_by_text("The lab was stopped while this ran.")).to_be_visible()
        page.get_by_role("button", name="Run it again").click()
        expect(page.get_by_alt_text(re.compile("straightens it now"))).to_be_visible(timeout=60_000)
        page.get_by_role("button", name="Cancel").click()
        page.close()
    finally:
        server.stop()
