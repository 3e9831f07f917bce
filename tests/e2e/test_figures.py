"""Figures in a real browser, without a page around them."""

from __future__ import annotations

from pathlib import Path

import plotly.graph_objects as go
from playwright.sync_api import Browser

from core.theme import template


def test_a_figure_that_has_no_room_yet_draws_without_an_error(browser: Browser, tmp_path: Path) -> None:
    """While a page is laid out a figure may be a few pixels wide, and no tick label fits."""
    figure = go.Figure(go.Scatter(y=[10_000, 20_000, 30_000]))
    figure.update_layout(template=template("light"), width=12, height=12, xaxis_title="step", yaxis_title="loss")
    figure.write_html(tmp_path / "figure.html")
    page, errors = browser.new_page(), list[str]()
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto((tmp_path / "figure.html").as_uri())
    page.get_by_text("loss").wait_for(state="attached")
    page.close()
    assert errors == []
