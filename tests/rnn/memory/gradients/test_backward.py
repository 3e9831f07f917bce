from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from core.drive import returned
from core.errors import InvalidRequest
from core.rnn.dataset.splits import training_days
from core.rnn.dataset.target import target_of
from core.rnn.memory.gradients.backward import STAGES, STEPS, backward, can_go_back, spectral_radius, stages, with_radius
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.modules import network as untrained
from core.rnn.networks.network import Network
from tests.rnn.memory.networks import TEST, fitted
from tests.rnn.series import as_series, garch

DAYS, DAY = 320, np.array([260])


def one(cell: str, type="auto", layers: int = 1, target: str = "return", horizon: int = 1) -> tuple[Network, object]:
    series = as_series(garch(DAYS), target_of(target))
    return fitted(Architecture(cell, series.target, type, horizon, hidden=4, layers=layers), series), series


def loss_from(network: Network, series, back: int, h: np.ndarray, c: np.ndarray | None) -> float:
    """The loss of the day where a network of one layer goes on from a state `back` days before the origin; torch's layers."""
    model = copy.deepcopy(network.model).double()
    rest = network.features(series).double()[None, int(DAY[0]) - back : int(DAY[0])]
    h0 = torch.tensor(h)[None, None]
    state = h0 if c is None else (h0, torch.tensor(c)[None, None])
    last = h0[0] if back == 0 else model.cell(rest, state)[0][:, -1]
    labels = network.labels(series).double()[DAY - 1]
    return network.loss.of(model.head(last), labels).mean().item()


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_gradient_by_an_earlier_state_is_the_finite_difference_of_the_loss(cell: str) -> None:
    network, series = one(cell)
    found = backward(network, series, DAY)
    assert (found.c is None) == (cell != "lstm")
    model = copy.deepcopy(network.model).double()
    read = network.features(series).double()[None, int(DAY[0]) - STEPS : int(DAY[0])]
    for back in (1, 4, 12):
        _, state = model.cell(read[:, : STEPS - back])
        h, c = (state[0], state[1]) if cell == "lstm" else (state, None)
        start, memory = h[0, 0].detach().numpy(), None if c is None else c[0, 0].detach().numpy()
        slopes = []
        for unit in range(4):
            ends = []
            for sign in (1, -1):
                moved = start.copy()
                moved[unit] += sign * 1e-5
                ends.append(loss_from(network, series, back, moved, memory))
            slopes.append((ends[0] - ends[1]) / 2e-5)
        assert found.h[back] == pytest.approx(np.linalg.norm(slopes), rel=1e-3, abs=1e-8)


def test_the_norm_of_all_weights_is_that_of_torch() -> None:
    network, series = one("gru")
    network.model.zero_grad()
    inputs = network.features(series)[None, 220:260]
    outputs = network.model(inputs)[:, -1]
    network.loss.of(outputs, network.labels(series)[DAY - 1]).mean().backward()
    expected = torch.nn.utils.get_total_norm([weight.grad for weight in network.model.parameters()])
    found = backward(network, series, DAY)
    assert found.weights == pytest.approx(expected.item(), rel=1e-4)
    assert found.clipped(found.weights / 4) == pytest.approx(0.25)
    assert found.clipped(2 * found.weights) == 1


@pytest.mark.parametrize("radius", [0.5, 1.0, 1.5])
def test_an_orthogonal_recurrence_without_inputs_multiplies_the_gradient_by_its_radius_a_day(radius: float) -> None:
    network, series = one("rnn")
    network.model = copy.deepcopy(network.model)
    with torch.no_grad():
        for name, weight in network.model.cell.named_parameters():
            weight.zero_()
            if name == "weight_hh_l0":
                weight.copy_(torch.linalg.qr(torch.randn(4, 4, generator=torch.Generator().manual_seed(0)))[0])
    found = backward(network, series, DAY, radius)
    assert found.radius == pytest.approx(radius, rel=1e-4)
    assert found.h[1:] / found.h[:-1] == pytest.approx(np.full(STEPS - 1, radius), rel=1e-3)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_radius_that_is_turned_to_is_the_one_there_is(cell: str) -> None:
    network, _ = one(cell, layers=2)
    before = spectral_radius(network.model.cell)
    turned = with_radius(network.model, 1.7)
    assert spectral_radius(turned.cell) == pytest.approx(1.7, rel=1e-5)
    weights = turned.cell.weight_hh_l0.detach().double().numpy().reshape(-1, 4, 4)
    assert max(abs(np.linalg.eigvals(gate)).max() for gate in weights) == pytest.approx(1.7, rel=1e-5)
    assert spectral_radius(network.model.cell) == before  # the network stays as it is


def test_a_bidirectional_window_and_a_volatility_some_days_ahead_have_gradients_too() -> None:
    network, series = one("bilstm", "many-to-one", target="volatility", horizon=3)
    found = backward(network, series, np.array([240, 260]))
    assert found.h.shape == found.c.shape == (network.window,)
    assert (found.h > 0).all()


@pytest.mark.parametrize(("cell", "type"), [("gru", "encoder-decoder"), ("gru", "one-to-one"), ("mlp", "many-to-one")])
def test_networks_without_days_to_go_back_through_are_refused(cell: str, type) -> None:
    network, series = one(cell, type)
    assert not can_go_back(network)
    with pytest.raises(InvalidRequest, match="go back"):
        backward(network, series, DAY)


def test_the_stages_run_from_the_untrained_network_to_the_one_there_is() -> None:
    network, series = one("gru")
    end = DAYS - TEST
    found = returned(stages(network, series, end, training_days(end)))
    assert tuple(found) == STAGES
    fresh = copy.copy(network)
    fresh.model = untrained(network.architecture, network.recipe.window, network.seed)
    days = np.unique(np.linspace(end, DAYS - 1, 32).round().astype(int))
    assert found["beginning"].h == pytest.approx(backward(fresh, series, days).h)
    assert found["end"].h == pytest.approx(backward(network, series, days).h)
    assert not np.allclose(found["middle"].h, found["end"].h, rtol=1e-3)
