from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from statsmodels.tsa.ar_model import AutoReg, ar_select_order

from core.rnn.baselines import Classical, fit_ar
from core.rnn.names import ClassicalName
from core.rnn.targets import TARGETS, TargetName, target_values
from tests.rnn.series import ar1, finish, garch, random_walk, splits_of

NAMES: tuple[ClassicalName, ...] = get_args(ClassicalName)
BOTH = list(TARGETS)
TEST = 100


def forecasts(name: ClassicalName, target: TargetName, returns: np.ndarray) -> np.ndarray:
    model = Classical(name, target)
    splits = splits_of(returns, TEST)
    finish(model.fit(returns, splits))
    return model.forecast(returns, splits.test_start)


@pytest.mark.parametrize("target", BOTH)
@pytest.mark.parametrize("name", NAMES)
def test_change_the_future_and_past_forecasts_stay_bit_equal(name: ClassicalName, target: TargetName) -> None:
    returns = garch(500)
    changed = returns.copy()
    changed[-TEST + 60 :] = 7 * changed[-TEST + 60 :] + 0.03
    before, after = forecasts(name, target, returns), forecasts(name, target, changed)
    assert before.shape == (TEST,)
    assert np.array_equal(before[:61], after[:61])  # day 60 is forecast from days 0 … 59


def test_random_walk_expects_an_unchanged_price_and_yesterdays_size() -> None:
    returns = garch(400)
    assert not forecasts("random-walk", "return", returns).any()
    assert np.array_equal(forecasts("random-walk", "volatility", returns), np.abs(returns)[-TEST - 1 : -1])


@pytest.mark.parametrize("target", BOTH)
def test_mean_takes_in_every_new_day(target: TargetName) -> None:
    returns = garch(400)
    values = target_values(target, returns)
    expected = [values[:day].mean() for day in range(300, 400)]
    assert forecasts("mean", target, returns) == pytest.approx(expected)


def test_drift_of_the_price_is_its_mean_log_return_so_far() -> None:
    returns = random_walk(400)
    log_price = np.concatenate([[0.0], np.cumsum(returns)])
    expected = [(log_price[day] - log_price[0]) / day for day in range(300, 400)]
    assert forecasts("drift", "return", returns) == pytest.approx(expected)


def test_drift_of_sizes_by_hand() -> None:
    returns = garch(400)
    sizes = np.abs(returns)
    expected = [sizes[day - 1] + (sizes[day - 1] - sizes[0]) / (day - 1) for day in range(300, 400)]
    assert forecasts("drift", "volatility", returns) == pytest.approx(expected)


@pytest.mark.parametrize("target", BOTH)
def test_har_is_the_regression_of_scikit_learn(target: TargetName) -> None:
    returns = garch(600, seed=2)
    values = target_values(target, returns)
    rows = np.array([[values[day - span : day].mean() for span in (1, 5, 22)] for day in range(22, 600)])
    known = 500 - 22
    oracle = LinearRegression().fit(rows[:known], values[22:500])
    assert forecasts("har", target, returns) == pytest.approx(oracle.predict(rows[known:]), rel=1e-8)


@pytest.mark.parametrize("seed", range(2))
def test_ar_has_the_order_and_weights_of_statsmodels(seed: int) -> None:
    past = ar1(800, seed=seed, phi=0.5) + 0.5 * np.roll(ar1(800, seed=seed + 10, phi=-0.4), 1)
    chosen = ar_select_order(past, 22, ic="aic", trend="c")
    order = 0 if chosen.ar_lags is None else len(chosen.ar_lags)
    oracle = AutoReg(past, order, trend="c").fit()
    assert fit_ar(past) == pytest.approx(oracle.params, rel=1e-7)


def test_ar_forecasts_are_those_of_statsmodels() -> None:
    returns = ar1(500, phi=0.6)
    past = returns[:400]
    order = len(fit_ar(past)) - 1
    oracle = AutoReg(past, order, trend="c").fit().append(returns[400:])
    assert forecasts("ar", "return", returns) == pytest.approx(oracle.predict(400, 499), rel=1e-7)


def test_ar_learns_a_sine() -> None:
    returns = 0.01 * np.sin(2 * np.pi * np.arange(600) / 25)
    assert forecasts("ar", "return", returns) == pytest.approx(returns[-TEST:], abs=1e-9)


@pytest.mark.parametrize("name", ["ar", "har"])
def test_monotonous_prices_have_finite_forecasts(name: ClassicalName) -> None:
    assert forecasts(name, "return", np.full(400, 0.01)) == pytest.approx(np.full(TEST, 0.01))


def test_drift_and_mean_are_twins_for_returns() -> None:
    returns = garch(400)
    assert np.array_equal(forecasts("mean", "return", returns), forecasts("drift", "return", returns))
    assert not np.allclose(forecasts("mean", "volatility", returns), forecasts("drift", "volatility", returns))
