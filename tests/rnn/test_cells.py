from __future__ import annotations

from typing import get_args

import pytest
import torch

from core.rnn.cells import Bidirectional, Recurrent, network
from core.rnn.names import CellName
from core.rnn.targets import FEATURES

CELLS: tuple[CellName, ...] = get_args(CellName)
READ_ON = [cell for cell in CELLS if cell != "birnn"]
INPUTS = torch.randn(3, 20, FEATURES, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("cell", READ_ON)
def test_one_reading_after_every_day(cell: CellName) -> None:
    model = network(cell, 8, "return", 0)
    assert isinstance(model, Recurrent)
    assert model(INPUTS).shape == (3, 20)


def test_bidirectional_network_is_read_once_a_window() -> None:
    model = network("birnn", 8, "return", 0)
    assert isinstance(model, Bidirectional)
    assert model(INPUTS).shape == (3,)


@pytest.mark.parametrize("cell", READ_ON)
def test_reading_of_a_day_does_not_know_later_days(cell: CellName) -> None:
    model, changed = network(cell, 8, "volatility", 0), INPUTS.clone()
    changed[:, 12:] += 5
    assert torch.equal(model(changed)[:, :12], model(INPUTS)[:, :12])
    assert not torch.allclose(model(changed)[:, 12:], model(INPUTS)[:, 12:])


def test_bidirectional_network_reads_its_whole_window_both_ways() -> None:
    model = network("birnn", 8, "return", 0)
    inputs = INPUTS.clone().requires_grad_()
    model(inputs).sum().backward()
    assert inputs.grad is not None
    reach = inputs.grad.abs().sum(dim=(0, 2))  # (20,)
    assert (reach[[0, -1]] > 1e-3).all()


@pytest.mark.parametrize("cell", CELLS)
def test_sizes_are_read_as_positive_numbers_and_start_near_the_mean(cell: CellName) -> None:
    readings = network(cell, 32, "volatility", 0)(INPUTS)
    assert (readings > 0).all()
    assert readings.mean().item() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("cell", CELLS)
def test_returns_start_near_no_change(cell: CellName) -> None:
    assert network(cell, 32, "return", 0)(INPUTS).abs().max() < 0.15


@pytest.mark.parametrize("cell", CELLS)
def test_same_seed_same_weights_and_the_random_state_is_left_alone(cell: CellName) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, again, other = (network(cell, 8, "return", seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["cell.weight_hh_l0"], other["cell.weight_hh_l0"])
