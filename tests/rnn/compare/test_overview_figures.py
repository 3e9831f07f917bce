from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from core.figures.table import figure_table
from core.rnn.compare.overview_figures import drawn_metrics, loss_curves, metric_chart, price_chart, skill_chart
from core.rnn.compare.result import CompareResult
from core.rnn.evaluation.metric import Metric
from core.rnn.evaluation.metrics import METRICS
from core.rnn.models import LINES, capitalised_title
from core.rnn.prices.prices import ADJUSTED, INDEX_LEVEL
from core.rnn.words import say_percent
from core.theme import PALETTES, Mode
from tests.rnn.compare.results import made_result


@pytest.fixture(scope="module")
def on_returns() -> CompareResult:
    return made_result("return")


@pytest.fixture(scope="module")
def on_sizes() -> CompareResult:
    return made_result("volatility")


def test_prices_stand_over_named_periods(on_returns: CompareResult) -> None:
    drawn = price_chart(on_returns.days, on_returns.close, on_returns.splits)
    assert list(drawn.data[0].y) == on_returns.close.tolist()
    assert [note.text for note in drawn.layout.annotations] == ["training", "validation", "test"]
    bands = [(band.x0, band.x1) for band in drawn.layout.shapes]
    assert bands == [(span.first.isoformat(), span.last.isoformat()) for span in on_returns.splits.spans]


def test_prices_are_drawn_before_the_periods_are_known(on_returns: CompareResult) -> None:
    drawn = price_chart(on_returns.days, on_returns.close, None)
    assert len(drawn.data) == 1
    assert not drawn.layout.shapes


@pytest.mark.parametrize(
    ("basis", "title"), [(ADJUSTED, "adjusted close"), (INDEX_LEVEL, "index level"), ("closes as in column 'Close'", "close")]
)
def test_the_price_axis_says_what_the_prices_are(on_returns: CompareResult, basis: str, title: str) -> None:
    drawn = price_chart(on_returns.days, on_returns.close, on_returns.splits, "dark", basis=basis, currency="USD")
    assert drawn.layout.yaxis.title.text == f"{title}, USD, log scale"


def test_the_price_axis_claims_no_adjustment_that_nobody_told(on_returns: CompareResult) -> None:
    assert on_returns.provenance.basis == "close"
    assert price_chart(on_returns.days, on_returns.close, None).layout.yaxis.title.text == "close, log scale"


@pytest.mark.parametrize("reach", [(3.0, 400.0), (101.0, 102.0), (0.0004, 0.0007), (1.0, 1.0)])
def test_price_ticks_are_round_numbers_within_reach(reach: tuple[float, float]) -> None:
    days = np.arange("2020-01-01", "2020-01-03", dtype="datetime64[D]")
    ticks = price_chart(days, np.array(reach), None).layout.yaxis.tickvals
    assert len(ticks) >= 2 or reach[0] == reach[1]
    assert all(0.99 * reach[0] <= tick <= 1.01 * reach[1] for tick in ticks)


def test_every_seed_has_a_training_and_a_validation_curve(on_returns: CompareResult) -> None:
    drawn = loss_curves(on_returns)
    assert len(drawn.data) == 2 * 2 * 3
    assert [list(trace.y) for trace in drawn.data if trace.yaxis == "y2"] == [[1.2, 1.1, 1.15]] * 6
    assert {note.text for note in drawn.layout.annotations} == {"Bidirectional RNN", "GRU"}


def test_names_beside_equal_curves_do_not_overlap(on_returns: CompareResult) -> None:
    first, second = (note.yshift for note in loss_curves(on_returns).layout.annotations)
    assert abs(first - second) >= 15


def test_a_comparison_without_networks_has_empty_loss_curves(on_returns: CompareResult) -> None:
    without = on_returns.model_copy(update={"curves": on_returns.curves.iloc[:0]})
    assert not loss_curves(without).data


