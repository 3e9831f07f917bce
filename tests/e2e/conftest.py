from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e import browser as chromium
from tests.e2e.server import Server

expect.set_options(timeout=20_000)  # how long a busy machine may take; what must be quick says its own limit
KEY = "the lecturer's key of these tests"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.filterwarnings("ignore"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    if path is None and os.environ.get("CI") != "true":
        pytest.skip("no Chromium here; `make browser` installs one")
    assert path, "CI needs a Chromium: `make browser` installs one"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield started
        started.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("lab") / "home", {"GRIDCAST_KEY": KEY})
    running.start()
    yield running
    running.stop()


@dataclass
class Watched:
    """A page, and everything that went wrong on it."""

    page: Page
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def watch(self, host: str) -> None:
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda asked: None if _ours(asked.url, host) else self.foreign.append(asked.url))


def _ours(url: str, host: str) -> bool:
    return url.startswith((host, host.replace("http", "ws", 1), "data:", "blob:"))


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Of all tests that need no other: what a browser has loaded and compiled once it need not load again."""
    shared = browser.new_context(viewport={"width": 1280, "height": 900})
    shared.set_default_timeout(30_000)
    yield shared
    shared.close()


@pytest.fixture
def watched(context: BrowserContext, server: Server) -> Iterator[Watched]:
    """A page of somebody whom the lab does not know."""
    watched = Watched(context.new_page())
    watched.watch(server.url)
    yield watched
    if watched.page.url.startswith(server.url):
        watched.page.evaluate("localStorage.clear(); sessionStorage.clear()")
    context.clear_cookies()
    watched.page.close()
    assert watched.errors == []
    assert watched.foreign == []


@pytest.fixture
def page(watched: Watched) -> Page:
    return watched.page
