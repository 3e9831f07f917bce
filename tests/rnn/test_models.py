from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import torch

from core.errors import TrainingDiverged
from core.rnn.baselines import Classical
from core.rnn.models import Network, Recipe
from core.rnn.names import CellName
from core.rnn.targets import TARGETS, TargetName, target_values
from tests.rnn.series import ar1, finish, garch, splits_of

CELLS: tuple[CellName, ...] = get_args(CellName)
BOTH = list(TARGETS)
TEST = 150
BRIEF, WHOLE = Recipe(steps=20), Recipe()


def fitted(cell: CellName, target: TargetName, returns: np.ndarray, seed: int = 0, recipe: Recipe = BRIEF) -> Network:
    network = Network(cell, target, 16 if recipe is WHOLE else 8, seed, recipe)
    finish(network.fit(returns, splits_of(returns, TEST)))
    return network


def error(forecasts: np.ndarray, actual: np.ndarray) -> float:
    return float(np.square(forecasts - actual).mean())


@pytest.mark.parametrize("target", BOTH)
@pytest.mark.parametrize("cell", CELLS)
def test_change_the_future_and_past_forecasts_stay_bit_equal(cell: CellName, target: TargetName) -> None:
    """The test days change from day 80 on, before fitting too: every forecast up to that day is the same to the last bit."""
    returns = garch(600)
    start, changed = len(returns) - TEST, returns.copy()
    changed[start + 80 :] = 7 * changed[start + 80 :] + 0.03
    before = fitted(cell, target, returns).forecast(returns, start)
    after = fitted(cell, target, changed).forecast(changed, start)
    assert np.array_equal(before[:81], after[:81])  # day 80 is forecast from days 0 … 79
    assert not np.allclose(before[81:], after[81:])


@pytest.mark.parametrize("cell", CELLS)
def test_forecasts_are_one_a_day_in_units_of_the_target(cell: CellName) -> None:
    returns = garch(600)
    sizes = fitted(cell, "volatility", returns).forecast(returns, len(returns) - TEST)
    assert sizes.shape == (TEST,)
    assert sizes.dtype == np.float64
    assert (sizes > 0).all()
    assert sizes.mean() == pytest.approx(np.abs(returns).mean(), rel=0.5)


@pytest.mark.parametrize("cell", CELLS)
def test_forecast_of_a_day_does_not_depend_on_where_the_test_begins(cell: CellName) -> None:
    returns = garch(600)
    network = fitted(cell, "volatility", returns)
    late, early = network.forecast(returns, 580), network.forecast(returns, 500)
    assert late == pytest.approx(early[80:], rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS)
def test_learns_the_half_of_an_autoregression_that_can_be_known(cell: CellName) -> None:
    returns = ar1(2500, phi=0.7)
    start = len(returns) - TEST
    forecasts = fitted(cell, "return", returns, recipe=WHOLE).forecast(returns, start)
    best = error(0.7 * returns[start - 1 : -1], returns[start:])
    assert error(forecasts, returns[start:]) < 1.08 * best
    assert error(forecasts, returns[start:]) < 0.7 * error(np.zeros(TEST), returns[start:])


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS)
def test_learns_a_sine(cell: CellName) -> None:
    returns = 0.01 * np.sin(2 * np.pi * np.arange(1500) / 25)
    start = len(returns) - TEST
    forecasts = fitted(cell, "return", returns, recipe=WHOLE).forecast(returns, start)
    assert error(forecasts, returns[start:]) < 0.02 * np.square(returns[start:]).mean()


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS)
def test_learns_that_sizes_come_in_clusters(cell: CellName) -> None:
    returns = garch(3000, seed=1)
    splits = splits_of(returns, 700)
    network, mean = Network(cell, "volatility", 16), Classical("mean", "volatility")
    finish(network.fit(returns, splits))
    finish(mean.fit(returns, splits))
    actual = target_values("volatility", returns)[splits.test_start :]
    errors = [error(one.forecast(returns, splits.test_start), actual) for one in (network, mean)]
    assert errors[0] < 0.975 * errors[1]  # who knows the true variance of every day: 0.95


@pytest.mark.parametrize("cell", CELLS)
def test_same_seed_same_forecast(cell: CellName) -> None:
    returns = garch(500)
    first, again, other = (fitted(cell, "volatility", returns, seed).forecast(returns, 400) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("cell", CELLS)
def test_loaded_network_forecasts_the_same(cell: CellName) -> None:
    returns = garch(500)
    network = fitted(cell, "volatility", returns, seed=1)
    stranger = Network(cell, "volatility", 8, seed=9)
    stranger.load(network.weights)
    assert np.array_equal(stranger.forecast(returns, 400), network.forecast(returns, 400))


def test_scaler_is_fitted_on_the_training_days_alone() -> None:
    returns = garch(600)
    network = fitted("rnn", "return", returns)
    assert network.scaler is not None
    assert network.scaler.days == splits_of(returns, TEST).train_end
    assert network.scaler.start == pytest.approx(np.abs(returns[: network.scaler.days]).mean())


def test_validation_days_stop_and_choose_but_teach_nothing() -> None:
    """With other validation days the network is another checkpoint of the same path: the training losses are the same."""
    returns = garch(600)
    splits, other = splits_of(returns, TEST), returns.copy()
    other[splits.train_end + 1 : splits.test_start] *= 3
    first, second = fitted("rnn", "return", returns).curve, fitted("rnn", "return", other).curve
    both = min(len(first), len(second))
    assert np.array_equal(first.loss[:both], second.loss[:both])
    assert not np.allclose(first.validation[:both], second.validation[:both])


def test_curve_has_both_losses_at_every_validation() -> None:
    network = fitted("gru", "volatility", garch(600))
    assert list(network.curve) == ["step", "loss", "validation"]
    assert (network.curve.step.diff().dropna() > 0).all()
    assert np.isfinite(network.curve.to_numpy()).all()


def test_forecast_before_fit_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="before it was fitted"):
        Network("rnn", "return").forecast(garch(300), 200)


def test_diverged_training_is_named() -> None:
    network = Network("rnn", "return", 8)
    with torch.no_grad():
        network.model.reading.linear.bias.fill_(float("nan"))
    returns = garch(600)
    with pytest.raises(TrainingDiverged, match="loss is nan"):
        finish(network.fit(returns, splits_of(returns, TEST)))


def test_to_stop_iterating_is_to_cancel() -> None:
    returns = garch(6000)
    run = Network("gru", "volatility").fit(returns, splits_of(returns, TEST))
    assert next(run).numbers["loss"] > 0
    run.close()
    with pytest.raises(StopIteration):
        next(run)
