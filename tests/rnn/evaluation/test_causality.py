from __future__ import annotations

from collections.abc import Generator

import numpy as np
import pytest

from core.rnn.dataset.series import Series
from core.rnn.dataset.target import Target, target_of
from core.rnn.evaluation.causality import is_causal
from core.rnn.forecaster import LEVELS
from core.runs.request import Progress
from tests.rnn.series import as_series, garch

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


def simulated(target: Target) -> Series:
    series = as_series(garch(DAYS, seed=1), target)
    noise = np.random.default_rng(0).standard_normal((DAYS, 2))
    return Series(target, series.days, series.returns, series.values, series.sizes, noise)


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
