from __future__ import annotations

import numpy as np
import pytest

from core.rnn.dataset.target import target_of
from core.rnn.memory.placebo import ALPHA, PLACEBOS, agreement, p_values, shuffled
from core.rnn.memory.result import half_lag
from tests.rnn.memory.networks import with_extras
from tests.rnn.series import as_series, garch


def test_a_shuffled_series_has_the_same_days_in_another_order() -> None:
    series = with_extras(as_series(garch(200), target_of("volatility")), 2)
    other = shuffled(series, 150, seed=3)
    rows, theirs = (np.column_stack([one.returns, one.values, one.sizes, one.extras]) for one in (series, other))
    assert not np.array_equal(rows[:150], theirs[:150])
    assert np.array_equal(rows[np.lexsort(rows.T)], theirs[np.lexsort(theirs.T)])  # whole days
    assert np.array_equal(rows[150:], theirs[150:])
    assert np.array_equal(series.days, other.days)
    assert np.array_equal(other.returns, shuffled(series, 150, seed=3).returns)
    assert not np.array_equal(other.returns, shuffled(series, 150, seed=4).returns)


def test_agreement_is_the_slope_of_the_forecasts_on_what_came() -> None:
    random = np.random.default_rng(0)
    actual = random.standard_normal(300)
    forecast = 0.3 * actual + random.standard_normal(300)
    assert agreement(forecast, actual) == pytest.approx(np.polyfit(actual, forecast, 1)[0])
    assert agreement(actual, actual) == pytest.approx(1)
    assert agreement(np.ones(300), actual) == pytest.approx(0)
    assert np.isnan(agreement(forecast, np.ones(300)))


def test_p_by_hand() -> None:
    """Three placebos of one variant: the true order is first, second, last of four."""
    placebos = np.array([[0.0], [1.0], [2.0]])
    assert [p_values(np.array([one]), placebos)[0] for one in (9.0, 1.5, -1.0)] == [0.25, 0.5, 1.0]


def test_the_smallest_p_is_more_than_chance_by_default() -> None:
    assert 1 / (PLACEBOS + 1) <= ALPHA


def test_one_of_several_variants_is_tested_against_the_largest_placebo_of_all() -> None:
    placebos = np.array([[0.0, 0.0], [1.0, 1.0], [0.5, 8.0]])
    trained = np.array([1.5, 0.5])
    orders = np.concatenate([trained[None], placebos])
    standard = (orders - orders.mean(0)) / orders.std(0)
    expected = [(standard.max(1) >= standard[0, n]).mean() for n in range(2)]
    assert p_values(trained, placebos) == pytest.approx(expected)
    assert p_values(trained, placebos)[0] > p_values(trained[:1], placebos[:, :1])[0]


@pytest.mark.parametrize("heavy", [False, True])
def test_where_the_order_says_nothing_some_variant_is_more_than_chance_in_two_of_a_hundred_runs(heavy: bool) -> None:
    """Five variants that share half of their noise; their statistics have very different scales, or heavy tails."""
    random, false = np.random.default_rng(1), 0
    draw = (lambda *shape: random.standard_t(2, shape)) if heavy else (lambda *shape: random.standard_normal(shape))
    for _ in range(2000):
        statistics = (draw(PLACEBOS + 1, 1) + draw(PLACEBOS + 1, 5)) * [1, 5, 0.1, 1, 30]
        false += bool((p_values(statistics[0], statistics[1:]) <= ALPHA).any())
    assert false / 2000 == pytest.approx(ALPHA, abs=0.01)


def test_half_lag_by_hand() -> None:
    assert half_lag(np.array([4.0, 2.0, 1.0, 1.0])) == 1
    assert half_lag(np.array([1.0, 1.0, 1.0, 1.0])) == 2
    assert half_lag(np.array([0.0, 0.0, 5.0])) == 3
    assert half_lag(np.array([-1.0, 2.0, 2.0])) == 2  # sizes of weights
    assert half_lag(np.zeros(3)) == 0
