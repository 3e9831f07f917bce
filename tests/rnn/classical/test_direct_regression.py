from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize
from sklearn.linear_model import LinearRegression

from core.rnn.classical.autoregression import Autoregression, ar_x
from core.rnn.classical.direct_regression import har, har_leverage, har_qlike, har_x, least_qlike
from core.rnn.dataset.series import Series
from core.rnn.dataset.target import Target, smallest_size, target_of
from tests.rnn.series import as_series, falling_garch, garch

VOLATILITY = target_of("volatility")
PAST = 900
SIZES = as_series(garch(1000, seed=2), VOLATILITY)


def rows_of(values: np.ndarray) -> np.ndarray:
    """HAR's inputs after day 21 and every later one, by hand."""
    return np.array([[values[day - span : day].mean() for span in (1, 5, 22)] for day in range(22, len(values) + 1)])


def with_inputs(target: Target, seed: int = 5) -> Series:
    """A series with two further inputs, one of which says something about the next day."""
    series = as_series(garch(1000, seed=2), target)
    noise = np.random.default_rng(seed).standard_normal((len(series), 2))
    hint = np.concatenate([series.values[1:], [0.0]]) / series.sizes.mean() + 2 * noise[:, 0]
    return replace(series, extras=np.column_stack([hint, noise[:, 1]]))


@pytest.mark.parametrize("target", [target_of("return"), VOLATILITY])
def test_har_is_the_direct_regression_of_scikit_learn_at_every_step(target: Target) -> None:
    series = as_series(garch(600, seed=2), target)
    values, rows = series.values, rows_of(series.values)
    paths = har(series.until(500), 20).forecasts(series, 500, 20)
    for step in (1, 2, 20):
        labels = values[21 + step : 500]
        oracle = LinearRegression().fit(rows[: len(labels)], labels)
        assert paths[:, step - 1] == pytest.approx(oracle.predict(rows[500 - 22 :]), rel=1e-7)


def test_har_with_leverage_is_the_regression_of_statsmodels_on_falling_days_too() -> None:
    falls = np.where(SIZES.returns < 0, np.abs(SIZES.returns), 0.0)
    rows = sm.add_constant(np.hstack([rows_of(SIZES.values), rows_of(falls)]))
    paths = har_leverage(SIZES.until(PAST), 5).forecasts(SIZES, PAST, 5)
    for step in (1, 5):
        labels = SIZES.values[21 + step : PAST]
        oracle = sm.OLS(labels, rows[: len(labels)]).fit()
        assert paths[:, step - 1] == pytest.approx(oracle.predict(rows[PAST - 22 :]), rel=1e-7)


def test_falls_raise_the_forecast_of_har_with_leverage_where_they_raise_the_volatility() -> None:
    series = as_series(falling_garch(3000), VOLATILITY)
    weights = har_leverage(series, 1).weights[0]
    assert weights[4:].sum() > 0.2


@pytest.mark.filterwarnings("ignore:The Identity link")
def test_har_by_qlike_is_the_gamma_regression_of_statsmodels() -> None:
    """Its deviance is QLIKE up to terms in y; the link is the identity."""
    labels, rows = SIZES.values[22:PAST], rows_of(SIZES.values)[: PAST - 22]
    unit = labels.mean()
    family = sm.families.Gamma(sm.families.links.Identity())
    start = sm.OLS(labels / unit, sm.add_constant(rows / unit)).fit().params
    oracle = sm.GLM(np.maximum(labels, 1e-12) / unit, sm.add_constant(rows / unit), family).fit(start_params=start, tol=1e-13)
    expected = np.concatenate([unit * oracle.params[:1], oracle.params[1:]])
    assert har_qlike(SIZES.until(PAST), 1).weights[0] == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_har_by_qlike_is_the_least_qlike_from_another_start() -> None:
    labels, rows = SIZES.values[22:PAST], rows_of(SIZES.values)[: PAST - 22]

    def loss(weights: np.ndarray) -> float:
        fits = np.maximum(weights[0] + rows / unit @ weights[1:], 0.05)
        return float((np.log(fits) + labels / unit / fits).mean())

    unit = labels.mean()
    options = {"xatol": 1e-10, "fatol": 1e-14, "maxiter": 20_000, "maxfev": 20_000}
    oracle = minimize(loss, [1.0, 0.1, 0.1, 0.1], method="Nelder-Mead", options=options)
    weights = least_qlike(rows, labels)
    ours = np.concatenate([weights[:1] / unit, weights[1:]])
    assert loss(ours) <= oracle.fun + 1e-10
    assert ours == pytest.approx(oracle.x, abs=2e-4)


def test_har_by_qlike_forecasts_no_size_below_a_twentieth_of_the_mean() -> None:
    calm = as_series(np.concatenate([garch(800, seed=2), np.full(100, 1e-9)]), VOLATILITY)
    model = har_qlike(calm.until(800), 1)
    low = replace(model, weights=-model.weights)
    assert (low.forecasts(calm, 800, 1) == smallest_size(calm.values[:800])).all()


@pytest.mark.parametrize("target", [target_of("return"), VOLATILITY, target_of("direction")])
def test_har_x_is_the_regression_of_statsmodels_on_the_further_inputs_too(target: Target) -> None:
    series = with_inputs(target)
    rows = sm.add_constant(np.hstack([rows_of(series.values), series.extras[21:]]))
    paths = har_x(series.until(PAST), 3).forecasts(series, PAST, 3)
    for step in (1, 3):
        labels = series.values[21 + step : PAST]
        oracle = sm.OLS(labels, rows[: len(labels)]).fit()
        assert paths[:, step - 1] == pytest.approx(oracle.predict(rows[PAST - 22 :]), rel=1e-7)


@pytest.mark.parametrize("target", [target_of("return"), VOLATILITY])
def test_ar_x_is_the_regression_of_statsmodels_on_ars_lags_and_the_further_inputs(target: Target) -> None:
    series = with_inputs(target)
    order = len(Autoregression.fit(series.values[:PAST]).weights) - 1
    first = max(order, 1)  # so many days come before the first row
    lags = np.array([series.values[day - order : day][::-1] for day in range(first, len(series) + 1)])
    rows = sm.add_constant(np.hstack([lags, series.extras[first - 1 :]]))
    paths = ar_x(series.until(PAST), 3).forecasts(series, PAST, 3)
    for step in (1, 3):
        labels = series.values[first - 1 + step : PAST]
        oracle = sm.OLS(labels, rows[: len(labels)]).fit()
        assert paths[:, step - 1] == pytest.approx(oracle.predict(rows[PAST - first :]), rel=1e-7)


def test_a_hint_lowers_the_error_of_the_models_that_read_it() -> None:
    series = with_inputs(VOLATILITY)
    actual = series.values[PAST:]
    blind, reading = (model(series.until(PAST), 1).forecasts(series, PAST, 1)[:-1, 0] for model in (har, har_x))
    assert ((reading - actual) ** 2).mean() < 0.9 * ((blind - actual) ** 2).mean()


def test_inputs_that_are_collinear_share_their_weight() -> None:
    series = with_inputs(VOLATILITY)
    twice = replace(series, extras=np.hstack([series.extras, series.extras]))
    once, both = (har_x(each.until(PAST), 1).forecasts(each, PAST, 1) for each in (series, twice))
    assert both == pytest.approx(once, rel=1e-8)
