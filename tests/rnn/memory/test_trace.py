from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from core.errors import InvalidRequest, SeriesTooShort
from core.rnn.dataset.target import target_of
from core.rnn.memory.equations import EQUATIONS, Layer, layers_of, sigmoid
from core.rnn.memory.trace import trace
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.gates import GATES
from core.rnn.networks.gates import trace as torch_trace
from tests.rnn.memory.networks import fitted, name_of, possible, with_extras
from tests.rnn.series import as_series, garch

DAYS = 300


def cell_of(mode: str, layers: int = 1, both: bool = False) -> nn.RNNBase:
    kinds = {"LSTM": nn.LSTM, "GRU": nn.GRU}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        if mode in kinds:
            return kinds[mode](3, 5, layers, batch_first=True, bidirectional=both).double()
        kind = mode.removeprefix("RNN_").lower()
        return nn.RNN(3, 5, layers, kind, batch_first=True, bidirectional=both).double()


def read(cell: nn.RNNBase, inputs: np.ndarray) -> np.ndarray:
    weights = {name: value.detach().numpy() for name, value in cell.named_parameters()}
    for directions in layers_of(cell, weights):
        inputs = np.concatenate([layer.read(inputs)["h"] for layer in directions], axis=-1)
    return inputs


@pytest.mark.parametrize(("layers", "both"), [(1, False), (2, False), (1, True), (2, True)])
@pytest.mark.parametrize("mode", EQUATIONS)
def test_the_equations_give_the_states_of_torch(mode: str, layers: int, both: bool) -> None:
    cell, inputs = cell_of(mode, layers, both), np.random.default_rng(0).standard_normal((4, 12, 3))
    expected = cell(torch.from_numpy(inputs))[0].detach().numpy()
    assert read(cell, inputs) == pytest.approx(expected, abs=1e-12)
    assert read(cell, inputs[1]) == pytest.approx(expected[1], abs=1e-12)  # without a batch


@pytest.mark.parametrize("mode", EQUATIONS)
def test_the_gates_are_those_of_the_other_implementation(mode: str) -> None:
    cell, inputs = cell_of(mode), np.random.default_rng(0).standard_normal((2, 9, 3))
    [[layer]] = layers_of(cell, {name: value.detach().numpy() for name, value in cell.named_parameters()})
    ours, theirs = layer.read(inputs), torch_trace(cell, torch.from_numpy(inputs)).passes[0]
    assert tuple(EQUATIONS[mode].gates) == GATES[mode]
    for name in GATES[mode]:
        assert ours[name] == pytest.approx(theirs.gate(name).detach().numpy(), abs=1e-12)
    assert ours.get("c", ours["h"]) == pytest.approx(theirs.memory.detach().numpy(), abs=1e-12)


def test_one_unit_by_hand() -> None:
    """h_1 = tanh(0.5 · 1 + 0.3), h_2 = tanh(0.5 · 2 − 0.3 · h_1 + 0.3)."""
    one = [np.array([[0.5]]), np.array([[-0.3]]), np.array([0.1]), np.array([0.2])]
    first, second = Layer("RNN_TANH", *one).read(np.array([[1.0], [2.0]]))["h"][:, 0]
    assert first == pytest.approx(np.tanh(0.8))
    assert second == pytest.approx(np.tanh(1.3 - 0.3 * first))


def test_sigmoid_does_not_overflow() -> None:
    assert sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist() == [0, 0.5, 1]


@pytest.mark.parametrize("architecture", possible(), ids=name_of)
def test_the_forecast_at_the_end_of_a_trace_is_that_of_the_network(architecture: Architecture) -> None:
    series = as_series(garch(DAYS), target_of("volatility"))
    network = fitted(architecture, series)
    for origin in (DAYS - 1, DAYS - 40):
        expected = network.forecast(series.until(origin + 1), origin + 1)[-1]
        assert trace(network, series, origin).forecast == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("target", ["return", "direction"])
@pytest.mark.parametrize("loss", ["auto", "quantile", "student-t"])
def test_every_output_becomes_the_forecast_of_the_network(target: str, loss: str) -> None:
    if loss not in target_of(target).losses:
        return
    series = with_extras(as_series(garch(DAYS), target_of(target)), 2)
    architecture = Architecture("gru", series.target, "encoder-decoder", 4, 4, layers=2, loss=loss, extras=2)
    network = fitted(architecture, series)
    expected = network.forecast(series, DAYS)[-1]
    assert trace(network, series, DAYS - 1).forecast == pytest.approx(expected, rel=1e-4, abs=1e-9)


def test_the_output_is_the_heads_weights_times_the_state() -> None:
    series = as_series(garch(DAYS))
    network = fitted(Architecture("lstm", series.target, hidden=4), series)
    traced = trace(network, series, 250)
    [part] = traced.parts
    weights = {name: value.numpy() for name, value in network.model.state_dict().items()}
    expected = part.held["h"] @ weights["head.linear.weight"].T + weights["head.linear.bias"]
    assert traced.y == pytest.approx(expected)
    assert list(traced.y_steps) == list(part.steps) == list(range(251))
    assert traced.forecast[0] == pytest.approx(traced.y[-1, 0] * network.units(series)[251])


def test_a_trace_knows_no_later_day() -> None:
    series = as_series(garch(DAYS))
    network = fitted(Architecture("gru", series.target, hidden=4), series)
    whole, early = (trace(network, one, 200).parts[0].held["h"] for one in (series, series.until(201)))
    assert np.array_equal(whole, early)


def test_a_bidirectional_window_ends_at_the_origin_and_is_read_both_ways() -> None:
    series = as_series(garch(DAYS))
    network = fitted(Architecture("bilstm", series.target, "many-to-one", hidden=4), series)
    traced = trace(network, series, 100)
    forwards, backwards = traced.parts
    assert (forwards.name, backwards.name) == ("layer 1", "layer 1 backwards")
    assert list(forwards.steps) == list(range(69, 101))
    assert np.abs(forwards.held["c"][0]).max() < np.abs(forwards.held["c"]).max()
    assert traced.top == traced.parts


def test_a_day_without_enough_days_before_it_is_refused() -> None:
    series = as_series(garch(DAYS))
    network = fitted(Architecture("mlp", series.target), series)
    with pytest.raises(SeriesTooShort, match="reads 32 days"):
        trace(network, series, 30)


def test_a_cell_without_equations_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="no equations for Linear"):
        layers_of(nn.Linear(2, 2), {})
