"""Sections of the screen inside a network that move in the browser itself."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.server import Server


def test_ten_steps_are_played_without_asking_the_server(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/memory?show=Descent&eta=5")
    expect(page.get_by_text("steps: 1", exact=True)).to_be_visible()
    address = page.url
    page.get_by_text("Play ten steps", exact=True).click(force=True)
    expect(page.get_by_text("steps: 10", exact=True)).to_be_visible()
    assert page.url == address


def test_a_weight_of_one_cell_is_moved_by_keys_and_stands_in_the_address(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/memory?show=Cell+by+hand&cell=RNN&uh=0&step=1&x1=0")
    expect(page.get_by_text("0.000").first).to_be_visible()
    page.get_by_role("slider").nth(2).press("ArrowRight")  # the bias, from 0 to 0.05; then h is tanh 0.05
    expect(page.get_by_text("0.050").first).to_be_visible()
    expect(page).to_have_url(lambda url: "bh=0.05" in url)


def test_a_day_alike_leads_to_that_day(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/memory?show=Days+alike&day=2020-03-16")
    link = page.get_by_test_id("stPageLink").first
    words = link.inner_text()
    link.click()
    expect(page.get_by_text(f"days most like {words.strip()}")).to_be_visible()
