"""Figures of a panel draw every model, in both themes, and nothing that is not in the result."""

from __future__ import annotations

from typing import get_args

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures.table import figure_table
from core.lines import Mode
from core.rnn.panel.day_figures import forecast_chart, gain_chart
from core.rnn.panel.models import panel_model
from core.rnn.panel.overview_figures import committee_chart, label, learning_chart, regime_chart, skill_chart
from core.rnn.panel.result import PanelResult
from core.rnn.panel.ticker_figures import heat_map, ticker_chart, unseen_chart
from core.rnn.panel.views import drawn_together, gains, losses_of, on_tickers, recipes_inside, references, standings
from tests.rnn.panel.panels import shipped_panel


@pytest.fixture(scope="module")
def result() -> PanelResult:
    return shipped_panel()


def names(drawn: go.Figure) -> list[str]:
    """The models of a figure with a row each, the first on top."""
    return list(drawn.layout.yaxis.ticktext)


@pytest.mark.parametrize("mode", get_args(Mode))
def test_every_figure_is_drawn_in_both_themes(result: PanelResult, mode: Mode) -> None:
    summed = gains(result, drawn_together(result, "har"), "har", "qlike")
    for drawn in (
        skill_chart(result, "har", "qlike", mode),
        regime_chart(result, "har", mode),
        committee_chart(result, mode),
        learning_chart(result, "gru-pooled", mode),
        heat_map(result, "har", mode),
        ticker_chart(result, "gru-pooled", "har", mode),
        unseen_chart(result, mode),
        gain_chart(summed, "har", "QLIKE", mode),
        forecast_chart(result, result.symbols[0], ["gru-pooled", "har"], mode),
    ):
        assert len(drawn.data)
        assert drawn.layout.height
        assert drawn.to_json()


def test_a_row_a_model_the_best_on_top_recipes_aside(result: PanelResult) -> None:
    losses, against = losses_of(result), references(result)
    for reference, loss in [*((against[0], loss) for loss in losses), *((reference, losses[0]) for reference in against[1:])]:
        ranked = [model for model in standings(result, reference, loss)["model"] if model not in recipes_inside(result)]
        assert names(skill_chart(result, reference, loss)) == [label(model) for model in ranked]


def test_recurrent_networks_stand_out() -> None:
    assert label("gru-pooled") == "<b>Pooled GRU</b>"
    assert label("har") == "HAR"
    assert "<br>" in label("har-market")


def test_a_model_that_is_far_worse_stands_at_the_edge_with_its_number_beside(result: PanelResult) -> None:
    drawn = skill_chart(result, "har", "qlike")
    [walk] = [trace for trace in drawn.data if "Random walk" in (trace.hovertemplate or "")]
    left, right = drawn.layout.xaxis.range
    assert walk.marker.symbol == "triangle-left"
    assert left < walk.x[0] < right
    [skill] = standings(result, "har", "qlike").query("model == 'random-walk'")["skill"]
    assert any(f"{100 * abs(skill):.2f} %" in note.text for note in drawn.layout.annotations)


def test_the_tables_have_the_skill_that_is_drawn_at_the_edge(result: PanelResult) -> None:
    stand = standings(result, "har", "qlike").set_index("model")
    table = figure_table(skill_chart(result, "har", "qlike")).set_index("trace")
    columns = {"x": "skill", "x_low": "low", "x_high": "high"}
    assert np.allclose(table.loc["Random walk", list(columns)].astype(float), 100 * stand.loc["random-walk", columns.values()])
    cells = figure_table(heat_map(result, "har"))
    assert np.isclose(cells["z"].min(), 100 * on_tickers(result, "har")["skill"].min())


def test_the_map_has_every_ticker_and_marks_what_holds_after_control(result: PanelResult) -> None:
    [cells] = heat_map(result, "har").data
    assert sorted(cells.x) == sorted(result.symbols)
    table = result.tickers.query("reference == 'har'")
    shown = table[~table["model"].isin(recipes_inside(result))]
    assert int((np.array(cells.text) == "●").sum()) == int(shown["beats"].sum())


def test_forecasts_of_a_ticker_are_drawn_in_percent(result: PanelResult) -> None:
    actual, network, _ = forecast_chart(result, result.symbols[1], ["gru-pooled", "har"]).data
    assert np.allclose(network.y, 100 * result.points["gru-pooled"][result.test, 1])
    assert np.allclose(actual.y, 100 * result.actual[result.test, 1])
    assert network.name == panel_model("gru-pooled").title
