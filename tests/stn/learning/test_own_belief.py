"""The belief in the answers of somebody's own network."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from core.stn import calibrated_belief
from core.stn.geometry.theta import Parts, theta_of
from core.stn.learning.equivariance import turned
from core.stn.learning.own_belief import with_random_phases
from tests.stn.learning.test_own_network import RAMP, Turning


def ramps() -> Tensor:
    """A ramp turned by many angles, whose direction `Turning` finds."""
    thetas = torch.stack([theta_of(Parts(rotation_deg=angle)) for angle in range(-150, 180, 30)]).float()
    return turned(RAMP, thetas)


def smooth(seed: int, brightness: float) -> Tensor:
    small = torch.rand(8, 1, 3, 3, generator=torch.Generator().manual_seed(seed))
    return functional.interpolate(small, 64, mode="bicubic") + brightness


def test_a_network_that_turns_with_its_images_is_believed_and_a_blind_one_is_not() -> None:
    assert calibrated_belief(Turning(), ramps())(ramps()).min() > 0.8
    assert calibrated_belief(Turning(-math.inf), smooth(0, 0))(smooth(1, 0)).max() < 0.3


@pytest.mark.parametrize("known", [ramps(), ramps() / 2])
def test_what_it_knows_is_believed_and_what_it_does_not_know_is_not(known: Tensor) -> None:
    belief = calibrated_belief(Turning(blind_above=1), known, smooth(0, 2))
    assert np.mean(belief(known) > 0.8) > 0.9
    assert np.mean(belief(smooth(1, 2)) < 0.2) > 0.9


@pytest.mark.parametrize("shape", [(3, 1, 24, 24), (2, 3, 17, 32)])
def test_images_with_random_phases_keep_means_and_spectra_and_nothing_else(shape: tuple[int, ...]) -> None:
    images = torch.rand(shape, generator=torch.Generator().manual_seed(0)) + 1
    others = with_random_phases(images, torch.Generator().manual_seed(1))
    assert torch.allclose(others.mean((2, 3)), images.mean((2, 3)), atol=1e-4)
    inside = (slice(None), slice(None), slice(1, 8), slice(1, 8))  # amplitudes of real images' edges depend on their sign
    assert torch.allclose(torch.fft.rfft2(others).abs()[inside], torch.fft.rfft2(images).abs()[inside], rtol=0.01, atol=0.01)
    assert abs(np.corrcoef(others.flatten(), (images - images.mean()).flatten())[0, 1]) < 0.3
