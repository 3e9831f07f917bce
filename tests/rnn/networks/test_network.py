from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.drive import returned
from core.errors import InvalidRequest, SeriesTooShort, TrainingDiverged
from core.rnn.dataset.series import Series
from core.rnn.dataset.splits import training_days
from core.rnn.dataset.target import LossName, first_measures, target_of
from core.rnn.evaluation.causality import is_causal
from core.rnn.forecaster import LEVELS
from core.rnn.models import NETWORKS
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.learning import Recipe
from core.rnn.networks.modules import Head
from core.rnn.networks.network import Network
from core.rnn.networks.types import TypeName
from tests.rnn.series import ar1, days_of, garch

TEST = 150
BRIEF, WHOLE = Recipe(steps=8), Recipe()
ALIKE = ("rnn-relu", "birnn-relu", "bilstm", "bigru")  # differ from a tested one by direction or activation alone
CELLS = [cell for cell in NETWORKS if cell not in ALIKE]
TARGETS = [target.name for target in first_measures()]
TYPES: tuple[TypeName, ...] = ("one-to-one", "one-to-many", "many-to-one", "many-to-many", "encoder-decoder")
NO_EXTRAS = np.empty((0, 0))


def possible(horizon: int) -> list[Architecture]:
    """Every cell in every type that it can have."""
    architectures = []
    for cell, type in product(NETWORKS, TYPES):
        try:
            architectures.append(Architecture(cell, target_of("volatility"), type, horizon, hidden=4))
        except InvalidRequest:
            continue
    return architectures


def series_of(returns: np.ndarray, target: str = "return", extras: np.ndarray = NO_EXTRAS) -> Series:
    row, sizes = target_of(target), np.abs(returns)
    extras = extras if extras.size else np.empty((len(returns), 0))

    def another_future(days: int, seed: int) -> Series:
        later = 0.03 * np.abs(np.random.default_rng(seed).standard_normal(len(returns) - days))
        return series_of(np.append(returns[:days], np.where(returns[days:] > 0, -later, later)), target, extras)

    return Series(row, days_of(returns)[1:], returns, row.values_of(returns, sizes), sizes, extras, another_future)


def fitted(architecture: Architecture, series: Series, seed: int = 0, recipe: Recipe = BRIEF) -> Network:
    """Fitted on all days but the last TEST."""
    network, end = Network(architecture, seed, recipe), len(series) - TEST
    returned(network.fit(series.until(end), training_days(end)))
    return network


def brief(cell: str, series: Series, seed: int = 0, horizon: int = 1) -> Network:
    return fitted(Architecture(cell, series.target, horizon=horizon, hidden=6), series, seed)


def whole(cell: str, series: Series, type: TypeName = "auto", loss: LossName = "auto") -> Network:
    architecture = Architecture(cell, series.target, type, hidden=16, loss=loss, extras=series.extras.shape[1])
    return fitted(architecture, series, recipe=WHOLE)


def of_test(network: Network, series: Series) -> tuple[np.ndarray, np.ndarray]:
    """Forecasts of the TEST days, one day ahead, and the actual values."""
    start = len(series) - TEST
    return network.forecast(series, start)[:-1, 0], np.asarray(series.values)[start:]


def error(forecasts: np.ndarray, actual: np.ndarray) -> float:
    return float(np.square(forecasts - actual).mean())


def name_of(architecture: Architecture) -> str:
    return f"{architecture.cell}-{architecture.type}"


@pytest.mark.parametrize("architecture", possible(horizon=3), ids=name_of)
def test_no_cell_in_no_type_knows_the_future(architecture: Architecture) -> None:
    series = series_of(garch(400), "volatility")
    network = fitted(architecture, series, recipe=Recipe(steps=1))
    assert is_causal(network, series, 250)


