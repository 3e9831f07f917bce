from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from scipy.stats import norm

from core.drive import returned
from core.errors import InvalidRequest, PriceError, SeriesTooShort
from core.rnn.classical import boosted_trees
from core.rnn.classical.forecaster import Classical
from core.rnn.dataset.level import DECAY
from core.rnn.dataset.series import Series, series_of
from core.rnn.dataset.target import EDGE, TARGETS, Target, first_measures, target_of
from core.rnn.evaluation.causality import is_causal
from core.rnn.forecaster import LEVELS, MOST_STEPS
from core.rnn.models import CLASSICAL, suits
from core.rnn.prices.prices import Prices
from tests.rnn.series import as_series, garch, prices_of, random_walk, with_ranges

SUBJECTS = [target for target in TARGETS.values() if target.measure != "garman-klass"]  # as Parkinson's
ASKED = [(name, target) for name in CLASSICAL for target in SUBJECTS if suits(name, target)]
DAYS, FIRST = 420, 360
VARIANCES = ("garch", "gjr")  # which forecast the variance, and state a distribution
every_model = pytest.mark.parametrize(("name", "target"), ASKED, ids=[f"{name}, {target.title}" for name, target in ASKED])


@pytest.fixture(scope="module", autouse=True)
def _few_trees() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        for name, value in (("BAGS", 2), ("MOST_TREES", 10), ("LEAVES", (2, 4))):
            patched.setattr(boosted_trees, name, value)
        yield


@cache
def simulated(target: Target) -> Series:
    return as_series(garch(DAYS, seed=3) + 0.0003, target)


@cache
def fitted(name: str, target: Target, horizon: int = MOST_STEPS, days: int = FIRST) -> Classical:
    model = Classical(name, target, horizon)
    returned(model.fit(simulated(target).until(days), 288))
    return model


def forecasts(name: str, series: Series, horizon: int = 1) -> np.ndarray:
    """From the origins of the last hundred days."""
    model = Classical(name, series.target, horizon)
    returned(model.fit(series.until(len(series) - 100), len(series) - 200))
    return model.forecast(series, len(series) - 100)


@every_model
@pytest.mark.parametrize("horizon", [1, MOST_STEPS])
def test_every_model_is_causal_over_every_horizon(name: str, target: Target, horizon: int) -> None:
    model, series = fitted(name, target, horizon), simulated(target)
    paths = model.forecast(series, FIRST)
    assert paths.shape == (DAYS - FIRST + 1, horizon)
    assert np.isfinite(paths).all()
    assert is_causal(model, series, FIRST)


@pytest.mark.parametrize("target", [target_of("return"), target_of("volatility")], ids=lambda target: target.title)
@pytest.mark.parametrize("name", ["ar-x", "har-x", "trees"])
def test_models_that_read_further_inputs_are_causal_in_them(name: str, target: Target) -> None:
    """The other future is made of other prices, and so are its further inputs."""
    series = series_of(with_ranges(prices_of(garch(DAYS, seed=3))), target, ("range", "weekday"))
    model = Classical(name, target, 2)
    returned(model.fit(series.until(FIRST), 288))
    assert series.extras.shape[1] == 8
    assert is_causal(model, series, FIRST)
    without = Classical(name, target, 2)
    bare = series_of(with_ranges(prices_of(garch(DAYS, seed=3))), target)
    returned(without.fit(bare.until(FIRST), 288))
    assert not np.array_equal(without.forecast(bare, FIRST), model.forecast(series, FIRST))


@every_model
def test_days_that_are_still_to_come_change_nothing(name: str, target: Target) -> None:
    model, series = fitted(name, target, 1), simulated(target)
    whole, cut = model.forecast(series, FIRST), model.forecast(series.until(DAYS - 20), FIRST)
    assert cut == pytest.approx(whole[:-20], rel=1e-12, abs=1e-15)


@every_model
def test_a_shorter_horizon_is_the_beginning_of_a_longer_one(name: str, target: Target) -> None:
    shorter, longer = (fitted(name, target, horizon).forecast(simulated(target), FIRST) for horizon in (1, 20))
    assert shorter == pytest.approx(longer[:, :1], rel=1e-12, abs=1e-15)


@every_model
def test_another_fit_forgets_the_one_before(name: str, target: Target) -> None:
    series, again = simulated(target), Classical(name, target, 1)
    for days in (200, FIRST):
        returned(again.fit(series.until(days), days - 60))
    assert np.array_equal(again.forecast(series, FIRST), fitted(name, target, 1).forecast(series, FIRST))


