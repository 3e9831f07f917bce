from __future__ import annotations

from collections.abc import Generator

import numpy as np
import pytest

from core.drive import returned
from core.rnn.dataset.another_future import bars_over, with_another_future
from core.rnn.dataset.closing_times import latest_bars
from core.rnn.dataset.features import ExtraName, further_input
from core.rnn.dataset.series import Series, series_of
from core.rnn.dataset.splits import training_days
from core.rnn.dataset.target import Target, target_of
from core.rnn.evaluation.causality import is_causal
from core.rnn.forecaster import LEVELS
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.network import Network, Recipe
from core.rnn.prices.prices import Prices
from core.runs.request import Progress
from tests.rnn.series import garch, prices_of, with_ranges

TARGETS = [target_of("return"), target_of("direction"), target_of("volatility"), target_of("volatility", "parkinson")]
FIRST, DAYS = 300, 400
every_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.title)


class Honest:
    """The last value known; the leaves below take it and spoil it."""

    def fit(self, series: Series, train_end: int) -> Generator[Progress, None, None]:
        yield Progress(phase="nothing to learn")

    def forecast(self, series: Series, first: int) -> np.ndarray:
        return np.asarray(series.values)[first - 1 :, None]

    def quantiles(self, series: Series, first: int) -> np.ndarray | None:
        return None


class ReadsTomorrow(Honest):
    def forecast(self, series: Series, first: int) -> np.ndarray:
        return np.append(series.values[first:], 0.0)[:, None]


class KnowsTomorrowsSign(Honest):
    def forecast(self, series: Series, first: int) -> np.ndarray:
        return np.append(np.sign(series.returns[first:]), 0.0)[:, None]


class SmoothsBothWays(Honest):
    def forecast(self, series: Series, first: int) -> np.ndarray:
        return np.convolve(series.values, [0.25, 0.5, 0.25], mode="same")[first - 1 :, None]


class ScalesByTheWholeSeries(Honest):
    def forecast(self, series: Series, first: int) -> np.ndarray:
        return super().forecast(series, first) / series.sizes.std()


class ReadsTheLastDayOfAll(Honest):
    def forecast(self, series: Series, first: int) -> np.ndarray:
        return super().forecast(series, first) + 1e-9 * series.returns[-1]


class ReadsTomorrowsVolume(Honest):
    def forecast(self, series: Series, first: int) -> np.ndarray:
        return np.append(series.extras[first:, 0], 0.0)[:, None]


class LeaksInItsQuantiles(Honest):
    def quantiles(self, series: Series, first: int) -> np.ndarray:
        return ReadsTomorrow().forecast(series, first)[..., None] + LEVELS


LEAKY = [
    ReadsTomorrow,
    KnowsTomorrowsSign,
    SmoothsBothWays,
    ScalesByTheWholeSeries,
    ReadsTheLastDayOfAll,
    ReadsTomorrowsVolume,
    LeaksInItsQuantiles,
]


class ReadsWhatIsGiven(Honest):
    """Reads the further inputs of the last day: causal where they are."""

    def forecast(self, series: Series, first: int) -> np.ndarray:
        return series.extras[first - 1 :].sum(axis=1)[:, None]


def with_volume(returns: np.ndarray, symbol: str = "SIM", seed: int = 0) -> Prices:
    prices = with_ranges(prices_of(returns, symbol))
    return prices.model_copy(update={"volume": np.random.default_rng(seed).uniform(1e6, 2e6, len(returns) + 1)})


def simulated(target: Target, beside: Prices | None = None, **how: object) -> Series:
    """A series with every further input."""
    prices, other = with_volume(garch(DAYS, seed=1)), beside or prices_of(garch(DAYS, seed=2), "OTHER")
    return series_of(prices.model_copy(update=how), target, ("volume", "range", "weekday", "ticker"), other)


@every_target
def test_a_model_that_reads_only_the_past_passes(target: Target) -> None:
    assert is_causal(Honest(), simulated(target), FIRST)


@every_target
@pytest.mark.parametrize("leaky", LEAKY)
def test_a_model_that_reads_the_future_fails(leaky: type[Honest], target: Target) -> None:
    for seed in range(5):
        assert not is_causal(leaky(), simulated(target), FIRST, seed)


