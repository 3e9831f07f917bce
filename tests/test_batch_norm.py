from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.batch_norm import FEWEST, MOST, settle
from core.training import Plan, train
from tests.drive import played


def batches(seed: int = 0, shift: float = 3.0) -> Iterator[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    while True:
        yield shift + 2 * torch.randn(64, 5, generator=generator)


def test_statistics_are_the_mean_over_the_batches() -> None:
    layer = nn.BatchNorm1d(5)
    assert settle(layer, batches(), lambda model, batch: model(batch), math.inf) == MOST
    read = list(itertools.islice(batches(), MOST))
    torch.testing.assert_close(layer.running_mean, torch.stack([batch.mean(0) for batch in read]).mean(0))
    torch.testing.assert_close(layer.running_var, torch.stack([batch.var(0) for batch in read]).mean(0))
    assert layer.momentum == 0.1


def test_no_weight_changes_and_without_time_the_fewest_batches_are_read() -> None:
    network = nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    before = [weight.clone() for weight in network.parameters()]
    assert settle(network, batches(), lambda model, batch: model(batch), 0.0) == FEWEST
    assert all(map(torch.equal, before, network.parameters()))


def test_without_batches_or_normalisations_all_stays_as_it_was() -> None:
    layer = nn.BatchNorm1d(5)
    layer.running_mean.fill_(7)
    assert settle(layer, [], lambda model, batch: model(batch), math.inf) == 0
    assert layer.running_mean.eq(7).all()
    assert settle(nn.Linear(5, 2), batches(), lambda model, batch: pytest.fail("was run"), math.inf) == 0


def test_a_short_training_is_tested_by_the_statistics_of_its_own_weights() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(5, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 1))

    def loss_of(model: nn.Module, batch: Tensor) -> Tensor:
        return functional.mse_loss(model(batch)[:, 0], batch[:, 0])

    played(train(network, batches(shift=50.0), loss_of, Plan(steps=3)))
    fresh = next(batches(1, 50.0))
    with torch.no_grad():
        tested, statistics = network(fresh), network[1]
        normalised = statistics(network[0](fresh))
    assert not network.training
    assert normalised.mean(0).abs().max() < 0.5  # three steps of a running mean would be off by fourteen deviations
    assert tested.isfinite().all()


def test_equal_seeds_and_steps_still_give_equal_networks() -> None:
    weights = []
    for _ in range(2):
        torch.manual_seed(0)
        network = nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
        played(train(network, batches(), lambda model, batch: model(batch).square().mean(), Plan(steps=5)))
        weights.append(network.state_dict())
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