@every_model
def test_forecasts_stay_in_the_range_of_the_target(name: str, target: Target) -> None:
    paths = fitted(name, target).forecast(simulated(target), FIRST)
    if target.name == "direction":
        assert (paths >= EDGE).all()
        assert (paths <= 1 - EDGE).all()
    if target.name == "volatility":
        assert (paths >= 0).all()


def test_forecasts_after_extreme_days_stay_in_the_range() -> None:
    falling = as_series(np.concatenate([np.linspace(0.1, 0.001, 300), np.zeros(100)]), target_of("volatility"))
    assert (forecasts("drift", falling, 20)[1:] == 0).all()  # from a day at 0 on, downwards
    rising = as_series(np.full(400, 0.01), target_of("direction"))
    assert (forecasts("drift", rising) == 1 - EDGE).all()


@pytest.mark.parametrize("name", CLASSICAL)
def test_a_model_that_suits_the_target_is_built_and_another_is_refused(name: str) -> None:
    for target in first_measures():
        if suits(name, target):
            Classical(name, target, 1)
        else:
            with pytest.raises(InvalidRequest, match=f"does not forecast the {target.title}: .*; choose another model"):
                Classical(name, target, 1)
    assert suits("theta", target_of("volatility"))
    assert not suits("theta", target_of("direction"))


def test_random_walk_expects_an_unchanged_price_a_coins_chance_and_yesterdays_size() -> None:
    returns = garch(400)
    assert not forecasts("random-walk", as_series(returns), 3).any()
    assert (forecasts("random-walk", as_series(returns, target_of("direction")), 3) == 0.5).all()
    sizes = as_series(returns, target_of("volatility")).values
    assert np.array_equal(
        forecasts("random-walk", as_series(returns, target_of("volatility")), 3), np.tile(sizes[299:], (3, 1)).T
    )


@pytest.mark.parametrize("target", [target_of("return"), target_of("volatility")])
def test_mean_takes_in_every_new_day(target: Target) -> None:
    series = as_series(garch(400), target)
    expected = [[series.values[:day].mean()] * 2 for day in range(300, 401)]
    assert forecasts("mean", series, 2) == pytest.approx(np.array(expected))


def test_mean_of_directions_is_the_rule_of_succession() -> None:
    series = as_series(garch(400), target_of("direction"))
    expected = [((series.returns[:day] > 0).sum() + 1) / (day + 2) for day in range(300, 401)]
    assert forecasts("mean", series)[:, 0] == pytest.approx(expected)


def sparse(days: int = 600) -> Series:
    """Directions of a price that moves on two days of five, and then rises in six of ten cases."""
    random = np.random.default_rng(0)
    moves = np.where(random.random(days) < 0.6, 0.01, -0.01) * (random.random(days) < 0.4)
    close = 100 * np.cumprod(np.append(1.0, 1 + moves))
    prices = Prices(symbol="SIM", source="sample", dates=np.arange(days + 1), close=close)
    return series_of(prices, target_of("direction"))


def test_days_that_did_not_move_are_neither_rises_nor_falls() -> None:
    series = sparse()
    assert (series.values == 0.5).mean() == pytest.approx(0.6, abs=0.05)
    rises, falls = ((series.values == value).cumsum()[499:] for value in (1, 0))
    assert forecasts("mean", series)[:, 0] == pytest.approx((rises + 1) / (rises + falls + 2))
    moves = series.returns[:500][series.returns[:500] != 0]
    assert forecasts("drift", series)[0, 0] == pytest.approx(norm.sf(0, moves.mean(), moves.std()))
    weights = DECAY ** np.arange(len(moves))[::-1]
    assert forecasts("ewma", series)[0, 0] == pytest.approx(weights @ (moves > 0) / weights.sum())


@pytest.mark.parametrize("name", ["ar", "har", "ets", "mean", "drift"])
def test_the_chance_of_a_rise_is_that_of_a_move_not_of_a_day(name: str) -> None:
    """0.6 of the moves, not 0.24 of the days, nor 0.54 with the others as halves."""
    series = sparse(4000)
    share = (series.returns > 0).sum() / (series.returns != 0).sum()
    assert forecasts(name, series)[:, 0].mean() == pytest.approx(share, abs=0.025)


