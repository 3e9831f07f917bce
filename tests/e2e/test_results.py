"""Finished results: under a finger on a phone, by keys on a desk, on a wide screen, and after the browser's Back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import CDPSession, Locator, Page, ViewportSize, expect

from tests.e2e.conftest import DESK
from tests.e2e.looks import covering, long, share
from tests.e2e.pointer import middle_of
from tests.e2e.server import Server
from tests.e2e.test_screens import TOOLBAR

PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture
def hand(page: Page) -> Iterator[CDPSession]:
    """On a phone: what touches the page, which no mouse hovers over."""
    page.set_viewport_size(PHONE)
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    yield session
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
    session.detach()


def tap(hand: CDPSession, shown: Locator) -> None:
    middle = dict(zip("xy", middle_of(shown), strict=True))
    hand.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [middle]})
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def figures(page: Page) -> Locator:
    return page.locator(".js-plotly-plot")


def term(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=name, exact=True).first


def expect_meaning(of: Locator) -> None:
    """Beside the term, within the window, and closed by a key."""
    meaning = of.page.get_by_role("note")
    expect(meaning).to_have_text(re.compile(rf"^{of.inner_text()}: \w+ \w+"))
    expect(meaning).to_be_in_viewport(ratio=1)
    there, here = meaning.bounding_box(), of.bounding_box()
    assert there
    assert here
    assert min(abs(there["y"] - here["y"] - here["height"]), abs(here["y"] - there["y"] - there["height"])) < 12
    of.page.keyboard.press("Escape")
    expect(meaning).to_have_count(0)
    expect(of).to_be_focused()


def tops(found: Locator) -> list[float]:
    """Of what has been drawn."""
    return [box["y"] for one in found.all() if (box := one.bounding_box())]


def width(shown: Locator) -> float:
    box = shown.bounding_box()
    assert box
    return box["width"]


def by_the_menu_and_back(page: Page) -> None:
    page.get_by_role("link", name="Warp", exact=True).first.click()
    expect(page.get_by_role("heading", name="Warp", exact=True)).to_be_visible()
    page.go_back()


def test_by_a_finger_terms_open_no_toolbar_lies_over_a_figure_and_pictures_stand_above_those(
    page: Page, hand: CDPSession, server: Server
) -> None:
    page.goto(f"{server.url}/stn?run=1-straighten&learned=true")
    expect(figures(page)).to_have_count(6)
    pictures = page.get_by_test_id("stMain").get_by_role("img", name=re.compile("photo|chelsea"))
    assert max(tops(pictures)) < min(tops(figures(page)))
    tap(hand, term(page, "trials"))
    expect_meaning(term(page, "trials"))
    expect(page.locator(TOOLBAR)).to_have_count(0)
    page.set_viewport_size({"width": 820, "height": 1180})
    expect(page.locator(TOOLBAR)).to_have_count(0)


def test_what_transformers_make_of_digits_stands_above_the_chart_of_a_phone(page: Page, server: Server) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{server.url}/stn?run=3-classify")
    expect(figures(page)).to_have_count(1)
    pictures = page.get_by_test_id("stMain").get_by_role("img", name=re.compile("^Examples of|^Mean image"))
    expect(pictures).to_have_count(20)
    assert max(tops(pictures)) < min(tops(figures(page)))
    assert share(pictures.first) > 0.45


def test_a_straightened_photo_is_large_terms_open_by_a_key_and_back_returns_to_the_same(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/stn?run=1-straighten")
    headline = page.get_by_role("heading", name=re.compile("median angle error"))
    expect(headline).to_be_visible()
    assert share(page.locator(".both").first) > 0.45
    term(page, "seed").press("Enter")
    expect_meaning(term(page, "seed"))
    second = page.get_by_role("radio", name="2", exact=True)
    second.click()
    expect(page).to_have_url(re.compile("example="))
    by_the_menu_and_back(page)
    expect(headline).to_be_visible()
    expect(second).to_be_checked()


def test_forecasts_grow_with_the_screen_words_do_not_and_back_returns_to_the_same(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/rnn?run=2-compare&show=Forecasts")
    expect(page.locator(".legend")).to_have_count(2)
    assert covering(page) == []
    term(page, "QLIKE").press("Enter")
    expect_meaning(term(page, "QLIKE"))
    before = width(figures(page).first)
    page.set_viewport_size({"width": 1920, "height": 1080})
    assert width(figures(page).first) > 1.5 * before
    assert long(page) == []
    page.set_viewport_size(PHONE)
    assert covering(page) == []
    term(page, "LSTM").click()
    expect_meaning(term(page, "LSTM"))
    page.set_viewport_size(DESK)
    headline = page.get_by_role("heading", level=4).first
    said = headline.inner_text()
    by_the_menu_and_back(page)
    expect(headline).to_have_text(said)
    expect(page.get_by_role("radio", name="Forecasts")).to_be_checked()
