"""Figures in a real browser, without a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import plotly.graph_objects as go
import pytest
from playwright.sync_api import Page
from plotly.offline import get_plotlyjs

from core.theme import template
from tests.e2e.conftest import lent
from tests.e2e.server import ROOT

VIEWER = ROOT / "pages" / "parts" / "live"
# The live view as Streamlit mounts it, with a stream that says what the test says.
MOUNT = """async (viewer) => {
  window.EventSource = class { static CLOSED = 2; constructor() { window.stream = this; } close() { this.readyState = 2; } };
  window.gridcastPlotly = Promise.resolve(window.Plotly);
  document.body.innerHTML = '<div id="outer" style="width: 800px"><div class="live"></div></div>';
  const { default: mount } = await import(URL.createObjectURL(new Blob([viewer], { type: "text/javascript" })));
  window.unmount = mount({ parentElement: outer, data: { events: "/api/live", state: "running" }, setTriggerValue() {} });
}"""
DRAWN = """([width, count]) =>
  [...document.querySelectorAll("figure")].filter((one) => one._fullLayout?.width === width).length === count"""
# An observer of sizes is called in the first.
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture
def blank(tab: Page) -> Iterator[Page]:
    """An empty page with Plotly, on which nothing may go wrong."""
    for watched in lent(tab, "about:blank"):
        watched.page.add_script_tag(content=get_plotlyjs())
        yield watched.page


def test_a_figure_that_has_no_room_yet_draws_without_an_error(blank: Page) -> None:
    """While a page is laid out a figure may be a few pixels wide, and no tick label fits."""
    figure = go.Figure(go.Scatter(y=[10_000, 20_000, 30_000]))
    figure.update_layout(template=template("light"), width=12, height=12, xaxis_title="step", yaxis_title="loss")
    drawn = "figure => Plotly.newPlot(document.body, figure.data, figure.layout).then(() => document.body.textContent)"
    assert "loss" in blank.evaluate(drawn, json.loads(figure.to_json()))


def say(page: Page, *columns: list[str]) -> None:
    """A frame of the stream: figures by their names, in columns beside each other."""
    figure = {"kind": "figure", "height": 200, "alt": "loss", "plotly": {"data": [{"y": [3, 2, 1]}], "layout": {}}}
    frame: dict[str, Any] = {
        "head": {"state": "running", "ended": False, "words": "", "share": 0.5, "note": None},
        "blocks": {name: figure for names in columns for name in names},
        "layout": [[{"share": 1, "blocks": names} for names in columns]],
    }
    page.evaluate("frame => window.stream.onmessage({ data: JSON.stringify(frame) })", frame)


def test_live_figures_follow_their_width_only_while_they_are_displayed(blank: Page) -> None:
    blank.evaluate(MOUNT, (VIEWER / "viewer.js").read_text())
    blank.add_style_tag(content=(VIEWER / "viewer.css").read_text())
    say(blank, ["loss", "error"])
    blank.wait_for_function(DRAWN, arg=[800, 2])
    blank.evaluate("outer.style.display = 'none'")  # as in a tab that is not chosen
    blank.evaluate(TWO_FRAMES)
    blank.evaluate("outer.style.display = ''; outer.style.width = '500px'")
    blank.wait_for_function(DRAWN, arg=[500, 2])

    before = blank.evaluate_handle("[...document.querySelectorAll('figure')]")
    say(blank, ["rate"])
    blank.wait_for_function(DRAWN, arg=[500, 1])
    assert before.evaluate("figures => figures.map((one) => one.data ?? null)") == [None, None]  # nothing of them is kept

    last = blank.evaluate_handle("document.querySelector('figure')")
    blank.evaluate("outer.style.width = '400px'")
    blank.evaluate("outer.remove()")  # React removes what is on the page before it calls what cleans up
    blank.evaluate(TWO_FRAMES)
    blank.evaluate("unmount()")
    assert last.evaluate("figure => figure.data ?? null") is None
    blank.evaluate("window.dispatchEvent(new Event('resize'))")
    blank.evaluate(TWO_FRAMES)
