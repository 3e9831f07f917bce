from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from core.stn.datasets.distortions import Distortions
from core.stn.datasets.samples import sample, sample_names
from core.stn.geometry.theta import rotation_deg
from core.stn.geometry.warping import warp
from core.stn.straighten.baseline.deskew import is_page, skew_deg
from tests.stn.straighten.pages import page


@pytest.mark.parametrize(("size", "width"), [(10, 384), (14, 288), (22, 384)])
def test_a_bent_page_is_read_to_a_tenth_of_a_degree(size: int, width: int) -> None:
    bends = Distortions.of("similarity", 40).draw(12, torch.Generator().manual_seed(1))
    text = page(size, width)
    errors = [abs(skew_deg(warp(text, theta), 40) - rotation_deg(theta).item()) for theta in bends]
    assert np.median(errors) < 0.12
    assert max(errors) < 0.4


@pytest.mark.parametrize("turned", [-33.0, 7.3])
def test_counter_clockwise_is_positive_as_pillow_turns(turned: float) -> None:
    sheet = Image.fromarray(page()).rotate(turned, Image.Resampling.BICUBIC, fillcolor=(245, 240, 230))
    assert skew_deg(np.asarray(sheet), 45) == pytest.approx(turned, abs=0.2)


def test_pages_are_told_from_photos() -> None:
    assert all(is_page(page(size)) for size in (10, 14, 22))
    assert not any(is_page(sample(name).pixels) for name in sample_names())
