from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.e2e import browser as chromium
from tests.e2e.server import Server

expect.set_options(timeout=20_000)  # how long a busy machine may take; what must be quick says its own limit
DESK: ViewportSize = {"width": 1280, "height": 900}
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

    def watch(self, host: str) -> Callable[[], None]:
        """Note errors, and requests to other hosts than this one; what is returned ends that."""
        noted: dict[Any, Callable[[Any], None]] = {
            "console": lambda message: self.errors.append(message.text) if message.type == "error" else None,
            "pageerror": lambda error: self.errors.append(str(error)),
            "request": lambda asked: None if _ours(asked.url, host) else self.foreign.append(asked.url),
        }
        for event, note in noted.items():
            self.page.on(event, note)
        return lambda: [self.page.remove_listener(event, note) for event, note in noted.items()] and None


def _ours(url: str, host: str) -> bool:
    return url.startswith((host, host.replace("http", "ws", 1), "data:", "blob:"))


def a_tab(browser: Browser) -> Page:
    """In a browser context of its own."""
    context = browser.new_context(
        viewport=DESK, reduced_motion="reduce", permissions=["clipboard-read", "clipboard-write"], color_scheme="light"
    )
    context.set_default_timeout(30_000)
    return context.new_page()


@pytest.fixture(scope="session")
def tab(browser: Browser) -> Page:
    """Of all tests: a screen costs 1.3 s of the processor in a tab that has compiled what it needs, 2.6 in a new one and 3.2
    in a new context."""
    return a_tab(browser)


@pytest.fixture(scope="session")
def other_tab(browser: Browser) -> Page:
    """The same for tests with a second visitor."""
    return a_tab(browser)


def forgotten(page: Page) -> Page:
    """The tab, as somebody would find it whom the lab does not know."""
    page.mouse.up()
    if page.url.startswith("http"):
        page.evaluate("localStorage.clear(); sessionStorage.clear()")
    page.goto("about:blank")
    page.context.clear_cookies()
    return page


def lent(tab: Page, host: str) -> Iterator[Watched]:
    """A tab for one test; no error may be logged in it, and no other host asked."""
    watched = Watched(tab)
    unwatch = watched.watch(host)
    yield watched
    unwatch()
    forgotten(tab)
    tab.set_viewport_size(DESK)
    tab.emulate_media(color_scheme="light")
    assert watched.errors == []
    assert watched.foreign == []


@pytest.fixture
def watched(tab: Page, server: Server) -> Iterator[Watched]:
    yield from lent(tab, server.url)


@pytest.fixture
def page(watched: Watched) -> Page:
    return watched.page


@pytest.fixture
def other(other_tab: Page, server: Server) -> Iterator[Page]:
    """The tab of a second visitor."""
    for watched in lent(other_tab, server.url):
        yield watched.page