def test_a_test_of_one_day_is_probed_too() -> None:
    series = simulated(TARGETS[0])
    assert is_causal(Honest(), series, DAYS - 1)
    assert not is_causal(ReadsTomorrow(), series, DAYS - 1)


def test_the_same_seed_asks_the_same() -> None:
    series = simulated(TARGETS[0])
    one, same, other = (series.with_another_future(350, seed).returns for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_further_inputs_that_know_only_the_past_pass() -> None:
    assert is_causal(ReadsWhatIsGiven(), simulated(TARGETS[0]), FIRST)


def _in_units_of_all_days(name: ExtraName, prices: Prices, beside: Prices | None) -> np.ndarray:
    """The scaler sees the test days."""
    return np.asarray(np.log(prices.volume / prices.volume.mean())[1:, None])


def _shifted(name: ExtraName, prices: Prices, beside: Prices | None) -> np.ndarray:
    """A smoothing that is centred: the mean of yesterday, today and tomorrow."""
    own = further_input(name, prices, beside)
    return own + np.roll(own, -1, axis=0) + np.roll(own, 1, axis=0)


@pytest.mark.parametrize("leaking", [_in_units_of_all_days, _shifted])
def test_a_further_input_that_holds_the_future_fails(leaking: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.rnn.dataset.series.further_input", leaking)
    for seed in range(5):
        assert not is_causal(ReadsWhatIsGiven(), simulated(TARGETS[0]), FIRST, seed)
    assert is_causal(Honest(), simulated(TARGETS[0]), FIRST)  # who does not read it is none the worse


def test_another_ticker_that_is_read_before_it_closes_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same date, whichever closes first: Tokyo reads New York's evening."""
    tokyo = {"calendar": "XTKS"}
    beside = prices_of(garch(DAYS + 1, seed=2), "OTHER")
    beside = beside.model_copy(update={"dates": np.append(beside.dates[0] - 3, beside.dates[:-1])})
    assert is_causal(ReadsWhatIsGiven(), simulated(TARGETS[0], beside, **tokyo), FIRST)
    monkeypatch.setattr(
        "core.rnn.dataset.features.latest_bars",
        lambda prices, beside: np.searchsorted(beside.moments, prices.moments, "right") - 1,
    )
    for seed in range(5):
        assert not is_causal(ReadsWhatIsGiven(), simulated(TARGETS[0], beside, **tokyo), FIRST, seed)
    assert is_causal(ReadsWhatIsGiven(), simulated(TARGETS[0], beside, calendar="XNYS"), FIRST)


def test_a_network_that_was_trained_on_a_leaking_input_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def verdict() -> bool:
        series = simulated(TARGETS[2])
        network = Network(Architecture("gru", TARGETS[2], hidden=4, extras=series.extras.shape[1]), 0, Recipe(steps=3))
        returned(network.fit(series.until(FIRST), training_days(FIRST)))
        return is_causal(network, series, FIRST)

    assert verdict()
    monkeypatch.setattr("core.rnn.dataset.series.further_input", _shifted)
    assert not verdict()


@pytest.mark.parametrize("calendars", [("XNYS", "XTKS"), ("XTKS", "XNYS"), ("XNYS", "XNYS"), ("QQQ", "XNYS"), ("XTKS", "QQQ")])
def test_what_is_over_at_a_close_is_what_is_read_there(calendars: tuple[str, str]) -> None:
    ours, theirs = (prices_of(garch(60)).model_copy(update={"calendar": name}) for name in calendars)
    latest = latest_bars(ours, theirs)
    assert [bars_over(theirs, ours, bar) for bar in range(61)] == (latest + 1).tolist()


def test_other_prices_after_a_close_are_prices() -> None:
    prices = with_volume(garch(DAYS))
    other = with_another_future(prices, 100, seed=1)
    for name in ("close", "open", "high", "low", "volume"):
        ours, theirs = getattr(prices, name), getattr(other, name)
        assert np.array_equal(ours[:100], theirs[:100])
        assert (ours[100:] != theirs[100:]).all()
        assert np.isfinite(theirs).all()
        assert (theirs > 0).all()
    assert (other.high >= np.maximum(other.close, other.low)).all()
    assert with_another_future(prices, DAYS + 1, seed=1) is prices
    wild = with_another_future(prices_of(0.1 * np.ones(5000)), 10, seed=1)
    assert (wild.close > 0).all()
