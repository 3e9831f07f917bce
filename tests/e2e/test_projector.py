"""For the front of a lecture hall: the projector mode is kept from screen to screen, keys step through a training."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.server import Server

TYPE = "getComputedStyle(document.documentElement).fontSize"


def test_the_projector_mode_stays_on_from_screen_to_screen_and_after_f5(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/warp")
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    assert page.evaluate(TYPE) == "16px"
    page.get_by_text("Projector", exact=True).click()
    expect(page).to_have_url(re.compile("projector=true"))
    page.wait_for_function(f"{TYPE} === '21.6px'")
    page.get_by_role("link", name="Home", exact=True).click()
    expect(page.get_by_role("heading", name="Gridcast", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("projector=true"))
    page.reload()
    page.wait_for_function(f"{TYPE} === '21.6px'")


SECONDS = """[...document.querySelectorAll("p")].map(p => /^after ([\\d.]+) s/.exec(p.textContent)).filter(Boolean)
  .map(found => parseFloat(found[1]))[0]"""  # of the stage that is shown


def test_arrow_keys_step_through_the_stages_of_a_training_and_they_are_played(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/stn?run=1-straighten&learned=true")
    expect(page.get_by_role("heading", name="One photo while the network learned")).to_be_visible()
    expect(page.locator(".st-key-stage_left button").first).to_be_enabled()
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=60_000)  # the network is opened below
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"stage=[\d.]+(\+|%20)s"))
    before = page.url
    page.keyboard.press("ArrowLeft")
    expect(page).not_to_have_url(before)
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(before)
    page.reload()
    seconds = re.search(r"stage=([\d.]+)", before)
    assert seconds
    expect(page.get_by_text(f"after {seconds.group(1)} s")).to_be_visible()
    page.locator(".st-key-stage_play button").first.click()
    page.wait_for_function(f"{SECONDS} < 0.2")  # from the first on
    page.wait_for_function(f"{SECONDS} > 0.35")  # by itself
