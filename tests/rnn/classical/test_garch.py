from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from arch import arch_model
from scipy.integrate import quad
from scipy.stats import t as student

from core.errors import PriceError
from core.rnn.classical.garch import Garch, _searched
from core.rnn.dataset.series import Series
from core.rnn.dataset.target import target_of
from core.rnn.forecaster import LEVELS
from tests.rnn.series import as_series, falling_garch, garch

RETURNS = as_series(garch(1530, seed=1) + 0.0005).returns  # with the rounding of prices
PAST = 1500
MODEL = Garch.fit(as_series(garch(1530, seed=1) + 0.0005).until(PAST))


def law(spread: float) -> student:
    return student(MODEL.nu, loc=MODEL.mu, scale=spread * np.sqrt((MODEL.nu - 2) / MODEL.nu))


def spread_ahead() -> float:
    return float(np.sqrt(MODEL.variances(RETURNS)[-1]))


def test_parameters_and_variances_are_those_of_arch() -> None:
    unit = RETURNS[:PAST].std()
    oracle = arch_model(RETURNS[:PAST] / unit, dist="t", rescale=False).fit(disp="off")
    ours = [MODEL.mu / unit, MODEL.omega / unit**2, MODEL.alpha, MODEL.beta, MODEL.nu]
    assert ours == pytest.approx(list(oracle.params), rel=1e-8)
    assert np.sqrt(MODEL.variances(RETURNS[:PAST])[:-1]) == pytest.approx(unit * oracle.conditional_volatility, rel=1e-8)


def test_the_parameters_of_a_simulated_process_are_estimated() -> None:
    model = Garch.fit(as_series(garch(8000)))
    assert (model.alpha, model.beta) == pytest.approx((0.12, 0.85), abs=0.03)
    assert model.nu > 15  # the noise is normal


def mostly_still(seed: int) -> Series:
    """1,000 returns of a price that moves on three days of a hundred."""
    random = np.random.default_rng(seed)
    return as_series(np.where(random.random(1000) < 0.03, random.normal(size=1000) * 0.01, 0))


@pytest.mark.parametrize(("seed", "flag"), [(1, 0), (4, 4)])  # arch says that the first one ended well
def test_a_search_that_ends_below_a_constant_variance_is_begun_again(seed: int, flag: int) -> None:
    series = mostly_still(seed)
    unit = series.returns.std()
    oracle = arch_model(series.returns / unit, dist="t", rescale=False)
    first, constant = oracle.fit(disp="off", show_warning=False), -500 * (np.log(2 * np.pi) + 1)
    assert first.convergence_flag == flag
    model = Garch.fit(series)
    ours = oracle.fix([model.mu / unit, model.omega / unit**2, model.alpha, model.beta, model.nu])
    assert first.loglikelihood < constant < ours.loglikelihood
    assert model.converged


def test_a_search_that_ends_nowhere_says_so_and_its_best_parameters_stay() -> None:
    class Search(NamedTuple):
        params: np.ndarray
        loglikelihood: float
        convergence_flag: int = 4  # too many steps

    class Endless:
        """A model of arch's kind of which no search ends."""

        def fit(self, starting_values: np.ndarray | None, **_: object) -> Search:
            return Search(np.array([1.0]), -5.0) if starting_values is None else Search(np.array([2.0]), -4.0)

    parameters, converged = _searched(Endless(), 10, leverage=False)  # type: ignore[arg-type]
    assert (parameters.tolist(), converged) == ([2.0], False)


def test_variances_ahead_are_those_of_arch_from_every_origin() -> None:
    fixed = arch_model(100 * RETURNS, dist="t", rescale=False).fix(
        [100 * MODEL.mu, 1e4 * MODEL.omega, MODEL.alpha, MODEL.beta, MODEL.nu]
    )
    oracle = fixed.forecast(horizon=20, start=PAST - 1).variance.to_numpy() / 1e4
    factor = replace(MODEL, factor=1.0)
    spreads = factor.forecasts(as_series(RETURNS, target_of("volatility", "parkinson")), PAST, 20)
    assert spreads == pytest.approx(np.sqrt(oracle), rel=1e-8)


def test_returns_are_forecast_by_their_mean() -> None:
    assert (MODEL.forecasts(as_series(RETURNS), PAST, 5) == MODEL.mu).all()


def test_the_size_of_a_return_is_its_mean_under_the_law() -> None:
    forecast = MODEL.forecasts(as_series(RETURNS, target_of("volatility")), len(RETURNS), 1)[0, 0]
    assert MODEL.factor == 1  # it was fitted to returns
    density = law(spread_ahead()).pdf
    expected = sum(
        quad(lambda r: abs(r) * density(r), *side, epsabs=1e-14)[0] for side in ((-1, -0.02), (-0.02, 0), (0, 0.02), (0.02, 1))
    )
    assert forecast == pytest.approx(expected, rel=1e-5)


