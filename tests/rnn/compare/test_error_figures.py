from __future__ import annotations

import numpy as np
import pytest

from core.rnn.compare.error_figures import (
    WINDOW,
    coverage_chart,
    lag_chart,
    quantile_chart,
    reliability_chart,
    residual_chart,
    residual_lag_chart,
)
from core.rnn.compare.export import REPORT
from core.rnn.compare.result import CompareResult
from core.rnn.compare.valued_result import speaking_of
from core.rnn.dataset.target import DIRECTION, TargetName
from core.rnn.evaluation.diagnostics import following
from core.rnn.evaluation.reliability import reliability
from core.rnn.models import capitalised_title
from tests.rnn.compare.results import HALF, TEST_DAYS, made_result


@pytest.fixture(scope="module")
def result() -> CompareResult:
    return made_result("return", seeds=2)


def test_residuals_are_what_came_minus_what_was_forecast(result: CompareResult) -> None:
    dots = residual_chart(result, "gru").data[0]
    rows = result.forecasts[result.forecasts.model == "gru"]
    np.testing.assert_allclose(np.sort(dots.y), np.sort(100 * (rows.actual - rows.forecast)))
    assert len(dots.x) == len(dots.y) == 2 * TEST_DAYS


def test_shares_of_the_residuals_add_up_to_all_days(result: CompareResult) -> None:
    assert residual_chart(result, "gru").data[1].x.sum() == pytest.approx(100)


def test_coverage_is_counted_over_the_last_days_and_unknown_before(result: CompareResult) -> None:
    static, adaptive = coverage_chart(result, "drift").data
    assert (static.name, adaptive.name) == ("static", "adaptive")
    assert np.isnan(static.y[: WINDOW - 1]).all()
    assert static.y[-1] == 0  # the drift is off by 0.05, its interval reaches 0.02
    wrong = made_result("return").forecasts.query("model == 'gru'").eval("abs(actual - forecast)")
    inside = 100 * (wrong[:WINDOW] <= HALF).mean()
    assert coverage_chart(made_result("return", seeds=1), "gru").data[0].y[WINDOW - 1] == pytest.approx(inside, abs=3)


def test_a_copy_of_the_day_before_peaks_one_day_late(result: CompareResult) -> None:
    sizes = made_result("volatility", seeds=2)
    bars = lag_chart(sizes, "random-walk").data[0]
    assert bars.x[np.argmax(bars.y)] == 1
    bars = lag_chart(result, "gru").data[0]
    assert bars.x[np.argmax(bars.y)] == 0


@pytest.mark.parametrize("target", ["volatility", "return"])
def test_a_report_says_of_the_model_whether_it_is_a_copy(target: TargetName) -> None:
    made = made_result(target)
    said = following(made.forecasts, speaking_of(made)).text(capitalised_title(speaking_of(made)), "day")
    [caption] = [part.caption for part in REPORT.figures(made) if part.title == "Is it a copy of the day before?"]
    assert caption.startswith(said)


@pytest.mark.parametrize(("target", "drawn"), [("direction", True), ("return", False)])
def test_a_report_of_directions_has_their_reliability(target: TargetName, drawn: bool) -> None:
    assert ("Reliability diagram" in [part.title for part in REPORT.figures(made_result(target))]) is drawn


def test_how_often_it_rose_stands_over_what_was_forecast() -> None:
    drawn = reliability_chart(made_result("direction", seeds=2), "gru")
    dots, straight = drawn.data
    rows = reliability(made_result("direction", seeds=2).forecasts, "gru", DIRECTION)
    np.testing.assert_allclose(dots.y, 100 * rows["share"])
    np.testing.assert_allclose(dots.customdata, rows["days"])
    np.testing.assert_array_equal(straight.x, straight.y)
    assert drawn.layout.shapes[0].y0 == pytest.approx(100 * (rows["share"] * rows["days"]).sum() / rows["days"].sum())


def test_the_correlation_of_errors_is_that_of_the_errors_with_themselves_shifted(result: CompareResult) -> None:
    bars = residual_lag_chart(result, "gru").data[0]
    by_seed = [one.eval("actual - forecast").to_numpy() for _, one in result.forecasts.query("model == 'gru'").groupby("seed")]
    centred = [errors - errors.mean() for errors in by_seed]
    first = np.mean([np.sum(errors[1:] * errors[:-1]) / np.sum(errors**2) for errors in centred])
    assert bars.x[0] == 1
    assert bars.y[0] == pytest.approx(first)


def test_normal_errors_lie_on_the_straight_line(result: CompareResult) -> None:
    *lines, straight = quantile_chart(result, "gru").data
    assert len(lines) == 2  # seeds
    np.testing.assert_array_equal(straight.x, straight.y)
    middle = slice(20, 79)  # the ends of 120 days scatter
    np.testing.assert_allclose(np.asarray(lines[0].y)[middle], np.asarray(lines[0].x)[middle], atol=0.35)
