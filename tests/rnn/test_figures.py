from __future__ import annotations

import subprocess
import sys
from datetime import date

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from core.rnn.compare import CompareResult, Provenance
from core.rnn.figures import forecast_chart, loss_curves, price_chart, ranking_table, skill_chart
from core.rnn.metrics import rank
from core.rnn.prices import ADJUSTED, LEVEL
from core.rnn.verdict import judge
from core.theme import LINES, PALETTES, Mode
from tests.rnn.series import garch, prices_of, splits_of
from tests.rnn.tables import forecast_table

TEST_DAYS = 60


def made_result(target: str, seeds: int = 3) -> CompareResult:
    """A comparison by hand: HAR and GRU know something, the drift is wrong by design."""
    returns = garch(400)
    prices, splits = prices_of(returns), splits_of(returns, TEST_DAYS)
    values = np.abs(returns) if target == "volatility" else returns
    actual, random = values[-TEST_DAYS:], np.random.default_rng(0)
    told = {
        "random-walk": values[-TEST_DAYS - 1 : -1] if target == "volatility" else 0 * actual,
        "drift": actual + 0.05,
        "har": 0.5 * actual,
        "gru": 0.7 * actual + 0.002 * random.standard_normal((seeds, TEST_DAYS)),
        "birnn": 0.2 * actual + 0.002 * random.standard_normal((seeds, TEST_DAYS)),
    }
    forecasts = forecast_table(actual, told, last_day=str(prices.days[-1]))
    ranking = rank(forecasts, 0.01)
    steps = {"step": [5, 10, 15], "loss": [1.0, 0.8, 0.7], "validation": [1.2, 1.1, 1.15]}
    curves = [pd.DataFrame({"model": model, "seed": seed} | steps) for model in ("birnn", "gru") for seed in range(seeds)]
    return CompareResult(
        symbol="SIM",
        source="sample",
        target=target,
        splits=splits,
        dates=prices.dates,
        close=prices.close,
        mase_scale=0.01,
        ranking=ranking,
        forecasts=forecasts,
        curves=pd.concat(curves, ignore_index=True),
        weights={"gru/0/w": np.zeros(1)},
        verdict=judge(ranking, forecasts, target),
        provenance=Provenance(
            rows=401,
            first=date(2010, 1, 4),
            last=date(2011, 1, 1),
            source="",
            digest="",
            scaler_days=0,
            libraries={},
            seconds={},
        ),
    )


@pytest.fixture(scope="module")
def on_returns() -> CompareResult:
    return made_result("return")


@pytest.fixture(scope="module")
def on_sizes() -> CompareResult:
    return made_result("volatility")


def named(drawn: go.Figure, model: str) -> go.Scatter:
    """The line of a model (not its band)."""
    return next(trace for trace in drawn.data if trace.name == LINES[model].name and trace.mode == "lines")


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
    ("basis", "title"), [(ADJUSTED, "adjusted close"), (LEVEL, "index level"), ("closes as in column 'Close'", "close")]
)
def test_the_price_axis_says_what_the_prices_are(on_returns: CompareResult, basis: str, title: str) -> None:
    drawn = price_chart(on_returns.days, on_returns.close, on_returns.splits, "dark", basis=basis)
    assert drawn.layout.yaxis.title.text == title


def test_the_price_axis_claims_no_adjustment_that_nobody_told(on_returns: CompareResult) -> None:
    assert on_returns.provenance.basis == "close"
    assert price_chart(on_returns.days, on_returns.close, None).layout.yaxis.title.text == "close"


@pytest.mark.parametrize("reach", [(3.0, 400.0), (101.0, 102.0), (0.0004, 0.0007), (1.0, 1.0)])
def test_price_ticks_are_round_numbers_within_reach(reach: tuple[float, float]) -> None:
    days = np.arange("2020-01-01", "2020-01-03", dtype="datetime64[D]")
    ticks = price_chart(days, np.array(reach), None).layout.yaxis.tickvals
    assert len(ticks) >= 2
    assert all(0.99 * reach[0] <= tick <= 1.01 * reach[1] for tick in ticks)


def test_forecast_returns_are_drawn_as_prices_one_day_ahead(on_returns: CompareResult) -> None:
    drawn = forecast_chart(on_returns)
    np.testing.assert_allclose(named(drawn, "actual").y, on_returns.close[-TEST_DAYS:])
    np.testing.assert_allclose(named(drawn, "random-walk").y, on_returns.close[-TEST_DAYS - 1 : -1])


def test_forecast_sizes_are_drawn_in_percent(on_sizes: CompareResult) -> None:
    actual = on_sizes.forecasts.loc[on_sizes.forecasts.model == "har", "actual"]
    np.testing.assert_allclose(named(forecast_chart(on_sizes), "actual").y, 100 * actual)


