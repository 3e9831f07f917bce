from __future__ import annotations

import numpy as np
import pytest
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.holtwinters import ExponentialSmoothing

from core.rnn.classical.exponential_smoothing import Smoothing, Theta
from core.rnn.dataset.target import target_of
from tests.rnn.series import as_series, garch

SIZES = 100 * np.abs(garch(900, seed=3))
TRENDING = np.cumsum(1 + np.random.default_rng(0).standard_normal(300))


def log_likelihood(model: Smoothing, past: np.ndarray) -> float:
    """The normal one, with the errors' own variance; level and trend by their recursions, one day after the other."""
    (level, trend), square = model.start, 0.0
    for value in past:
        error = value - level - model.phi * trend
        level, trend = level + model.phi * trend + model.alpha * error, model.phi * trend + model.beta * error
        square += error**2
    return -len(past) / 2 * (np.log(2 * np.pi * square / len(past)) + 1)


def test_simple_smoothing_of_sizes_is_that_of_statsmodels() -> None:
    model = Smoothing.fit(SIZES, trends=False)
    oracle = ETSModel(SIZES).fit(disp=False)
    assert (model.alpha, model.start[0]) == pytest.approx(tuple(oracle.params), rel=0.02)
    assert log_likelihood(model, SIZES) == pytest.approx(oracle.llf, abs=1e-3)


def test_the_one_of_least_akaike_is_chosen() -> None:
    for past in (SIZES, SIZES[450:], TRENDING):
        candidates = ({}, {"trend": "add"}, {"trend": "add", "damped_trend": True})
        oracle = min((ETSModel(past, **each).fit(disp=False) for each in candidates), key=lambda fit: fit.aic)
        model = Smoothing.fit(past)
        assert (model.phi != 0) == bool(oracle.model.has_trend)
        assert log_likelihood(model, past) > oracle.llf - 0.05
    assert Smoothing.fit(TRENDING).phi == 1


@pytest.mark.parametrize(("beta", "phi"), [(0.0, 0.0), (0.05, 1.0), (0.05, 0.9)])
def test_ets_paths_are_those_of_statsmodels_from_every_origin(beta: float, phi: float) -> None:
    values = as_series(garch(330), target_of("volatility"))
    model = Smoothing(0.2, beta, phi, np.array([0.01, 0.001 if phi else 0.0]))
    paths = model.forecasts(values, 300, 20)
    assert paths.shape == (31, 20)
    trended = {"trend": "add", "damped_trend": phi < 1, "initial_trend": 0.001} if phi else {}
    for row in (0, 11, 30):
        past = values.values[: 300 + row]
        oracle = ETSModel(past, initialization_method="known", initial_level=0.01, **trended)
        weights = [0.2, *([beta] if phi else []), *([phi] if 0 < phi < 1 else [])]
        assert paths[row] == pytest.approx(oracle.smooth([*weights, 0.01, 0.001][: oracle.k_params]).forecast(20), rel=1e-9)


def test_theta_is_that_of_statsmodels() -> None:
    series = as_series(garch(400, seed=5), target_of("volatility"))
    model = Theta.fit(series.values)
    oracle = ThetaModel(series.values, deseasonalize=False).fit()
    assert model.slope == pytest.approx(oracle.params["b0"], rel=1e-9)
    assert model.forecasts(series, 400, 20)[0] == pytest.approx(oracle.forecast(20).to_numpy(), rel=2e-3)


def test_theta_rolls_with_fixed_weights() -> None:
    series = as_series(garch(400, seed=5), target_of("volatility"))
    model = Theta(0.1, 2e-5)
    paths = model.forecasts(series, 380, 3)
    for row in (0, 13, 20):
        past = series.values[: 380 + row]
        level = ExponentialSmoothing(past, initialization_method="known", initial_level=past[0])
        level = level.fit(smoothing_level=0.1, optimized=False).forecast(1)[0]
        drift = [1e-5 * (step + (1 - 0.9 ** len(past)) / 0.1) for step in range(3)]
        assert paths[row] == pytest.approx(level + np.array(drift), rel=1e-9)


def test_units_change_nothing() -> None:
    small, large = Smoothing.fit(SIZES / 1e4), Smoothing.fit(SIZES * 1e4)
    assert small.alpha == pytest.approx(large.alpha, rel=1e-3)
