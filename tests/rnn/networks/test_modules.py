from __future__ import annotations

import pytest
import torch
from torch import Tensor

from core.rnn.dataset.features import FEATURES
from core.rnn.dataset.target import target_of
from core.rnn.models import NETWORKS
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.modules import AnyNetwork, EncoderDecoder, FeedForward, OneToMany, network, unrolled
from core.rnn.networks.types import TypeName

FORWARDS = [cell for cell in NETWORKS if not NETWORKS[cell].reads_backwards and cell != "mlp"]
BACKWARDS = [cell for cell in NETWORKS if NETWORKS[cell].reads_backwards]
WINDOW = 20
INPUTS = torch.randn(3, WINDOW, FEATURES, generator=torch.Generator().manual_seed(0))


def untrained(
    cell: str, target: str = "return", type: TypeName = "auto", horizon: int = 1, hidden: int = 8, seed: int = 0
) -> AnyNetwork:
    return network(Architecture(cell, target_of(target), type, horizon, hidden), WINDOW, seed)


def reach(model: AnyNetwork) -> Tensor:
    """How much the outputs depend on each day, (WINDOW,)."""
    inputs = INPUTS.clone().requires_grad_()
    model(inputs).sum().backward()
    assert inputs.grad is not None
    return inputs.grad.abs().sum(dim=(0, 2))


@pytest.mark.parametrize("cell", FORWARDS)
def test_many_to_many_reads_the_days_ahead_after_every_day(cell: str) -> None:
    assert untrained(cell, horizon=5)(INPUTS).shape == (3, WINDOW, 5, 1)


@pytest.mark.parametrize("type", ["many-to-one", "encoder-decoder"])
@pytest.mark.parametrize("cell", FORWARDS + BACKWARDS)
def test_windows_are_read_once(cell: str, type: TypeName) -> None:
    assert untrained(cell, type=type, horizon=5)(INPUTS).shape == (3, 5, 1)


@pytest.mark.parametrize("type", ["one-to-one", "one-to-many"])
@pytest.mark.parametrize("cell", FORWARDS)
def test_one_day_is_enough(cell: str, type: TypeName) -> None:
    assert untrained(cell, type=type, horizon=5)(INPUTS[:, :1]).shape == (3, 5, 1)
    assert Architecture(cell, target_of(), type).days_read(WINDOW) == 1


@pytest.mark.parametrize(("loss", "width"), [("squared", 1), ("student-t", 3), ("quantile", 19)])
def test_a_loss_has_its_numbers_for_every_day_ahead(loss: str, width: int) -> None:
    architecture = Architecture("lstm", target_of(), horizon=4, loss=loss)
    assert network(architecture, WINDOW, 0)(INPUTS).shape == (3, WINDOW, 4, width)


@pytest.mark.parametrize("cell", FORWARDS)
def test_reading_of_a_day_does_not_know_later_days(cell: str) -> None:
    model, changed = untrained(cell, "volatility"), INPUTS.clone()
    changed[:, 12:] += 5
    assert torch.equal(model(changed)[:, :12], model(INPUTS)[:, :12])
    assert not torch.allclose(model(changed)[:, 12:], model(INPUTS)[:, 12:])


@pytest.mark.parametrize("cell", BACKWARDS)
def test_bidirectional_networks_read_their_whole_window_both_ways(cell: str) -> None:
    assert (reach(untrained(cell))[[0, -1]] > 1e-4).all()


def test_feed_forward_network_sees_every_day_of_its_window_alike() -> None:
    depends = reach(untrained("mlp", hidden=32))
    assert depends.max() < 5 * depends.min()


@pytest.mark.parametrize("window", [1, 32])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_feed_forward_network_has_the_size_of_a_vanilla_one(layers: int, window: int) -> None:
    architectures = [Architecture(cell, target_of(), "many-to-one", 1, 32, layers) for cell in ("mlp", "rnn")]
    plain, memory = (network(one, window, 0) for one in architectures)
    assert isinstance(plain, FeedForward)
    sizes = [sum(weight.numel() for weight in part.parameters()) for part in (plain.layers, memory.cell)]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.06)


def test_a_path_is_written_from_its_own_forecasts() -> None:
    """By hand: the state goes on, and what is fed is zeros and the last forecast."""
    model = untrained("gru", type="one-to-many", horizon=3)
    assert isinstance(model, OneToMany)
    state, fed, path = None, torch.cat([INPUTS[:, :1], torch.zeros(3, 1, 1)], dim=-1), []
    for _ in range(3):
        states, state = model.cell(fed, state)
        path.append(model.head(states[:, 0])[:, 0, 0])
        fed = torch.cat([torch.zeros(3, 1, FEATURES), path[-1][:, None, None]], dim=-1)
    assert torch.equal(model(INPUTS[:, :1])[..., 0], torch.stack(path, dim=1))


def test_decoder_starts_from_the_state_of_the_encoder() -> None:
    model = untrained("lstm", type="encoder-decoder", horizon=3)
    assert isinstance(model, EncoderDecoder)
    _, state = model.cell(INPUTS)
    assert torch.equal(model(INPUTS), unrolled(model.decoder, model.head, torch.zeros(3, 1, 1), state, 3))


@pytest.mark.parametrize("cell", NETWORKS)
def test_sizes_are_read_as_positive_numbers_and_start_near_the_mean(cell: str) -> None:
    outputs = untrained(cell, "volatility", hidden=32)(INPUTS)
    assert (outputs > 0).all()
    assert outputs.mean().item() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("cell", NETWORKS)
def test_returns_start_near_no_change_and_directions_at_one_half(cell: str) -> None:
    assert untrained(cell, "return", hidden=32)(INPUTS).abs().max() < 0.3
    assert (untrained(cell, "direction", hidden=32)(INPUTS) - 0.5).abs().max() < 0.1


@pytest.mark.parametrize("cell", NETWORKS)
def test_same_seed_same_weights_and_the_random_state_is_left_alone(cell: str) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, again, other = (untrained(cell, seed=seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not any(torch.equal(first[name], other[name]) for name in first if "weight" in name)