def test_forecasts_stand_at_the_day_they_are_for(on_returns: CompareResult) -> None:
    np.testing.assert_array_equal(named(forecast_chart(on_returns), "gru").x, on_returns.days[-TEST_DAYS:])


def test_only_the_best_network_and_the_best_other_model_are_drawn_at_once(on_returns: CompareResult) -> None:
    drawn = forecast_chart(on_returns)
    shown = {model: named(drawn, model).visible for model in on_returns.ranking.model}
    assert {model for model, visible in shown.items() if visible is True} == {"gru", "har"}
    assert shown["birnn"] == shown["drift"] == shown["random-walk"] == "legendonly"


def test_several_seeds_are_a_line_and_a_band_one_seed_is_a_line(on_returns: CompareResult) -> None:
    seeds = on_returns.forecasts[on_returns.forecasts.model == "gru"].pivot_table(
        index="date", columns="seed", values="forecast"
    )
    prices = on_returns.close[-TEST_DAYS - 1 : -1, None] * np.exp(seeds.to_numpy())
    band = next(trace for trace in forecast_chart(on_returns).data if trace.fill == "toself" and trace.legendgroup == "gru")
    np.testing.assert_allclose(band.y[:TEST_DAYS], prices.max(axis=1))
    np.testing.assert_allclose(band.y[TEST_DAYS:][::-1], prices.min(axis=1))
    assert not [trace for trace in forecast_chart(made_result("return", seeds=1)).data if trace.fill]


def test_every_seed_has_a_training_and_a_validation_curve(on_returns: CompareResult) -> None:
    drawn = loss_curves(on_returns)
    assert len(drawn.data) == 2 * 2 * 3
    assert [list(trace.y) for trace in drawn.data if trace.yaxis == "y2"] == [[1.2, 1.1, 1.15]] * 6
    assert {note.text for note in drawn.layout.annotations} == {"bidirectional", "GRU"}


def test_names_beside_equal_curves_do_not_overlap(on_returns: CompareResult) -> None:
    first, second = (note.yshift for note in loss_curves(on_returns).layout.annotations)
    assert abs(first - second) >= 15


def test_a_comparison_without_networks_has_empty_loss_curves(on_returns: CompareResult) -> None:
    without = on_returns.model_copy(update={"curves": on_returns.curves.iloc[:0]})
    assert not loss_curves(without).data


def test_skill_is_drawn_in_percent_with_the_reach_of_the_seeds(on_returns: CompareResult) -> None:
    drawn, ranking = skill_chart(on_returns), on_returns.ranking.set_index("model")
    names = list(drawn.layout.yaxis.ticktext)
    assert names[-1] == LINES[ranking.index[0]].name
    assert "random walk" not in names
    marks, place = drawn.data[0], names.index("GRU")
    assert marks.x[place] == pytest.approx(100 * ranking.loc["gru", "skill"])
    worst = 100 * (1 - (ranking.loc["gru", "rmse_high"] / ranking.loc["random-walk", "rmse"]) ** 2)
    assert marks.x[place] - marks.error_x.arrayminus[place] == pytest.approx(worst)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_skill_below_zero_is_red_and_the_zero_line_is_the_random_walk(on_returns: CompareResult, mode: Mode) -> None:
    drawn = skill_chart(on_returns, mode)
    colours = dict(zip(drawn.layout.yaxis.ticktext, drawn.data[0].marker.color, strict=True))
    assert colours["drift"] == PALETTES[mode].fail
    assert colours["GRU"] == LINES["gru"].colour(mode)
    assert drawn.layout.shapes[0].x0 == 0
    assert "random walk" in [note.text for note in drawn.layout.annotations]


def test_the_ranking_is_told_with_readable_names_and_in_percent(on_returns: CompareResult) -> None:
    table = ranking_table(on_returns)
    assert table["Model"].tolist() == [LINES[model].name for model in on_returns.ranking.model]
    np.testing.assert_allclose(table["Skill (%)"], 100 * on_returns.ranking.skill, atol=0.005)
    np.testing.assert_allclose(table["RMSE (%)"], 100 * on_returns.ranking.rmse, atol=0.0005)
    assert [p == "" for p in table["p, Holm"]] == [model == "random-walk" for model in on_returns.ranking.model]


@pytest.mark.parametrize("draw", [forecast_chart, loss_curves, skill_chart])
def test_figures_are_drawn_again_from_stored_bytes(on_sizes: CompareResult, draw) -> None:
    again = CompareResult.from_bytes(on_sizes.to_bytes())
    assert draw(again, "dark").to_json() == draw(on_sizes, "dark").to_json()


@pytest.mark.parametrize("draw", [forecast_chart, loss_curves, skill_chart])
def test_the_same_figure_has_the_same_height_on_every_rerun(on_returns: CompareResult, on_sizes: CompareResult, draw) -> None:
    assert draw(on_returns).layout.height == draw(on_sizes).layout.height


def test_figures_bring_no_torch() -> None:
    code = "import sys, core.rnn.figures; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