def test_the_chance_of_a_rise_is_that_of_the_law() -> None:
    chance = MODEL.forecasts(as_series(RETURNS, target_of("direction")), len(RETURNS), 1)[0, 0]
    assert chance == pytest.approx(law(spread_ahead()).sf(0), rel=1e-9)
    assert chance > 0.5  # the mean return is above 0


def test_quantiles_are_those_of_the_law_and_as_many_days_fall_below_them() -> None:
    returns = garch(6000, seed=7)
    series = as_series(returns)
    model = Garch.fit(series.until(2000))
    quantiles = model.quantiles(series, 2000, 3)
    assert quantiles.shape == (4001, 3, len(LEVELS))
    below = (returns[2000:, None] < quantiles[:-1, 0]).mean(axis=0)
    assert below == pytest.approx(LEVELS, abs=0.03)
    assert MODEL.quantiles(as_series(RETURNS), len(RETURNS), 1)[0, 0] == pytest.approx(
        law(spread_ahead()).ppf(LEVELS), rel=1e-9
    )


def test_another_measure_of_volatility_has_the_mean_that_it_had_before() -> None:
    series = as_series(RETURNS, target_of("volatility", "garman-klass"))
    model = Garch.fit(series.until(PAST))
    spreads = np.sqrt(model.variances(series.returns)[:PAST])
    factor = series.values[:PAST].sum() / spreads.sum()
    assert model.factor == pytest.approx(factor, rel=1e-12)
    assert model.forecasts(series, PAST, 1)[0, 0] == pytest.approx(factor * np.sqrt(model.variances(series.returns)[PAST]))


def test_sizes_of_a_price_that_often_stands_still_are_right_on_average() -> None:
    """Its law has tails for the moves and no place for the still days: its mean size is far off."""
    still = np.where(np.random.default_rng(0).random(2000) < 0.5, 0.0, garch(2000, seed=5))
    past = as_series(still, target_of("volatility")).until(1500)
    model, law = Garch.fit(past), Garch.fit(as_series(still).until(1500))
    assert model.forecasts(past, 0, 1)[:-1].mean() == pytest.approx(np.abs(past.returns).mean(), rel=1e-9)
    assert law.forecasts(past, 0, 1)[:-1].mean() < 0.9 * np.abs(past.returns).mean()


def test_the_mean_size_of_a_law_that_fits_is_right_without_a_factor() -> None:
    assert Garch.fit(as_series(RETURNS, target_of("volatility")).until(PAST)).factor == pytest.approx(1, abs=0.03)


def test_returns_that_do_not_vary_are_refused_with_their_value() -> None:
    with pytest.raises(PriceError, match=r"all 300 returns are 0\.01; GARCH-t needs returns that vary"):
        Garch.fit(as_series(np.full(300, 0.01)))


FALLING = falling_garch(1530, seed=3)
LEVERAGE = Garch.fit(as_series(FALLING).until(PAST), leverage=True)


def test_parameters_and_variances_of_gjr_are_those_of_arch() -> None:
    past = as_series(FALLING).returns[:PAST]
    oracle = arch_model(past / past.std(), o=1, dist="t", rescale=False).fit(disp="off")
    ours = [
        LEVERAGE.mu / past.std(),
        LEVERAGE.omega / past.std() ** 2,
        LEVERAGE.alpha,
        LEVERAGE.gamma,
        LEVERAGE.beta,
        LEVERAGE.nu,
    ]
    assert ours == pytest.approx(list(oracle.params), rel=1e-9)
    assert LEVERAGE.gamma > 0.1
    assert np.sqrt(LEVERAGE.variances(past)[:-1]) == pytest.approx(past.std() * oracle.conditional_volatility, rel=1e-9)


def test_variances_ahead_of_gjr_are_those_of_arch_from_every_origin() -> None:
    scaled = [100 * LEVERAGE.mu, 1e4 * LEVERAGE.omega, LEVERAGE.alpha, LEVERAGE.gamma, LEVERAGE.beta, LEVERAGE.nu]
    returns = as_series(FALLING).returns
    fixed = arch_model(100 * returns, o=1, dist="t", rescale=False).fix(scaled)
    oracle = fixed.forecast(horizon=20, start=PAST - 1).variance.to_numpy() / 1e4
    spreads = replace(LEVERAGE, factor=1.0).forecasts(as_series(FALLING, target_of("volatility", "parkinson")), PAST, 20)
    assert spreads == pytest.approx(np.sqrt(oracle), rel=1e-9)


def test_gjr_without_leverage_is_garch() -> None:
    assert MODEL.gamma == 0
