"""Sums of two digits: the pairs, the networks, how steadily their transformers hold each digit."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
import torch
from torch import nn

from core.stn.add.pairs import (
    ASIDE,
    CLASSES,
    EASY,
    FULL,
    SIDE,
    TITLES,
    AdderName,
    adder,
    amount_at,
    answers,
    pairs_of,
    spec_of,
    steadiness,
    sums_of,
)
from core.stn.datasets.digits import shipped
from core.stn.datasets.labelled import Labelled
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.sampling import grid_of, sample
from core.stn.geometry.theta import inverse

NAMES = pytest.mark.parametrize("name", TITLES)


def data() -> Labelled:
    return Labelled.of(shipped().test)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_both_digits_of_a_pair_are_any_and_the_class_is_their_sum() -> None:
    pairs = pairs_of(data(), 600, seeded())
    assert pairs.images.shape == (600, 2, SIDE, SIDE)
    assert torch.equal(pairs.sums, pairs.digits[:, 0] + pairs.digits[:, 1])
    assert set(pairs.digits.flatten().tolist()) == set(range(10))
    assert abs(np.corrcoef(pairs.digits.numpy().T)[0, 1]) < 0.15
    assert pairs.sums.max() < CLASSES


def test_without_distortion_the_digits_are_the_clean_ones_in_the_middle() -> None:
    pairs = pairs_of(data(), 5, seeded(), amount=0.0)
    clean = {image.tobytes() for image in shipped().test.images}
    for channel in (255 * pairs.images[:, :, 7:35, 7:35]).round().to(torch.uint8).flatten(0, 1).numpy():
        assert channel.tobytes() in clean


def test_theta_leads_from_the_canvas_to_the_clean_digit() -> None:
    """Undoing theta shows the same digit as drawing it without distortion, but for what resampling blurs."""
    pairs, clean = (pairs_of(data(), 50, seeded(3), amount) for amount in (1.0, 0.0))
    undone = sample(pairs.images.flatten(0, 1)[:, None], grid_of(inverse(pairs.thetas.flatten(0, 1)), 28, 28), "zeros")
    difference = (undone[:, 0] - clean.images.flatten(0, 1)[:, 7:35, 7:35]).abs().mean()
    assert difference < 0.25 * clean.images[..., 7:35, 7:35].mean()


def test_the_two_digits_of_a_pair_move_independently() -> None:
    thetas = pairs_of(data(), 800, seeded()).thetas.flatten(2)  # (B, 2, 6)
    for number in (1, 2, 5):
        assert abs(np.corrcoef(thetas[:, :, number].numpy().T)[0, 1]) < 0.12


def test_distortions_grow_from_nothing_to_everything() -> None:
    assert amount_at(0) == amount_at(EASY) == 0
    assert amount_at((EASY + FULL) / 2) == pytest.approx(0.5)
    assert amount_at(FULL) == amount_at(1) == 1


def test_batches_are_fresh_and_equal_seeds_give_equal_ones() -> None:
    one, other = (list(islice(sums_of(data(), 4, seeded(2), lambda: 1.0), 2)) for _ in range(2))
    assert torch.equal(one[0][0], other[0][0])
    assert not torch.equal(one[0][0], one[1][0])


@NAMES
def test_every_network_gives_one_of_19_sums(name: AdderName) -> None:
    model = adder(name, "affine", 0).eval()
    pairs = pairs_of(data(), 3, seeded())
    assert model(pairs.images).shape == (3, CLASSES)
    assert answers(model, pairs).shape == (3,)


@pytest.mark.parametrize("family", ["translation", "similarity", "affine", "projective", "tps"])
def test_two_transformers_begin_to_either_side_of_the_middle(family: FamilyName) -> None:
    model = adder("2xst-fcn", family, 0)
    assert model.transformers is not None
    left, right = model.transformers.thetas(torch.rand(1, 2, SIDE, SIDE))
    aside = torch.tensor([[[1.0, 0.0, ASIDE], [0.0, 1.0, 0.0]]])
    expected = grid_of(aside, 5, 5)
    assert torch.allclose(grid_of(right, 5, 5), expected, atol=1e-5)
    assert torch.allclose(grid_of(left, 5, 5), expected - torch.tensor([2 * ASIDE, 0.0]), atol=1e-5)


def test_two_transformers_hand_on_four_channels() -> None:
    seen = adder("2xst-fcn", "affine", 0).seen(torch.rand(2, 2, SIDE, SIDE))
    assert seen.shape == (2, 4, SIDE, SIDE)
    assert spec_of("2xst-fcn", "affine").transformers == 2


class Undoing(nn.Module):
    """A localiser that knows the answer."""

    def __init__(self, theta: torch.Tensor) -> None:
        super().__init__()
        self.theta = theta

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.theta


def test_a_transformer_that_undoes_the_first_digit_steadies_it_wholly_and_not_the_other() -> None:
    pairs = pairs_of(data(), 300, seeded())
    model = adder("st-fcn", "affine", 0)
    assert model.transformers is not None
    model.transformers.localizers[0] = Undoing(inverse(pairs.thetas[:, 0]))
    first, other = steadiness(model, pairs, "st-fcn").steadied
    assert first == pytest.approx(1, abs=1e-4)
    assert other < 0


def test_a_transformer_that_changes_nothing_steadies_nothing() -> None:
    pairs = pairs_of(data(), 50, seeded())
    assert steadiness(adder("st-fcn", "affine", 0), pairs, "st-fcn").steadied.tolist() == pytest.approx([0, 0], abs=1e-5)
    assert steadiness(adder("fcn", "affine", 0), pairs, "fcn").empty


def test_every_family_of_the_table_can_add() -> None:
    for family in FAMILIES:
        assert adder("st-fcn", family, 0)(torch.rand(1, 2, SIDE, SIDE)).shape == (1, CLASSES)
