from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from core.stn.align.contrast import FAINT, REACH, local_contrast
from core.stn.datasets.canvas import canvases_of, disc
from core.stn.datasets.canvas_size import VIEW
from core.stn.datasets.samples import sample


def canvases(name: str) -> torch.Tensor:
    return canvases_of([sample(name).pixels]).pixels


def test_it_is_the_deviation_from_a_gaussian_mean_over_the_gaussian_deviation() -> None:
    """Against scipy, which pads and truncates likewise; up to the scale that makes the middle's mean square 1."""
    image = canvases("astronaut")
    blurred = [gaussian_filter(image[0, 0].numpy(), REACH, mode="nearest", truncate=3)]
    away = image[0, 0].numpy() - blurred[0]
    expected = away / (np.sqrt(gaussian_filter(away**2, REACH, mode="nearest", truncate=3)) + FAINT)
    contrast = local_contrast(image)[0, 0].numpy()
    assert np.corrcoef(contrast.ravel(), expected.ravel())[0, 1] > 0.99999
    edge = (len(contrast) - VIEW) // 2
    middle = contrast[edge : edge + VIEW, edge : edge + VIEW]
    assert np.average(middle**2, weights=disc(VIEW).numpy()) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("name", ["astronaut", "coins"])
def test_light_from_one_side_does_not_change_it(name: str) -> None:
    image = canvases(name)
    ramp = torch.linspace(-2, 2, image.shape[-1]).expand_as(image)
    plain, lit = (local_contrast(one).flatten().numpy() for one in (image, image + ramp))
    assert np.corrcoef(plain, lit)[0, 1] > 0.97


@pytest.mark.parametrize("quarters", [1, 2])
def test_to_turn_and_to_take_the_contrast_are_the_same_in_either_order(quarters: int) -> None:
    image = canvases("chelsea")
    one = local_contrast(image.rot90(quarters, (-2, -1)))
    assert torch.allclose(one, local_contrast(image).rot90(quarters, (-2, -1)), atol=1e-4)


def test_one_flat_colour_has_none() -> None:
    assert local_contrast(torch.zeros(1, 1, 128, 128)).abs().max() == 0
