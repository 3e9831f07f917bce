from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures.text import bold, quoted, quoted_figure, quoted_text
from core.rnn.panel.overview_figures import label

LINK = '<a href="http://evil.example">AAPL</a>'


@pytest.mark.parametrize(
    "text", [LINK, "<b>AAPL</b>", "<i>x", "</b>", "<B>x", "< b>x", "<sub>1</sub>", "<span style=''>x", "a<b"]
)
def test_a_tag_of_a_stranger_is_shown_letter_by_letter(text: str) -> None:
    assert quoted_text(text).replace("&lt;", "<") == text
    assert "<" not in quoted_text(text)


def test_an_entity_is_shown_letter_by_letter() -> None:
    assert quoted_text("&lt;b&gt; AT&T S&P 500 &#60;") == "&amp;lt;b&amp;gt; AT&T S&P 500 &amp;#60;"


def test_lines_hover_boxes_and_the_labs_own_bold_stay() -> None:
    for text in (
        "two<br>lines",
        "%{y:.1f}<extra></extra>",
        "<extra>name</extra>",
        bold("our own"),
        label("gru-pooled"),
        "plain",
    ):
        assert quoted_text(text) == text


def test_every_text_of_a_figure_is_quoted_and_nothing_else_changes() -> None:
    drawn = go.Figure(
        go.Bar(
            x=[1.5, 2.5], y=np.array([LINK, "b"], dtype=object), name=LINK, text=[LINK, ""],
            customdata=np.array([[LINK], ["c"]]),
            hovertemplate=f"{LINK}: %{{x}}<extra></extra>",
        )
    )  # fmt: skip
    drawn.update_layout(
        title=LINK, xaxis={"title": LINK, "tickvals": [1], "ticktext": [LINK]}, legend={"title": {"text": LINK}}
    )
    drawn.add_annotation(text=LINK, x=0, y=0)
    plain = quoted_figure(drawn).to_plotly_json()
    said = str([plain["data"][0][name] for name in ("y", "name", "text", "customdata", "hovertemplate")] + [plain["layout"]])
    assert "<a" not in said
    assert said.count("&lt;a href") >= 9
    assert list(plain["data"][0]["x"]) == [1.5, 2.5]
    assert LINK in str(drawn.to_plotly_json())  # the one that others share is as it was


def test_a_figure_without_strangers_is_itself() -> None:
    drawn = go.Figure(go.Scatter(x=np.arange(5), y=np.arange(5.0), name="GRU"))
    assert quoted_figure(drawn) is drawn
    values = {"data": [{"x": np.arange(5), "name": "GRU"}], "layout": {"template": {"layout": {}}}}
    assert quoted(values) is values
