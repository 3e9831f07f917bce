"""A training as those see it who watch it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.theme import PALETTES
from tests.e2e.conftest import DESK, lent
from tests.e2e.looks import share
from tests.e2e.server import Server

LOSS = ".live figure[aria-label='Training loss so far']"
PATIENCE = 120_000  # ms
STREAMS = """window.streams = []; const Plain = window.EventSource;
window.EventSource = class extends Plain { constructor(...all) { super(...all); window.streams.push(this); } };"""

SILENT = "window.EventSource = class { static CLOSED = 2; readyState = 0; close() { this.readyState = 2; } };"


def points_of_the_loss(page: Page) -> int:
    drawn = "place => place.data ? place.data.reduce((sum, trace) => sum + trace.y.length, 0) : 0"
    return int(page.locator(LOSS).evaluate(drawn))


def wait(page: Page, until: str, arg: object = None) -> None:
    page.wait_for_function(until, arg=arg, polling=250, timeout=PATIENCE)


def wait_for_points(page: Page, more_than: int) -> int:
    points = "(document.querySelector(loss)?.data ?? []).reduce((sum, trace) => sum + trace.y.length, 0)"
    wait(page, f"([loss, least]) => {points} > least", [LOSS, more_than])
    return points_of_the_loss(page)


def looks_of(page: Page) -> dict[str, Any]:
    """The colour of a figure's words, the width of what is shown, and whether the photo has been drawn."""
    return dict(
        page.evaluate(
            "loss => ({ ink: document.querySelector(loss).layout.font.color, wide: document.documentElement.scrollWidth,"
            " photo: document.querySelector('.live img').naturalWidth > 0 })",
            LOSS,
        )
    )


@pytest.fixture(scope="module")
def noting_tab(tab: Page) -> Iterator[Page]:
    page = tab.context.new_page()
    page.add_init_script(STREAMS)
    yield page
    page.close()


@pytest.fixture
def listening(noting_tab: Page, server: Server) -> Iterator[Page]:
    """A page that knows the event streams which it has opened."""
    for watched in lent(noting_tab, server.url):
        yield watched.page


@pytest.fixture
def phone(other: Page) -> Page:
    """Of a second visitor, in the dark."""
    other.set_viewport_size({"width": 390, "height": 844})
    other.emulate_media(color_scheme="dark")
    return other


def test_a_training_moves_on_every_screen_until_it_has_a_result(listening: Page, phone: Page, server: Server) -> None:
    page = listening
    page.goto(f"{server.url}/stn?preset=5+min")
    page.get_by_role("button", name="Train").first.click()
    first = wait_for_points(page, 0)
    before = page.locator(".live img").get_attribute("src")
    second = wait_for_points(page, first)
    wait(page, "src => document.querySelector('.live img').src !== src", before)
    assert share(page.locator(".live img")) > 0.45

    page.reload()
    wait_for_points(page, second)
    assert looks_of(page)["ink"] == PALETTES["light"].ink

    phone.goto(page.url)
    wait_for_points(phone, second)
    wait(phone, "document.querySelector('.live img')?.naturalWidth > 0")
    assert looks_of(phone) == {"ink": PALETTES["dark"].ink, "wide": 390, "photo": True}
    photo, loss = phone.locator(".live img").bounding_box(), phone.locator(LOSS).bounding_box()
    assert photo
    assert loss
    assert photo["y"] + photo["height"] < loss["y"]

    page.get_by_role("button", name="Stop here").click()
    expect(page.get_by_role("button", name="Stop here")).to_have_count(0)
    for one in (page, phone):
        expect(one.get_by_text("· trained").first).to_be_visible(timeout=PATIENCE)
        expect(one.locator(".live")).to_have_count(0)
    assert page.evaluate("streams.every(one => one.readyState === EventSource.CLOSED)")


def test_who_leaves_the_page_listens_no_more_without_a_stream_it_asks_and_who_cancels_has_it_end(
    listening: Page, server: Server
) -> None:
    page = listening
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server.url}/stn?preset=5+min&angle=50")
    form = page.get_by_test_id("stSidebar")
    expect(page.get_by_role("button", name="Settings")).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Settings").click()
    expect(form).to_have_attribute("data-collapsed", "false")
    page.get_by_role("button", name="Train").first.click()
    expect(form).to_have_attribute("data-collapsed", "true")
    page.set_viewport_size(DESK)
    expect(page.locator(".live-words")).not_to_be_empty(timeout=PATIENCE)
    address = page.url
    held_back = page.context.new_page()  # as by a proxy that waits for the end of an answer
    held_back.add_init_script(SILENT)
    held_back.goto(address)
    expect(held_back.locator(".live-words")).to_contain_text("training", timeout=PATIENCE)
    wait_for_points(held_back, wait_for_points(held_back, 0))
    held_back.close()
    page.get_by_role("link", name="Learn", exact=True).first.click()
    wait(page, "streams.length && streams.every(one => one.readyState === EventSource.CLOSED)")
    page.goto(address)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("This run was cancelled. It left no model behind.")).to_be_visible(timeout=3_000)
    run = re.search(r"run=(\w+)", address)
    assert run
    page.goto(f"{server.url}/run?id={run.group(1)}")
    expect(page.get_by_text("This run was cancelled")).to_be_visible()
    page.get_by_role("link", name="Runs", exact=True).first.click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
