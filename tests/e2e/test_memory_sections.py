"""Sections of the screen inside a network that move in the browser itself."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.server import Server


def test_ten_steps_are_played_without_asking_the_server(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/memory?show=Descent&eta=5")
    steps = page.locator(".js-plotly-plot text", has_text="steps: ")
    expect(steps).to_have_text("steps: 1")
    address = page.url
    page.locator(".js-plotly-plot text", has_text="Play ten steps").click(force=True)
    expect(steps).to_have_text("steps: 10")
    assert page.url == address


def test_a_weight_of_one_cell_is_moved_by_keys_and_stands_in_the_address(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/memory?show=Cell+by+hand&cell=RNN&uh=0&step=1&x1=0")
    expect(page.get_by_text("0.000").first).to_be_visible()
    page.get_by_role("slider").nth(3).press("ArrowRight")  # the bias, from 0 to 0.05; then h is tanh 0.05
    expect(page.get_by_text("0.050").first).to_be_visible()
    expect(page).to_have_url(re.compile("bh=0.05"))


def test_a_day_alike_leads_to_that_day_in_the_address(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/memory?show=Days+alike&day=2020-03-16")
    nearest = page.locator(".st-key-alike_1 button")
    words = nearest.inner_text().strip()
    nearest.click()
    expect(page.get_by_text(f"days most like {words}")).to_be_visible()
    expect(page).not_to_have_url(re.compile("day=2020-03-16"))
