"""Pairs of digits: how each is distorted, and how that grows."""

from __future__ import annotations

from itertools import islice, repeat

import numpy as np
import pytest
import torch

from core.stn.add.adders import CLASSES, SIDE
from core.stn.add.pairs import EASY, FULL, amount_at, pairs_of, sums_of
from core.stn.datasets.digits import shipped
from core.stn.datasets.labelled import Labelled
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import frame_grid, inverse


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
    undone = sample(pairs.images.flatten(0, 1)[:, None], frame_grid(inverse(pairs.thetas.flatten(0, 1)), 28, 28), "zeros")
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
    one, other = (list(islice(sums_of(data(), 4, seeded(2), repeat(1.0)), 2)) for _ in range(2))
    assert torch.equal(one[0][0], other[0][0])
    assert not torch.equal(one[0][0], one[1][0])
