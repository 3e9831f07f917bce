"""The networks that add, and how steadily their transformers hold each digit."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.stn.add.adders import CLASSES, SIDE, TITLES, AdderName, spec_of
from core.stn.add.network import ASIDE, adder, answers, steadiness
from core.stn.add.pairs import Pairs, pairs_of
from core.stn.datasets.digits import shipped
from core.stn.datasets.labelled import Labelled
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.theta import frame_grid, inverse

NAMES = pytest.mark.parametrize("name", TITLES)


def some_pairs(count: int) -> Pairs:
    return pairs_of(Labelled.of(shipped().test), count, torch.Generator().manual_seed(0))


@NAMES
def test_every_network_gives_one_of_19_sums(name: AdderName) -> None:
    model = adder(name, "affine", 0).eval()
    pairs = some_pairs(3)
    assert model(pairs.images).shape == (3, CLASSES)
    assert answers(model, pairs).shape == (3,)


@pytest.mark.parametrize("family", ["translation", "similarity", "affine", "projective", "tps"])
def test_two_transformers_begin_to_either_side_of_the_middle(family: FamilyName) -> None:
    model = adder("2xst-fcn", family, 0)
    assert model.transformers is not None
    left, right = model.transformers.thetas(torch.rand(1, 2, SIDE, SIDE))
    aside = torch.tensor([[[1.0, 0.0, ASIDE], [0.0, 1.0, 0.0]]])
    expected = frame_grid(aside, 5, 5)
    assert torch.allclose(frame_grid(right, 5, 5), expected, atol=1e-5)
    assert torch.allclose(frame_grid(left, 5, 5), expected - torch.tensor([2 * ASIDE, 0.0]), atol=1e-5)


def test_two_transformers_hand_on_four_channels() -> None:
    outputs = adder("2xst-fcn", "affine", 0).view(torch.rand(2, 2, SIDE, SIDE))
    assert outputs.shape == (2, 4, SIDE, SIDE)
    assert spec_of("2xst-fcn", "affine").transformers == 2


class Undoing(nn.Module):
    """A localiser that knows the answer."""

    def __init__(self, theta: torch.Tensor) -> None:
        super().__init__()
        self.theta = theta

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.theta


def test_a_transformer_that_undoes_the_first_digit_steadies_it_wholly_and_not_the_other() -> None:
    pairs = some_pairs(300)
    model = adder("st-fcn", "affine", 0)
    assert model.transformers is not None
    model.transformers.localizers[0] = Undoing(inverse(pairs.thetas[:, 0]))
    first, other = steadiness(model, pairs, "st-fcn").steadied
    assert first == pytest.approx(1, abs=1e-4)
    assert other < 0


def test_a_transformer_that_changes_nothing_steadies_nothing() -> None:
    pairs = some_pairs(50)
    assert steadiness(adder("st-fcn", "affine", 0), pairs, "st-fcn").steadied.tolist() == pytest.approx([0, 0], abs=1e-5)
    assert steadiness(adder("fcn", "affine", 0), pairs, "fcn").empty


def test_every_family_of_the_table_can_add() -> None:
    for family in FAMILIES:
        assert adder("st-fcn", family, 0)(torch.rand(1, 2, SIDE, SIDE)).shape == (1, CLASSES)