class _ReadsTheFuture(nn.Module):
    """A bidirectional network read at every day: what `Architecture` refuses to build."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.cell = nn.GRU(architecture.inputs, architecture.hidden, batch_first=True, bidirectional=True)
        self.head = Head(architecture, 2 * architecture.hidden, architecture.horizon)

    def forward(self, features: Tensor) -> Tensor:
        return self.head(self.cell(features)[0])


@pytest.mark.parametrize("target", TARGETS)
def test_bidirectional_network_read_every_day_fails_the_causality_check(target: str) -> None:
    series = series_of(garch(400), target)
    network = brief("gru", series)
    network.model = _ReadsTheFuture(network.architecture).eval()  # type: ignore[assignment]
    assert not is_causal(network, series, 250)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("cell", CELLS)
def test_what_comes_after_the_fit_changes_only_later_forecasts(cell: str, target: str) -> None:
    series = series_of(garch(600), target)
    start, network = len(series) - TEST, brief(cell, series)
    before, after = (network.forecast(one, start) for one in (series, series.with_another_future(start + 80, 0)))
    assert np.array_equal(before[:81], after[:81])  # row 80 knows days 0 … 79 of the test
    assert not np.allclose(before[81:], after[81:])


@pytest.mark.parametrize("architecture", possible(horizon=5), ids=name_of)
def test_forecasts_are_five_days_from_every_origin_in_units_of_the_target(architecture: Architecture) -> None:
    series = series_of(garch(400), "volatility")
    sizes = fitted(architecture, series).forecast(series, len(series) - TEST)
    assert sizes.shape == (TEST + 1, 5)
    assert sizes.dtype == np.float64
    assert (sizes > 0).all()
    assert sizes.mean() == pytest.approx(np.abs(series.returns).mean(), rel=0.6)


@pytest.mark.parametrize("cell", CELLS)
def test_forecast_of_a_day_does_not_depend_on_where_the_test_begins(cell: str) -> None:
    series = series_of(garch(600), "volatility")
    network = brief(cell, series)
    late, early = network.forecast(series, 580), network.forecast(series, 500)
    assert late == pytest.approx(early[80:], rel=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_last_row_is_the_first_when_no_day_was_known_after_it(cell: str) -> None:
    series = series_of(garch(600))
    network = brief(cell, series, horizon=2)
    then, later = network.forecast(series.until(520), 500), network.forecast(series, 500)
    assert then == pytest.approx(later[:21], rel=1e-4, abs=1e-8)


def test_label_of_a_day_is_what_comes_after_it_in_units_of_its_level() -> None:
    series = series_of(garch(400))
    network = brief("rnn", series, horizon=3)
    labels, levels = network.labels(series).numpy(), network.units(series)
    assert labels.shape == (397, 3)
    assert labels[100] == pytest.approx(series.returns[101:104] / levels[101], rel=1e-6)
    assert labels[-1, -1] == pytest.approx(series.returns[-1] / levels[397], rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["rnn", "birnn", "gru"])
def test_learns_a_sine(cell: str) -> None:
    series = series_of(0.01 * np.sin(2 * np.pi * np.arange(1500) / 25))
    forecasts, actual = of_test(whole(cell, series), series)
    assert error(forecasts, actual) < (0.1 if cell == "mlp" else 0.02) * np.square(actual).mean()  # its 5 units bend little


@pytest.mark.slow
@pytest.mark.parametrize("type", ["many-to-many", "encoder-decoder"])
def test_learns_the_path_of_a_sine(type: TypeName) -> None:
    series = series_of(0.01 * np.sin(2 * np.pi * np.arange(1500) / 25))
    network = fitted(Architecture("lstm", series.target, type, horizon=5, hidden=16), series, recipe=WHOLE)
    start = len(series) - TEST
    path = network.forecast(series, start)[:-5]  # (TEST - 4, 5)
    actual = np.stack([series.returns[start + step : start + step + len(path)] for step in range(5)], axis=1)
    assert (np.square(path - actual).mean(axis=0) < 0.05 * np.square(actual).mean()).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "type"),
    [("mlp", "one-to-one"), ("birnn", "encoder-decoder"), *(("lstm", type) for type in TYPES if type != "encoder-decoder")],
)
def test_every_type_learns_the_half_of_an_autoregression_that_can_be_known(cell: str, type: TypeName) -> None:
    """All of it is in the last day, so that one day's features are enough."""
    series = series_of(ar1(2500, phi=0.7))
    forecasts, actual = of_test(whole(cell, series, type), series)
    best = error(0.7 * series.returns[-TEST - 1 : -1], actual)
    assert error(forecasts, actual) < 1.08 * best
    assert error(forecasts, actual) < 0.7 * error(np.zeros(TEST), actual)