def test_skill_is_drawn_in_percent_with_the_reach_of_the_seeds(on_returns: CompareResult) -> None:
    drawn, ranking = skill_chart(on_returns), on_returns.ranking.set_index("model")
    names = list(drawn.layout.yaxis.ticktext)
    assert names[np.argmax(drawn.layout.yaxis.tickvals)] == LINES[ranking.index[0]].name
    assert "random walk" not in names
    marks, place = drawn.data[0], names.index("GRU")
    assert marks.x[place] == pytest.approx(100 * ranking.loc["gru", "skill"])
    worst = 100 * ranking.loc["gru", "skill_low"]
    assert marks.x[place] - marks.error_x.arrayminus[place] == pytest.approx(worst)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_skill_below_zero_is_red_and_the_zero_line_is_the_random_walk(on_returns: CompareResult, mode: Mode) -> None:
    drawn = skill_chart(on_returns, mode)
    colours = dict(zip(drawn.layout.yaxis.ticktext, drawn.data[0].marker.color, strict=True))
    assert colours["Drift"] == PALETTES[mode].fail
    assert colours["GRU"] == LINES["gru"].colour(mode)
    assert drawn.layout.shapes[0].x0 == 0
    assert "random walk" in [note.text for note in drawn.layout.annotations]


def test_a_model_far_below_the_others_stands_at_the_edge_with_its_number(on_returns: CompareResult) -> None:
    drawn, ranking = skill_chart(on_returns), on_returns.ranking.set_index("model")
    assert ranking.loc["drift", "skill"] < -30
    assert drawn.data[0].x[-1] > -100 * 10
    assert [note.text for note in drawn.layout.annotations].count("◂") == 1
    assert say_percent(ranking.loc["drift", "skill"]) in [note.text for note in drawn.layout.annotations]


def test_the_table_of_the_ranking_has_every_model_by_name_with_its_skill(on_returns: CompareResult) -> None:
    table = figure_table(skill_chart(on_returns)).set_index("trace")
    ranking = on_returns.ranking.assign(name=on_returns.ranking["model"].map(capitalised_title)).set_index("name")
    assert set(table.index) == set(ranking.index) - {capitalised_title(on_returns.losses.reference)}
    assert np.allclose(table["x"], 100 * ranking.loc[table.index, "skill"])


@pytest.mark.parametrize("draw", [loss_curves, skill_chart])
def test_figures_are_drawn_again_from_stored_bytes(on_sizes: CompareResult, draw) -> None:
    again = CompareResult.from_bytes(on_sizes.to_bytes())
    assert draw(again, "dark").to_json() == draw(on_sizes, "dark").to_json()


@pytest.mark.parametrize("draw", [loss_curves, skill_chart])
def test_the_same_figure_has_the_same_height_on_every_rerun(on_returns: CompareResult, on_sizes: CompareResult, draw) -> None:
    assert draw(on_returns).layout.height == draw(on_sizes).layout.height


def test_every_metric_with_numbers_is_drawn_best_on_top_with_its_interval(on_returns: CompareResult) -> None:
    assert {"rmse", "direction", "coverage"} <= set(drawn_metrics(on_returns))
    assert not {"skill", "dm_p", "in_mcs", "seeds"} & set(drawn_metrics(on_returns))
    drawn, ranking = metric_chart(on_returns, "direction"), on_returns.ranking.set_index("model")
    marks, names = drawn.data[0], dict(zip(drawn.layout.yaxis.tickvals, drawn.layout.yaxis.ticktext, strict=True))
    assert names[max(names)] == LINES[ranking.direction.idxmax()].name
    assert "random walk" not in names.values()  # it makes no call
    place = [names[place] for place in marks.y].index("GRU")
    assert marks.x[place] == pytest.approx(100 * ranking.loc["gru", "direction"])
    assert marks.x[place] + marks.error_x.array[place] == pytest.approx(100 * ranking.loc["gru", "direction_high"])
    errors = metric_chart(on_returns, "rmse").data[0]
    assert errors.x[np.argmax(errors.y)] == min(errors.x)  # lower is better


def test_a_metric_that_is_added_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METRICS, "ones", Metric(lambda evidence: evidence.by_model(lambda _: 0.01), "Ones", "%"))
    result = made_result("return")
    assert "ones" in drawn_metrics(result)
    drawn = metric_chart(result, "ones", "dark")
    assert set(drawn.data[0].x) == {1.0}
    assert drawn.layout.xaxis.title.text == "Ones (%)"


def test_results_and_figures_bring_neither_torch_nor_training_code() -> None:
    modules = ("overview_figures", "forecast_figures", "error_figures", "tables", "result", "valued_result", "trials", "export")
    code = (
        f"import sys; from core.rnn.compare import {', '.join(modules)}; from core.rnn.sweep import result, figures, tables; "
        "training = ('torch', 'statsmodels', 'sklearn', 'core.training', 'core.rnn.evaluation.backtest', "
        "'core.rnn.compare.run'); "
        "sys.exit(', '.join(name for name in training if name in sys.modules) or 0)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")