def test_har_of_directions_is_least_squares_on_the_days_that_moved() -> None:
    import statsmodels.api as sm

    series, later = sparse(), 500
    values = np.asarray(series.values)
    averages = np.array([[values[day - n : day].mean() for n in (1, 5, 22)] for day in range(22, 601)])
    moved = values[22:later] != 0.5
    fit = sm.OLS(values[22:later][moved], sm.add_constant(averages[: later - 22][moved])).fit()
    expected = sm.add_constant(averages[later - 22 :]) @ fit.params
    assert forecasts("har", series)[:, 0] == pytest.approx(np.clip(expected, EDGE, 1 - EDGE))


def test_drift_of_the_price_is_its_mean_log_return_so_far() -> None:
    series = as_series(random_walk(400))
    log_price = np.concatenate([[0.0], np.cumsum(series.returns)])
    expected = [(log_price[day] - log_price[0]) / day for day in range(300, 401)]
    assert forecasts("drift", series)[:, 0] == pytest.approx(expected)


def test_drift_of_sizes_is_a_line_through_the_first_and_the_last() -> None:
    series = as_series(garch(400) + 0.02, target_of("volatility"))
    sizes = series.values
    expected = [[sizes[day - 1] + h * (sizes[day - 1] - sizes[0]) / (day - 1) for h in (1, 2)] for day in range(300, 401)]
    assert forecasts("drift", series, 2) == pytest.approx(np.maximum(expected, 0))


def test_drift_of_directions_is_the_chance_of_a_rise_of_a_drifting_walk() -> None:
    series = as_series(garch(400), target_of("direction"))
    expected = [norm.sf(0, series.returns[:day].mean(), series.returns[:day].std()) for day in range(300, 401)]
    assert forecasts("drift", series)[:, 0] == pytest.approx(expected, rel=1e-9)


def test_ewma_forgets_with_the_decay_of_riskmetrics() -> None:
    series = as_series(garch(400), target_of("volatility"))
    expected = []
    for day in range(300, 401):
        weights = DECAY ** np.arange(day)[::-1]
        expected.append([weights @ series.values[:day] / weights.sum()] * 2)
    assert forecasts("ewma", series, 2) == pytest.approx(np.array(expected))


@pytest.mark.parametrize(
    "name", [name for name, target in ASKED if target.is_return and name not in ("random-walk", *VARIANCES)]
)
def test_a_price_that_rises_evenly_goes_on(name: str) -> None:
    assert forecasts(name, as_series(np.full(400, 0.01)), 3) == pytest.approx(np.full((101, 3), 0.01))


@pytest.mark.parametrize(("name", "target"), [each for each in ASKED if each[0] not in VARIANCES and not each[1].needs_ranges])
def test_a_price_that_stands_still_is_expected_to_go_on_so(name: str, target: Target) -> None:
    paths = forecasts(name, as_series(np.zeros(400), target), 20)
    assert paths == pytest.approx(np.full((101, 20), 0.5 if target.name == "direction" else 0.0), abs=1e-12)


@pytest.mark.parametrize("name", VARIANCES)
def test_a_price_that_stands_still_is_nothing_for_garch(name: str) -> None:
    with pytest.raises(PriceError, match="all 300 returns are 0; GARCH-t needs returns that vary"):
        forecasts(name, as_series(np.zeros(400)))


def test_a_short_series_is_refused_with_its_length() -> None:
    for name in ("ar", "har", "arima", "ets", "theta", *VARIANCES):
        with pytest.raises(SeriesTooShort, match=r"was given 60 days, it needs 66"):
            returned(Classical(name, target_of("return"), 20).fit(as_series(garch(60)), 48))
        returned(Classical(name, target_of("return"), 20).fit(as_series(garch(66)), 48))


def test_forecasts_from_before_the_first_lag_are_refused() -> None:
    with pytest.raises(SeriesTooShort, match="HAR was given 10 days, it needs 66"):
        fitted("har", target_of("return")).forecast(simulated(target_of("return")), 10)


def test_only_garch_states_quantiles_and_only_of_returns() -> None:
    stated = [each for each in ASKED if fitted(*each).quantiles(simulated(each[1]), FIRST) is not None]
    assert stated == [(name, target_of("return")) for name in VARIANCES]
    quantiles = fitted(*stated[0]).quantiles(simulated(stated[0][1]), FIRST)
    assert quantiles is not None
    assert quantiles.shape == (DAYS - FIRST + 1, MOST_STEPS, len(LEVELS))
    assert (np.diff(quantiles, axis=2) > 0).all()


def test_nothing_slow_is_loaded_before_it_is_needed() -> None:
    loaded = "sorted({'scipy', 'sklearn', 'statsmodels', 'arch', 'torch'} & set(sys.modules))"
    code = f"import sys, core.rnn.models, core.rnn.classical.forecaster; print({loaded})"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"
