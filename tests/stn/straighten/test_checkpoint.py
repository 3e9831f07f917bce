from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.numpy import save
from torch import nn

from core.errors import InvalidRequest, StoreError
from core.stn.datasets.canvas_size import VIEW
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.networks.spatial_transformer import LocalizationNetwork
from core.stn.networks.stored import Weights
from core.stn.networks.weights import weights_of
from core.stn.straighten.checkpoint import from_file, localization_from, put_state, state_in, state_of, to_file


def test_weights_survive_storage() -> None:
    network = LocalizationNetwork("affine", VIEW)
    with torch.no_grad():
        for value in network.parameters():
            value.add_(0.1 * torch.randn_like(value))
    view = torch.randn(3, 1, VIEW, VIEW)
    network(view)  # batch norm moves its running means
    again = localization_from("affine", weights_of(network))
    assert torch.equal(again(view), network.eval()(view))


def test_weights_of_another_network_are_refused_not_filled_in() -> None:
    weights = weights_of(LocalizationNetwork("affine", VIEW))
    without_last = {name: value for name, value in weights.items() if name != "params.bias"}
    other_shape = weights | {"params.bias": np.zeros(3, np.float32)}
    for unfit in ({}, without_last, other_shape, weights | {"more": np.zeros(3, np.float32)}):
        with pytest.raises(StoreError, match="do not fit this version of the network; run it again"):
            localization_from("affine", unfit)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_file_of_weights_gives_the_same_thetas_again(family: FamilyName) -> None:
    network = LocalizationNetwork(family, VIEW)
    with torch.no_grad():
        network.params.weight.normal_(std=0.1)
    view = torch.randn(2, 1, VIEW, VIEW)
    again = localization_from(family, from_file(family, to_file(family, weights_of(network))))
    assert torch.equal(again(view), network.eval()(view))


def test_kept_weights_do_not_change_when_the_training_goes_on() -> None:
    network = LocalizationNetwork("affine", VIEW)
    kept = weights_of(network)
    with torch.no_grad():
        network.params.bias.add_(1.0)
    assert kept["params.bias"].tolist() == [1, 0, 0, 0, 1, 0]


@pytest.mark.parametrize("content", [b"", b"nonsense", save({"a": np.zeros(2, np.float32)})])
def test_a_file_of_something_else_is_refused_in_one_sentence(content: bytes) -> None:
    with pytest.raises(InvalidRequest, match="no weights of a straighten run"):
        from_file("affine", content)


def test_weights_for_another_family_are_refused_by_their_titles() -> None:
    content = to_file("tps", weights_of(LocalizationNetwork("tps", VIEW)))
    with pytest.raises(InvalidRequest, match="learned for thin plate spline, not for shift"):
        from_file("translation", content)


def trained(steps: int, state: Weights | None = None) -> tuple[nn.Linear, torch.optim.Optimizer, torch.Generator]:
    """A line, learned in so many steps with AdamW, from a state on."""
    model, random = nn.Linear(2, 1), torch.Generator().manual_seed(0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    put_state(state or {}, optimizer, random)
    for _ in range(steps):
        optimizer.zero_grad()
        model(torch.randn(4, 2, generator=random)).square().mean().backward()
        optimizer.step()
    return model, optimizer, random


def test_a_training_goes_on_with_the_moments_and_the_random_numbers_of_the_one_before() -> None:
    _, optimizer, random = trained(3)
    file = to_file("affine", weights_of(LocalizationNetwork("affine", VIEW)), state_of(optimizer, random))
    assert from_file("affine", file).keys() == weights_of(LocalizationNetwork("affine", VIEW)).keys()
    _, again, numbers = trained(0, state_in(file))
    for own, other in zip(optimizer.state.values(), again.state.values(), strict=True):
        assert own.keys() == other.keys() == {"step", "exp_avg", "exp_avg_sq"}
        assert all(torch.equal(own[name], other[name]) for name in own)
    assert torch.equal(torch.rand(3, generator=numbers), torch.rand(3, generator=random))
    assert state_in(to_file("affine", weights_of(LocalizationNetwork("affine", VIEW)))) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"9/exp_avg": np.zeros(1, np.float32)},
        {"0/exp_avg": np.zeros(7, np.float32)},
        {"0/other": np.zeros(1, np.float32)},
        {"random": np.zeros(3, np.uint8)},
        {"nonsense": np.zeros(3, np.uint8)},
    ],
)
def test_the_state_of_another_training_is_refused_in_one_sentence(change: Weights) -> None:
    _, optimizer, random = trained(1)
    with pytest.raises(InvalidRequest, match="is that of another network"):
        trained(0, state_of(optimizer, random) | change)
