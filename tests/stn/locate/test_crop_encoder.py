"""The code by which crops are compared."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.stn.datasets.digits import shipped
from core.stn.datasets.labelled import Labelled
from core.stn.locate.crop_encoder import pretrained, squared_distances, trained


def unseen() -> Labelled:
    return Labelled.of(shipped().test)


@torch.no_grad()
def test_the_shipped_encoder_reads_digits_it_was_not_trained_on() -> None:
    data = unseen()
    predicted = pretrained()(data.images.float() / 255).argmax(dim=1)
    assert (predicted == data.labels).float().mean() > 0.95


@torch.no_grad()
def test_digits_of_one_class_have_nearer_codes_than_others_and_than_nothing() -> None:
    data = unseen()[torch.arange(200)]
    codes = pretrained().code(data.images.float() / 255)
    near = squared_distances(codes, codes)
    same = data.labels[:, None] == data.labels
    assert near[same].mean() < 0.75 * near[~same].mean()
    black = pretrained().code(torch.zeros(1, 1, 28, 28))
    assert near[same].mean() < squared_distances(codes, black).mean()


@torch.no_grad()
def test_every_layer_counts_alike() -> None:
    data = Labelled.of(shipped().train)[torch.arange(1000)]
    layers = pretrained().layers(data.images.float() / 255)
    for part, unit in zip(layers, pretrained().units, strict=True):
        mean = squared_distances(part / unit, part / unit).sum() / (1000 * 999)
        assert mean.item() == pytest.approx(1, rel=1e-3)


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 100))
def test_squared_distances_are_those_of_torch(count: int, other: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    a, b = (torch.randn(2, n, 7, generator=generator) for n in (count, other))
    assert torch.allclose(squared_distances(a, b), torch.cdist(a, b).square(), atol=1e-4)


def test_equal_seeds_learn_equal_encoders() -> None:
    one, other = trained(steps=2, seed=3).state_dict(), trained(steps=2, seed=3).state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)
