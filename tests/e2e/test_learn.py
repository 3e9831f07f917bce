"""A task done in a real browser: with the dials, seen at once, and noted where the visitor finds it again."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.server import Server


def test_a_task_is_done_by_the_dials_and_is_done_after_f5_on_learn(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/learn")
    expect(page.get_by_text(re.compile(r"0 of \d+ done"))).to_be_visible()
    page.get_by_role("link", name="Open", exact=True).first.click()
    banner = page.locator(".st-key-task")
    expect(banner).to_contain_text("A grid warps an image")
    expect(page.get_by_role("button", name="Identity")).to_have_count(0)  # taken away by the link
    for dial in ("Rotation", "Shift x", "Shift y"):
        page.get_by_role("slider", name=dial).fill("0")
    expect(banner).to_contain_text("Done")
    told = page.get_by_test_id("stToast")
    expect(told).to_contain_text("A grid warps an image")
    below, links = told.bounding_box(), banner.bounding_box()
    assert below
    assert links
    assert below["y"] > links["y"] + links["height"]  # it covers no way on
    page.reload()
    expect(banner).to_contain_text("Done")
    banner.get_by_role("link", name="All tasks").click()
    expect(page.get_by_text(re.compile(r"1 of \d+ done"))).to_be_visible()
    page.reload()
    expect(page.get_by_text(re.compile(r"1 of \d+ done"))).to_be_visible()
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_text(re.compile(r"0 of \d+ done"))).to_be_visible()