@pytest.mark.slow
def test_direction_is_forecast_as_the_probability_of_up() -> None:
    """Of an autoregression with coefficient φ the sign can be known in ½ + asin(φ) / π of all days."""
    series = series_of(ar1(2500, phi=0.7), "direction")
    forecasts, actual = of_test(whole("lstm", series), series)
    assert ((forecasts > 0) & (forecasts < 1)).all()
    assert ((forecasts > 0.5) == actual).mean() == pytest.approx(0.5 + np.arcsin(0.7) / np.pi, abs=0.08)
    assert error(forecasts, actual) < 0.2  # ¼ for who always says one half


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["mlp", "birnn", "lstm"])
def test_learns_that_sizes_come_in_clusters(cell: str) -> None:
    returns = garch(2850, seed=1)
    series = series_of(returns, "volatility")
    network = Network(Architecture(cell, series.target, hidden=16))
    returned(network.fit(series.until(2150), training_days(2150)))
    actual, mean = np.abs(returns[2150:]), np.abs(returns[:2150]).mean()
    assert error(network.forecast(series, 2150)[:-1, 0], actual) < 0.975 * error(np.full(700, mean), actual)


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["student-t", "quantile"])
def test_stated_quantiles_hold_what_they_promise(loss: LossName) -> None:
    series = series_of(ar1(2500, phi=0.7))
    network, start = whole("lstm", series, loss=loss), 1500
    stated = network.quantiles(series, start)
    assert stated is not None
    assert stated.shape == (1001, 1, len(LEVELS))
    assert (np.diff(stated, axis=-1) > 0).all()
    below = (series.returns[start:, None] < stated[:-1, 0]).mean(axis=0)  # (LEVELS,)
    assert below == pytest.approx(LEVELS, abs=0.06)
    assert network.forecast(series, start)[:, 0] == pytest.approx(stated[:, 0, 9], rel=1e-4, abs=1e-8)


def test_other_networks_state_no_quantiles() -> None:
    series = series_of(garch(400))
    assert brief("gru", series).quantiles(series, 250) is None


@pytest.mark.slow
def test_further_inputs_are_read() -> None:
    """An input that says today what comes tomorrow is believed, where returns alone say nothing."""
    returns = garch(1500)
    hint = np.sign(np.append(returns[1:], 0))[:, None]
    hinted, alone = series_of(returns, extras=hint), series_of(returns)
    errors = [error(*of_test(whole("lstm", series), series)) for series in (hinted, alone)]
    assert errors[0] < 0.6 * errors[1]


def test_a_network_is_not_shown_inputs_it_was_not_built_for() -> None:
    series = series_of(garch(400), extras=np.zeros((400, 2)))
    with pytest.raises(InvalidRequest, match="2 further inputs a day, the network was built for 0"):
        brief("gru", series)


