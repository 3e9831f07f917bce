"""The projector mode in a real browser: kept from screen to screen, and nothing cut."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from pages.parts.navigation import ROWS
from tests.e2e.server import Server

TYPE = "getComputedStyle(document.documentElement).fontSize"
CUT = """() => {
  const cut = [];
  for (const label of document.querySelectorAll("button p, label p, h1, h2, h3, [data-testid=stCaptionContainer] p")) {
    const box = label.getBoundingClientRect();
    if (label.closest("details:not([open])")) continue;  // nobody sees it; it is laid out when it unfolds
    if (box.width && label.scrollWidth > label.clientWidth + 1 && getComputedStyle(label).overflowX !== "visible")
      cut.push(label.textContent);
  }
  for (const words of document.querySelectorAll(".js-plotly-plot .main-svg text")) {
    const box = words.getBoundingClientRect(), plot = words.closest(".js-plotly-plot").getBoundingClientRect();
    if (box.width > 1 && (box.left < plot.left - 2 || box.right > plot.right + 2)) cut.push(words.textContent);
  }
  return cut;
}"""


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


def cut_at_rest(page: Page) -> list[str]:
    """What is cut once type and sidebar have their widths."""
    words: list[str] = page.evaluate(CUT)
    for _ in range(10):
        if not words:
            break
        page.wait_for_timeout(300)
        words = page.evaluate(CUT)
    return words


def test_nothing_is_cut_in_the_projector_mode(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    cut: dict[str, list[str]] = {}
    for row in ROWS:
        if row.hidden:
            continue
        page.goto(f"{server.url}{row.address}?projector=true")
        expect(page.get_by_role("heading", name=row.shown_as, exact=True)).to_be_visible()
        expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 1280, row.title
        cut[row.title] = cut_at_rest(page)
    assert {title: words for title, words in cut.items() if words} == {}


def test_arrow_keys_step_through_the_stages_of_a_training(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/stn?run=1-straighten")
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
