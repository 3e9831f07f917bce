"""A reader of a run's report who has no network."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect


def read_offline(page: Page, report: Path) -> None:
    """A report from disk, without a network: all figures are drawn and answer to hover, nothing is said on the console, and no
    table is wider than a printed page."""
    assert page.context.browser
    context = page.context.browser.new_context(offline=True, viewport={"width": 390, "height": 800})
    said: list[str] = []
    reader = context.new_page()
    reader.on("console", lambda message: said.append(message.text))
    reader.on("pageerror", lambda error: said.append(str(error)))
    reader.goto(report.as_uri())
    expect(reader.locator("body[data-drawn]")).to_be_attached()
    plots = reader.locator("figure.plot")
    expect(plots.locator(".main-svg").first).to_be_visible()
    assert plots.count() == reader.locator(".js-plotly-plot").count() > 5
    reader.locator(".scatterlayer .point").first.hover(force=True)
    expect(reader.locator(".hoverlayer .hovertext").first).to_be_visible()
    with reader.expect_download() as svg:
        plots.first.get_by_role("button", name="SVG").click()
    assert b"<svg" in svg.value.path().read_bytes()
    assert reader.evaluate("document.documentElement.scrollWidth") <= 390
    reader.set_viewport_size({"width": 680, "height": 1000})  # A4 without its margins
    reader.emulate_media(media="print")
    ends = reader.locator("table:visible").evaluate_all("all => all.map((one) => one.getBoundingClientRect().right)")
    assert max(ends) <= 681
    assert said == []
    context.close()
