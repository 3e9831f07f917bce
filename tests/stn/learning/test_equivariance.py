"""Whether answers turn with the picture."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from core.stn.geometry.theta import Parts, identity, theta_of
from core.stn.learning.equivariance import answered_turns, scatter_of_turns

SIDE = 64


def blob(angle: float) -> Tensor:
    """A bright spot to the right of the centre, turned counter-clockwise by so many degrees: (1, 1, SIDE, SIDE)."""
    x = (2 * torch.arange(SIDE) + 1) / SIDE - 1
    turn = np.deg2rad(angle)
    away = (x[None, :] - 0.6 * np.cos(turn)) ** 2 + (x[:, None] + 0.6 * np.sin(turn)) ** 2  # y points down
    return torch.exp(-away / 0.02)[None, None].float()


def by_centre_of_mass(images: Tensor) -> Tensor:
    """Turns the spot back to the right of the centre."""
    x = (2 * torch.arange(SIDE) + 1) / SIDE - 1
    mass = images[:, 0] / images[:, 0].sum((1, 2), keepdim=True)
    right, down = (mass * x).sum((1, 2)), (mass * x[:, None]).sum((1, 2))
    angles = torch.rad2deg(torch.atan2(-down, right)).tolist()
    return torch.stack([theta_of(Parts(rotation_deg=-angle)) for angle in angles]).float()


def by_nothing(images: Tensor) -> Tensor:
    return identity(len(images))


def test_an_answer_that_turns_with_the_picture_lies_on_a_line_of_slope_1() -> None:
    table = answered_turns(by_centre_of_mass, blob(15), [-40, -10, 0, 25, 60])
    np.testing.assert_allclose(table.answered_deg, table.applied_deg + 15, atol=0.2)


def test_an_answer_that_is_always_the_same_lies_on_a_flat_line() -> None:
    assert answered_turns(by_nothing, blob(15), [-40, 0, 40]).answered_deg.tolist() == pytest.approx([0, 0, 0], abs=1e-4)


def test_answers_scatter_where_they_do_not_turn_with_the_picture() -> None:
    images = torch.cat([blob(0), blob(70)])
    assert scatter_of_turns(by_centre_of_mass, images).max() < 0.01
    half = torch.deg2rad(torch.tensor([10.0, 20.0])) / 2
    expected = (2 * 2**0.5 * torch.sin(half)).mean().item()
    assert scatter_of_turns(by_nothing, images).tolist() == pytest.approx([expected] * 2, rel=1e-4)
