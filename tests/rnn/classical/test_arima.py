from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.tsa.arima.model import ARIMA

from core.rnn.classical.arima import Arima
from core.rnn.dataset.series import Series
from core.rnn.dataset.target import target_of
from tests.rnn.series import ar1, as_series, garch

RETURNS = garch(1030, seed=4)
LONG_MEMORY = as_series(RETURNS, target_of("volatility"))


def oracle_of(model: Arima, values: np.ndarray) -> tuple[ARIMA, np.ndarray]:
    """The same order in statsmodels, and our parameters in its order."""
    mean = [model.mean] if model.d == 0 else []
    trend = "c" if model.d == 0 else "n"
    oracle = ARIMA(values, order=model.order, trend=trend)
    oracle.ssm.tolerance = 0.0  # filters to the end, whatever the units
    return oracle, np.array([*mean, *model.ar, *model.ma, model.spread**2])


def test_an_ar1_is_found_with_its_coefficient() -> None:
    series = as_series(ar1(3000, phi=0.7))
    model = Arima.fit(series)
    psi = model.forecasts(series, 3000, 3)[0] - model.mean
    assert model.d == 0
    assert psi / (series.values[-1] - model.mean) == pytest.approx([0.7, 0.49, 0.343], abs=0.06)


def test_a_random_walk_is_differenced() -> None:
    walk = as_series(0.05 + 0.01 * np.cumsum(garch(600)), target_of("volatility"))
    assert Arima.fit(walk).d == 1


def test_returns_that_nobody_can_forecast_need_no_lags() -> None:
    assert Arima.fit(as_series(0.01 * np.random.default_rng(1).standard_normal(1500))).order == (0, 0, 0)


def test_weights_are_about_as_likely_as_the_likeliest() -> None:
    past = LONG_MEMORY.until(1000)
    model, ours = oracle_of(fitted := Arima.fit(past), 100 * past.values)
    ours[0] *= 100  # the mean
    ours[-1] *= 100**2
    assert fitted.d == 0
    assert model.loglike(ours) > model.fit().llf - 0.1


def test_no_other_order_has_a_smaller_akaike() -> None:
    past = LONG_MEMORY.until(600)
    model, ours = oracle_of(Arima.fit(past), 100 * past.values)
    ours[0] *= 100
    ours[-1] *= 100**2
    orders = [(p, 0, q) for p in range(3) for q in range(3)]
    least = min(ARIMA(100 * past.values, order=order, trend="c").fit(method="innovations_mle").aic for order in orders)
    assert 2 * len(ours) - 2 * model.loglike(ours) < least + 1


@pytest.mark.parametrize(
    "model",
    [
        Arima(np.array([0.6, -0.2]), np.array([0.3]), 0.01, 0, 0.01),
        Arima(np.array([0.5]), np.array([-0.7, 0.2]), 0.0, 1, 0.01),
        Arima(np.empty(0), np.array([-0.9]), 0.0, 1, 0.01),
        Arima(np.empty(0), np.empty(0), 0.01, 0, 0.01),
    ],
    ids=lambda model: str(model.order),
)
def test_paths_are_those_of_the_kalman_filter(model: Arima) -> None:
    paths = model.forecasts(LONG_MEMORY, 1000, 20)
    assert paths.shape == (31, 20)
    for row in (0, 9, 30):
        oracle, weights = oracle_of(model, LONG_MEMORY.values[: 1000 + row])
        assert paths[row] == pytest.approx(oracle.filter(weights).forecast(20), rel=1e-7)


@pytest.mark.parametrize("d", [0, 1])
def test_the_chance_of_a_rise_is_that_of_the_kalman_filter(d: int) -> None:
    series: Series = as_series(RETURNS, target_of("direction"))
    model = Arima(np.array([0.5]), np.array([-0.3]), 0.0 if d else 0.001, d, 0.01)
    oracle, weights = oracle_of(model, series.returns)
    ahead = oracle.filter(weights).get_forecast(5)
    chances = norm.cdf(ahead.predicted_mean / ahead.se_mean)
    assert model.forecasts(series, len(series), 5)[0] == pytest.approx(chances, rel=1e-6)