@pytest.mark.parametrize("cell", CELLS)
def test_same_seed_same_forecast(cell: str) -> None:
    series = series_of(garch(500), "volatility")
    first, again, other = (brief(cell, series, seed).forecast(series, 400) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_dropout_is_drawn_by_the_seed_and_leaves_the_random_state_alone() -> None:
    series = series_of(garch(500))
    architecture = Architecture("gru", series.target, hidden=6, layers=2, dropout=0.3)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, again = (fitted(architecture, series, seed=1) for _ in range(2))
    assert torch.equal(torch.rand(3), expected)
    assert np.array_equal(first.forecast(series, 400), again.forecast(series, 400))
    assert np.array_equal(first.forecast(series, 400), first.forecast(series, 400))  # nothing is left out of a forecast


def test_fitting_again_forgets() -> None:
    one, other = series_of(garch(500)), series_of(garch(500, seed=1))
    network, fresh = brief("gru", one), brief("gru", other)
    returned(network.fit(other.until(350), training_days(350)))
    assert np.array_equal(network.forecast(other, 350), fresh.forecast(other, 350))
    assert network.curve.equals(fresh.curve)


@pytest.mark.parametrize("architecture", possible(horizon=2), ids=name_of)
def test_loaded_network_forecasts_the_same(architecture: Architecture) -> None:
    series = series_of(garch(400), "volatility")
    network = fitted(architecture, series, seed=1, recipe=Recipe(steps=1))
    stranger = Network(architecture, seed=9)
    stranger.restore(network.weights, series)
    assert np.array_equal(stranger.forecast(series, 300), network.forecast(series, 300))


def test_weights_of_another_network_are_refused() -> None:
    series = series_of(garch(400))
    weights = brief("gru", series).weights
    del weights["head.linear.weight"]
    with pytest.raises(InvalidRequest, match=r"have no head\.linear\.weight: another version stored them; compare once more"):
        Network(Architecture("gru", series.target, hidden=6)).restore(weights, series)


def test_weights_outlive_the_next_fit() -> None:
    series = series_of(garch(500))
    network = brief("rnn", series)
    kept = network.weights
    copies = {name: array.copy() for name, array in kept.items()}
    returned(network.fit(series.until(400), 300))
    assert all(np.array_equal(kept[name], copies[name]) for name in kept)


@pytest.mark.parametrize("architecture", possible(horizon=2), ids=name_of)
def test_gates_of_the_last_days_are_those_of_the_network(architecture: Architecture) -> None:
    series = series_of(garch(400), "volatility")
    network = fitted(architecture, series, recipe=Recipe(steps=1))
    if not isinstance(getattr(network.model, "cell", None), nn.RNNBase):  # no cell, or one whose steps are not written out
        with pytest.raises(InvalidRequest, match="gates"):
            network.trace(series, 30)
        return
    traced = network.trace(series, 30)
    assert traced.output.shape == (1, 30, 4 * traced.directions)
    assert traced.directions == (2 if NETWORKS[architecture.cell].reads_backwards else 1)


def test_what_is_read_off_the_trace_is_the_forecast() -> None:
    series = series_of(garch(400))
    network = brief("lstm", series)
    with torch.inference_mode():
        reading = network.model.head(network.trace(series, 400).output)[0, -1, 0, 0]
    level = network.units(series)[-1]
    assert float(reading) * level == pytest.approx(network.forecast(series, 400)[-1, 0], rel=1e-4)


def test_scaler_is_fitted_on_the_training_days_alone() -> None:
    series = series_of(garch(600))
    network = brief("rnn", series)
    assert network.scaler is not None
    assert network.scaler.days == training_days(450)
    assert network.scaler.start == pytest.approx(series.sizes[: network.scaler.days].mean())


@pytest.mark.parametrize("cell", ["rnn", "birnn"])
def test_validation_days_stop_and_choose_but_teach_nothing(cell: str) -> None:
    """With other validation days the network is another checkpoint of the same path: the training losses are the same."""
    series = series_of(garch(600))
    other = series.until(450).with_another_future(training_days(450), 0)
    first, second = brief(cell, series).curve, Network(Architecture(cell, series.target, hidden=6), 0, BRIEF)
    returned(second.fit(other, training_days(450)))
    both = min(len(first), len(second.curve))
    assert np.array_equal(first.loss[:both], second.curve.loss[:both])
    assert not np.allclose(first.validation[:both], second.curve.validation[:both])


def test_curve_has_both_losses_at_every_validation() -> None:
    network = brief("gru", series_of(garch(600), "volatility"))
    assert list(network.curve) == ["step", "loss", "validation"]
    assert (network.curve.step.diff().dropna() > 0).all()
    assert np.isfinite(network.curve.to_numpy()).all()


def test_forecast_before_fit_is_an_error() -> None:
    series = series_of(garch(300))
    with pytest.raises(RuntimeError, match="before it was fitted"):
        Network(Architecture("rnn", series.target)).forecast(series, 200)


def test_forecast_before_a_window_is_full_is_an_error() -> None:
    series = series_of(garch(400))
    with pytest.raises(SeriesTooShort, match="20 days come before the first forecast, the network reads 32"):
        brief("birnn", series).forecast(series, 20)


def test_diverged_training_is_named() -> None:
    series = series_of(garch(600), extras=np.full((600, 1), np.nan))
    with pytest.raises(TrainingDiverged, match="loss is nan"):
        fitted(Architecture("rnn", series.target, extras=1), series)


def test_to_stop_iterating_is_to_cancel() -> None:
    series = series_of(garch(6000), "volatility")
    run = Network(Architecture("gru", series.target)).fit(series, 5000)
    assert next(run).numbers["loss"] > 0
    run.close()
    with pytest.raises(StopIteration):
        next(run)
