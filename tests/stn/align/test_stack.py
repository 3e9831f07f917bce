from __future__ import annotations

import numpy as np
import pytest
import torch

from core.stn.align.stack import Stack, sharpness, variance
from core.stn.datasets.samples import sample
from core.stn.geometry.pixels import picture_of
from core.stn.geometry.theta import Parts, identity, theta_of
from core.stn.geometry.warping import warp

GREY = np.full((100, 100, 3), 128, np.uint8)


def test_the_view_has_the_shape_that_all_photos_share() -> None:
    wide = np.zeros((60, 120, 3), np.uint8)
    assert (Stack.of([wide, wide], 256).width, Stack.of([wide, wide], 256).height) == (120, 60)
    assert (Stack.of([wide, GREY], 256).width, Stack.of([wide, GREY], 256).height) == (120, 120)
    assert Stack.of([np.zeros((800, 400, 3), np.uint8)] * 2, 256).height == 256


def mean_through(photo: np.ndarray, theta: torch.Tensor) -> np.ndarray:
    return picture_of(Stack.of([photo], 384).views(theta).mean(dim=0)).astype(int)


def test_identity_sees_the_photo() -> None:
    photo = sample("chelsea").pixels
    assert np.abs(mean_through(photo, identity(1)) - photo).max() <= 1


def test_what_is_seen_through_theta_is_the_warped_photo() -> None:
    photo = sample("chelsea").pixels
    theta = theta_of(Parts(20.0, 1.1, 1.1, 0.0, 0.1, -0.05)).float()
    expected = warp(photo, theta)
    assert np.abs(mean_through(photo, theta[None]) - expected).max() <= 1


def test_variance_by_hand() -> None:
    views = torch.tensor([0.2, 0.4, 0.9]).view(3, 1, 1, 1).expand(3, 3, 8, 8)
    assert variance(views) == pytest.approx(np.var([0.2, 0.4, 0.9]), abs=1e-6)
    assert variance(views[:1]) == 0


def test_sharpness_of_a_ramp_is_its_squared_slope_whatever_the_resolution() -> None:
    for side in (16, 64):
        ramp = torch.linspace(-1 + 1 / side, 1 - 1 / side, side)  # brightness x: one per half side
        assert sharpness(ramp.expand(3, side, side)) == pytest.approx(1.0, rel=1e-4)
