from __future__ import annotations

import numpy as np
import pytest

from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.kernels import KERNELS, PADDINGS, KernelName, Padding
from core.stn.geometry.kinds import through
from core.stn.geometry.pixels import picture_of, to_grey, to_tensor
from core.stn.geometry.sampling import sample, sample_antialiased
from core.stn.geometry.theta import Parts, folds, parse_theta, theta_of
from core.stn.geometry.warping import FRAME, Bend, Sampling, laid_on, warp
from core.stn.warp.controls import SHAPES, identity_of, start

ALL = tuple(FAMILIES)


@pytest.mark.parametrize("family", ALL)
def test_a_bend_is_the_warp(photo: np.ndarray, family: FamilyName) -> None:
    small, theta = photo[::4, ::4], start(family)
    height, width = small.shape[:2]
    expected = Sampling().of(to_tensor(small), Bend(theta, height, width).grid)
    assert np.array_equal(Bend(theta, height, width).of(small, Sampling()), picture_of(expected[0], 255))
    assert np.abs(warp(small, theta).astype(int) - picture_of(expected[0], 255)).max() <= 1  # in more digits until the grid


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("padding", PADDINGS)
def test_kernel_and_padding_are_those_of_the_warp(photo: np.ndarray, kernel: KernelName, padding: Padding) -> None:
    small, theta = photo[:40, :61], theta_of(Parts(30, 1.4, 1.2, 0.1, 0.2)).numpy()
    image, grid = to_tensor(small), Bend(theta, 40, 61).grid
    for antialias, read in ((False, sample), (True, sample_antialiased)):
        shown = warp(small, theta.astype(np.float32), Sampling(kernel, padding, 0.7, antialias))
        assert np.array_equal(shown, picture_of(read(image, grid, padding, kernel, 0.7)[0], 255))


def test_share_outside_is_counted_by_hand() -> None:
    assert not Bend(np.eye(2, 3), 10, 10).outside.any()
    assert Bend(theta_of(Parts(shift_x=0.5)).numpy(), 100, 100).outside.mean() == pytest.approx(0.25)
    assert Bend(theta_of(Parts(scale_x=2, scale_y=2)).numpy(), 60, 100).outside.mean() == pytest.approx(0.75)
    assert Bend(theta_of(Parts(shift_y=3)).numpy(), 10, 10).outside.all()


def test_shares_of_large_frames_are_those_of_small_ones() -> None:
    theta = theta_of(Parts(30, 1.2, 0.9, 0.1, 0.3)).numpy()
    large, small = Bend(theta, 800, 1200), laid_on(theta, 800, 1200)
    assert max(small.height, small.width) == FRAME
    assert small.outside.mean() == pytest.approx(large.outside.mean(), abs=0.005)


@pytest.mark.parametrize(("height", "width"), [(48, 48), (48, 72), (30, 20)])
def test_folds_are_where_the_jacobian_says(height: int, width: int) -> None:
    import torch

    theta = SHAPES["fold"]()
    exact = folds(torch.from_numpy(theta)[None], height, width)[0].numpy()
    assert 0.2 < exact.mean() < 0.6
    assert (Bend(theta, height, width).folded == exact).mean() > 0.97


def test_a_mirror_image_is_folded_everywhere_and_a_turn_nowhere() -> None:
    assert Bend(theta_of(Parts(scale_y=-1)).numpy(), 5, 9).folded.all()
    assert not Bend(theta_of(Parts(170)).numpy(), 5, 9).folded.any()


def test_grey_is_the_luminance_that_pillow_knows(photo: np.ndarray) -> None:
    from PIL import Image

    pillow = np.asarray(Image.fromarray(photo).convert("L")).astype(int)
    assert np.abs(to_grey(photo)[..., 0] - pillow).max() <= 1


def test_two_hundred_splines_fold_where_small_triangles_turn_over() -> None:
    """Against the signed area of a tiny triangle at every one of 16 × 16 pixels, moved by the spline."""
    random, step, folding = np.random.default_rng(0), 1e-6, 0
    for _ in range(200):
        theta = identity_of("tps") + random.normal(0, random.uniform(0.05, 0.3), (16, 2))
        bend = Bend(theta, 16, 16)
        y, x = np.mgrid[:16, :16] / 8 - 15 / 16
        corners = (np.stack([x + dx, y + dy], axis=-1) for dx, dy in ((0, 0), (step, 0), (0, step)))
        first, right, down = (through(theta, corner) for corner in corners)
        (a, c), (b, d) = ((moved - first).transpose(2, 0, 1) / step for moved in (right, down))
        areas = a * d - b * c
        sure = np.abs(areas) > 1e-3
        assert np.array_equal(bend.folded[sure], (areas < 0)[sure])
        folding += bool((areas < 0).any())
    assert 50 < folding < 190


@pytest.mark.parametrize("scale", [-1.0, -3.0, 2.0])
def test_a_homography_times_any_number_is_the_same_map(scale: float, photo: np.ndarray) -> None:
    bent = np.array([[1.0, 0.2, 0.1], [-0.1, 0.9, 0.0], [0.1, 0.05, 1.0]])
    for theta in (np.eye(3), bent):
        words = " ".join(map(str, (scale * theta).ravel()))
        assert np.allclose(warp(photo, parse_theta(words)).astype(int), warp(photo, theta), atol=1)
        assert np.array_equal(Bend(parse_theta(words), 20, 30).folded, Bend(theta, 20, 30).folded)
    assert np.array_equal(warp(photo, parse_theta(" ".join(map(str, (scale * np.eye(3)).ravel())))), photo)
