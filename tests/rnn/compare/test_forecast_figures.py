from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from core.rnn.compare.forecast_figures import ahead_chart, fold_chart, forecast_chart, horizon_chart
from core.rnn.compare.result import CompareResult
from core.rnn.compare.views import ahead_of
from core.rnn.models import LINES
from tests.rnn.compare.results import HALF, TEST_DAYS, made_result


@pytest.fixture(scope="module")
def on_returns() -> CompareResult:
    return made_result("return")


@pytest.fixture(scope="module")
def far_ahead() -> CompareResult:
    return made_result("return", horizon=5)


def named(drawn: go.Figure, name: str) -> go.Scatter:
    return next(trace for trace in drawn.data if trace.name == name)


def test_returns_are_drawn_as_prices_one_day_ahead(on_returns: CompareResult) -> None:
    drawn = forecast_chart(on_returns, "gru", as_prices=True)
    np.testing.assert_allclose(named(drawn, "actual").y, on_returns.close[-TEST_DAYS:])
    np.testing.assert_allclose(named(drawn, "random walk").y, on_returns.close[-TEST_DAYS - 1 : -1])
    assert "close" in drawn.layout.yaxis.title.text


@pytest.mark.parametrize("target", ["return", "volatility"])
def test_forecasts_are_drawn_in_percent(target: str) -> None:
    result = made_result(target)
    actual = result.forecasts.loc[result.forecasts.model == "har", "actual"]
    drawn = forecast_chart(result, "gru")
    np.testing.assert_allclose(named(drawn, "actual").y, 100 * actual)
    assert "%" in drawn.layout.yaxis.title.text


def test_a_direction_is_a_probability_among_marks_of_what_came() -> None:
    result = made_result("direction")
    drawn = forecast_chart(result, "gru")
    assert set(named(drawn, "rose or fell").y) == {0.0, 100.0}
    assert not [trace for trace in drawn.data if trace.name and "interval" in trace.name]
    assert "probability of a rise (%)" in drawn.layout.yaxis.title.text


def test_forecasts_stand_at_the_day_they_are_for(far_ahead: CompareResult) -> None:
    for step in (1, 5):
        days = named(forecast_chart(far_ahead, "gru", step=step), "GRU").x
        assert days[0] == far_ahead.days[-TEST_DAYS - 1 + step]


def test_a_model_is_drawn_with_the_best_of_the_other_kind_and_the_random_walk_waits(on_returns: CompareResult) -> None:
    shown = {trace.name: trace.visible for trace in forecast_chart(on_returns, "gru").data if trace.mode == "lines"}
    assert set(shown) == {"actual", "GRU", "HAR", "random walk"}
    assert shown["random walk"] == "legendonly"
    assert {trace.name for trace in forecast_chart(on_returns, "drift").data if trace.mode == "lines"} > {"drift", "GRU"}


def test_the_adaptive_interval_lies_around_the_forecast(on_returns: CompareResult) -> None:
    band = named(forecast_chart(on_returns, "gru"), "GRU, 90 % interval")
    middle = on_returns.forecasts[on_returns.forecasts.model == "gru"].groupby("date")["forecast"].mean().to_numpy()
    np.testing.assert_allclose(band.y[:TEST_DAYS], 100 * (middle + 2 * HALF))


def test_several_seeds_are_a_line_and_a_band_one_seed_is_a_line(on_returns: CompareResult) -> None:
    seeds = on_returns.forecasts[on_returns.forecasts.model == "gru"].pivot_table(
        index="date", columns="seed", values="forecast"
    )
    band = named(forecast_chart(on_returns, "gru"), "GRU, spread over seeds")
    np.testing.assert_allclose(band.y[:TEST_DAYS], 100 * seeds.max(axis=1))
    assert "GRU, spread over seeds" not in {trace.name for trace in forecast_chart(made_result(seeds=1), "gru").data}


def test_networks_and_the_best_classical_model_have_a_skill_in_every_quarter(on_returns: CompareResult) -> None:
    drawn = fold_chart(on_returns)
    assert [trace.name for trace in drawn.data] == [LINES[model].name for model in ("gru", "birnn", "har")]
    assert all(list(trace.x) == ["2011 Q1", "2011 Q2", "2011 Q3"] for trace in drawn.data)


def test_error_is_drawn_by_days_ahead_beside_the_random_walk(far_ahead: CompareResult) -> None:
    drawn = horizon_chart(far_ahead)
    rows = far_ahead.horizons[far_ahead.horizons.model == "gru"]
    assert list(named(drawn, "GRU").x) == [1, 2, 3, 4, 5]
    np.testing.assert_allclose(named(drawn, "GRU").y, 100 * rows.rmse)
    assert list(named(drawn, "random walk").x) == [1, 2, 3, 4, 5]
    assert drawn.layout.xaxis.title.text == "days ahead"
    weekly = horizon_chart(far_ahead.model_copy(update={"bar_size": "1wk"}))
    assert weekly.layout.xaxis.title.text == "weeks ahead"


def test_the_price_path_goes_on_from_the_last_close(far_ahead: CompareResult) -> None:
    drawn = ahead_chart(far_ahead, "gru")
    path = named(drawn, "GRU")
    assert (path.x[0], path.y[0]) == (far_ahead.days[-1], far_ahead.close[-1])
    assert len(path.y) == 1 + far_ahead.horizon
    assert named(drawn, "90 % interval").y.max() == pytest.approx(1.1 * far_ahead.close[-1])


def test_days_to_come_without_a_price_are_drawn_as_what_is_forecast() -> None:
    sizes = made_result("volatility", horizon=3)
    mean = sizes.ahead[sizes.ahead.model == "gru"].groupby("step")["forecast"].mean()
    np.testing.assert_allclose(named(ahead_chart(sizes, "gru"), "GRU").y, 100 * mean)
    assert not [trace for trace in ahead_chart(made_result("direction"), "gru").data if trace.fill]


def test_one_day_to_come_follows_the_days_that_came_and_carries_its_interval() -> None:
    sizes = made_result("volatility")
    drawn, row = ahead_chart(sizes, "gru"), ahead_of(sizes, "gru")
    actual, forecast = named(drawn, "actual"), drawn.data[-1]
    rows = sizes.forecasts[(sizes.forecasts.model == "gru") & (sizes.forecasts.seed == 0)].tail(40)
    np.testing.assert_allclose(actual.y, 100 * rows.actual)
    assert actual.x[-1] < forecast.x[0]
    ends = [forecast.y[0] - forecast.error_y.arrayminus[0], forecast.y[0] + forecast.error_y.array[0]]
    np.testing.assert_allclose(ends, [100 * row.low[0], 100 * row.high[0]])


@pytest.mark.parametrize("draw", [fold_chart, horizon_chart])
def test_figures_are_drawn_again_from_stored_bytes(far_ahead: CompareResult, draw) -> None:
    again = CompareResult.from_bytes(far_ahead.to_bytes())
    assert draw(again, "dark").to_json() == draw(far_ahead, "dark").to_json()
