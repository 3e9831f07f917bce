from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from core.stn.datasets.canvas import canvases_of, disc
from core.stn.datasets.canvas_size import CANVAS, VIEW
from core.stn.geometry.theta import Parts, identity, theta_of
from core.stn.geometry.warping import warp
from core.stn.straighten.looking.view import finish, views


def test_any_size_of_photo_becomes_one_canvas(photo: np.ndarray) -> None:
    photos = [photo, photo.transpose(1, 0, 2), photo[:25, :25], photo[:100, :33], np.tile(photo, (1, 4, 1))]
    canvases = canvases_of(photos)
    assert canvases.pixels.shape == (5, 1, CANVAS, CANVAS)
    assert canvases.frames[0].tolist() == pytest.approx([384 / 255, 1])
    assert canvases.frames[1].tolist() == pytest.approx([1, 384 / 255])


def test_canvas_shows_the_middle_of_the_photo_at_the_size_of_a_view() -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint8)[None, :, None], (128, 1, 3))  # 256 x 128: two pixels become one
    middle = canvases_of([ramp]).pixels[0, 0, 64]
    line = np.polyval(np.polyfit(np.arange(128), middle.numpy(), 1), np.arange(128))
    assert middle.numpy() == pytest.approx(line, abs=0.02)
    assert middle[63] + middle[64] == pytest.approx(0, abs=0.02)  # the mean grey lies in the middle


def test_view_of_a_bent_photo_is_the_photo_viewed_through_the_same_theta(photo: np.ndarray) -> None:
    theta = theta_of(Parts(20, 1.1, 1.1, 0, 0.1, -0.05)).float()
    bent = warp(photo, theta)
    view, expected = views(canvases_of([bent]), identity()), views(canvases_of([photo]), theta[None])
    unbent = views(canvases_of([photo]), identity())
    assert (view - expected).abs().mean() < 0.07 < 0.5 < (unbent - expected).abs().mean()


def test_view_does_not_depend_on_exposure_or_on_resolution(photo: np.ndarray) -> None:
    plain = views(canvases_of([photo]), identity())
    dark = views(canvases_of([(photo * 0.5 + 20).astype(np.uint8)]), identity())
    large = views(canvases_of([np.asarray(Image.fromarray(photo).resize((1152, 765)))]), identity())
    assert (plain - dark).abs().mean() < 0.03
    assert (plain - large).abs().mean() < 0.03


def test_view_hides_the_corners() -> None:
    view = finish(torch.rand(2, 1, VIEW, VIEW))
    assert (view[..., disc() == 0] == 0).all()
    assert disc()[VIEW // 2, VIEW // 2] == 1
    assert disc()[0, 0] == 0
