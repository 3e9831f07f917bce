from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.ndimage import gaussian_filter, map_coordinates
from torch.nn import functional

from core.stn.geometry import warping
from core.stn.geometry.interpolation import interpolate
from core.stn.geometry.kernels import KERNELS, PADDINGS, KernelName, Padding
from core.stn.geometry.sampling import footprint, sample, sample_antialiased
from core.stn.geometry.theta import Parts, for_frame, identity, move, theta_of
from core.stn.geometry.warping import Sampling, warp
from tests.stn.geometry.frames import grid_of

THETA = theta_of(Parts(25, 0.8, 1.2, 0.1, 0.15, -0.2)).float()
FRAMED = for_frame(THETA, 384, 255)  # the same in the coordinates of the photo's frame


def test_grid_equals_that_of_torch() -> None:
    theta = torch.randn(3, 2, 3)
    expected = functional.affine_grid(theta, [3, 1, 7, 11], align_corners=False)
    assert torch.allclose(grid_of(theta, 7, 11), expected, atol=1e-6)


def test_moving_the_regular_points_gives_the_grid() -> None:
    theta = torch.randn(3, 2, 3)
    points = grid_of(torch.eye(2, 3).expand(3, 2, 3), 7, 11)
    assert torch.allclose(move(theta, points), grid_of(theta, 7, 11), atol=1e-6)


def test_identity_theta_returns_the_image(photo: np.ndarray) -> None:
    assert np.array_equal(warp(photo, np.eye(2, 3)), photo)


@pytest.mark.parametrize("padding", PADDINGS)
def test_warp_is_within_one_grey_level_of_torch(photo: np.ndarray, padding: str) -> None:
    image = torch.tensor(photo).permute(2, 0, 1)[None].float()
    grid = functional.affine_grid(FRAMED[None], list(image.shape), align_corners=False)
    expected = functional.grid_sample(image, grid, padding_mode=padding, align_corners=False)[0].permute(1, 2, 0).numpy()
    assert np.abs(warp(photo, THETA, Sampling(padding=padding)).astype(float) - expected).max() <= 1


def test_warp_is_within_one_grey_level_of_scipy(photo: np.ndarray) -> None:
    height, width = photo.shape[:2]
    x, y = np.meshgrid((2 * np.arange(width) + 1) / width - 1, (2 * np.arange(height) + 1) / height - 1)
    source = np.stack([x, y, np.ones_like(x)], axis=-1) @ FRAMED.double().numpy().T
    rows, columns = ((source[..., 1] + 1) * height - 1) / 2, ((source[..., 0] + 1) * width - 1) / 2
    expected = map_coordinates(photo[..., 0].astype(float), [rows, columns], order=1, mode="nearest")
    assert np.abs(warp(photo, THETA)[..., 0] - expected).max() <= 1


def test_strips_do_not_show(photo: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = warp(photo, THETA)
    monkeypatch.setattr(warping, "_STRIP", 1000)
    assert np.array_equal(warp(photo, THETA), whole)


def test_warp_keeps_grey_grey_and_takes_any_size(photo: np.ndarray) -> None:
    assert warp(photo[..., 0], THETA).shape == (255, 384)
    assert warp(photo, THETA, size=(20, 31)).shape == (20, 31, 3)


def test_warp_reads_what_it_may_not_write(photo: np.ndarray) -> None:
    frozen = photo.copy()
    frozen.flags.writeable = False
    assert np.array_equal(warp(frozen, np.eye(2, 3)), photo)
    assert np.array_equal(warp(photo[:, ::-1], np.eye(2, 3)), photo[:, ::-1])


def test_sampler_passes_gradcheck_in_image_and_theta() -> None:
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(1, 2, 5, 6, dtype=torch.float64, generator=generator, requires_grad=True)
    theta = (0.7 * THETA[None].double() + 0.01).requires_grad_()
    assert torch.autograd.gradcheck(lambda u, t: sample(u, grid_of(t, 4, 3)), (image, theta), eps=1e-7, atol=1e-5)


def picture(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def zoomed_out(factor: float, height: int, width: int, shift: float = 0.0) -> torch.Tensor:
    theta = torch.tensor([[[factor, 0, shift], [0, factor, 0]]], dtype=torch.float64)
    return grid_of(theta, height, width)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("kernel", KERNELS)
def test_what_torch_computes_in_one_piece_is_the_generic_sampler(kernel: KernelName, padding: Padding) -> None:
    image, grid = picture(2, 3, 9, 12), picture(2, 6, 5, 2, seed=1) * 5 - 2.5
    expected = interpolate(image, grid, kernel, padding, 0.6)
    assert torch.allclose(sample(image, grid, padding, kernel, 0.6), expected, atol=1e-9)
    single = sample(image.float(), grid.float(), padding, kernel, 0.6)
    if kernel != "integer":  # in single precision a point next to the edge of a pixel may fall on its other side
        assert torch.allclose(single.double(), expected, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("padding", PADDINGS)
def test_integer_kernel_rounds_ties_up_where_torch_rounds_them_to_even(padding: Padding, dtype: torch.dtype) -> None:
    row = torch.arange(7, dtype=dtype).expand(1, 1, 5, 7)
    grid = grid_of(torch.tensor([[[1, 0, 1 / 7], [0, 1, 0]]], dtype=dtype), 5, 7)  # half a pixel to the right
    assert sample(row, grid, padding, "integer")[0, 0, 2, :6].tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("kernel", KERNELS)
@given(height=st.integers(1, 30), width=st.integers(1, 30))
@settings(max_examples=15, deadline=None)
def test_identity_is_the_identity_for_every_kernel_and_padding(
    kernel: KernelName, padding: Padding, height: int, width: int
) -> None:
    image, grid = picture(1, 2, height, width), zoomed_out(1, height, width)
    assert (sample(image, grid, padding, kernel) - image).abs().max() < 1e-6
    assert (sample_antialiased(image, grid, padding, kernel) - image).abs().max() < 1e-6


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("padding", PADDINGS)
def test_identity_theta_returns_the_image_with_every_kernel(photo: np.ndarray, kernel: KernelName, padding: Padding) -> None:
    small = photo[:40, :51]
    for antialias in (False, True):
        assert np.array_equal(warp(small, np.eye(2, 3), Sampling(kernel, padding, antialias=antialias)), small)


@pytest.mark.parametrize("shift", [0.0, 0.01, 0.02])
def test_fine_stripes_zoomed_out_turn_grey_and_not_into_false_stripes(shift: float) -> None:
    x = (torch.arange(64, dtype=torch.float64) + 0.5) / 64
    stripes = (0.5 + 0.5 * torch.sin(2 * torch.pi * 15 * x)).expand(1, 1, 64, 64)
    grid = zoomed_out(1, 16, 16, shift)  # every fourth pixel: 15 periods in 16 pixels look like one
    pillow = np.asarray(Image.fromarray(stripes[0, 0].float().numpy()).resize((16, 16), Image.Resampling.BOX))
    assert sample(stripes, grid).std() > 0.25
    assert sample_antialiased(stripes, grid).std() < pillow.std() < 0.03


@pytest.mark.parametrize(("factor", "mean", "worst"), [(2, 1.0, 8), (4, 1.0, 8), (3, 2.5, 30)])
def test_photo_zoomed_out_looks_as_pillow_reduces_it(photo: np.ndarray, factor: int, mean: float, worst: float) -> None:
    photo = photo[:252]
    size = (photo.shape[0] // factor, photo.shape[1] // factor)
    pillow = np.asarray(Image.fromarray(photo).resize(size[::-1], Image.Resampling.BILINEAR)).astype(float)
    careful, plain = (np.abs(warp(photo, np.eye(2, 3), Sampling(antialias=on), size) - pillow) for on in (True, False))
    assert careful.mean() < mean < plain.mean() / 1.5
    assert careful.max() < worst < plain.max()


def test_zooming_in_needs_no_care() -> None:
    image, theta = picture(1, 2, 20, 30), torch.tensor([[[0.6, -0.3, 0.1], [0.3, 0.6, 0.2]]], dtype=torch.float64)
    grid = grid_of(theta, 20, 30)
    assert torch.equal(sample_antialiased(image, grid), sample(image, grid))


def test_footprint_counts_input_pixels_from_one_output_pixel_to_the_next() -> None:
    turned = torch.tensor([[[0.0, -3.0, 0], [3.0, 0.0, 0]]], dtype=torch.float64)
    assert torch.allclose(footprint(grid_of(turned, 8, 8), 8, 8), torch.tensor(3.0, dtype=torch.float64))
    assert torch.allclose(footprint(grid_of(turned / 6, 8, 8), 8, 8), torch.tensor(1.0, dtype=torch.float64))
    assert torch.allclose(footprint(zoomed_out(1, 1, 4), 8, 12), torch.tensor(3.0, dtype=torch.float64))


def test_only_what_is_far_away_is_smoothed() -> None:
    """A striped floor that runs towards the horizon: sharp in front, grey behind."""
    stripes = (torch.arange(96, dtype=torch.float64) % 2).expand(1, 1, 8, 96)
    columns = torch.arange(16, dtype=torch.float64)
    x = (2 * torch.stack([40 + columns, 40 + columns, 5 * columns, 5 * columns]) + 1) / 96 - 1
    grid = torch.stack([x, torch.zeros_like(x)], dim=-1)[None]  # (1, 4, 16, 2): two rows in front, two behind
    assert torch.equal(sample_antialiased(stripes, grid)[0, 0, 0].round(decimals=9), stripes[0, 0, 0, 40:56])
    assert sample(stripes, grid)[0, 0, 3].std() > 0.5
    assert sample_antialiased(stripes, grid)[0, 0, 3].std() < 0.05


def test_a_grid_that_collapsed_or_exploded_is_sampled_without_complaint() -> None:
    image = picture(1, 1, 8, 8)
    for scale in (0.0, 1e6, 1e30):
        assert sample_antialiased(image, zoomed_out(scale, 8, 8)).isfinite().all()


def test_antialiased_sampler_passes_gradcheck_in_image_and_theta() -> None:
    image, theta = picture(1, 2, 9, 10), 2.9 * THETA[None].double()
    leaves = (image.requires_grad_(), theta.requires_grad_())
    assert torch.autograd.gradcheck(lambda u, t: sample_antialiased(u, grid_of(t, 4, 3)), leaves, eps=1e-7, atol=1e-5)


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("kernel", KERNELS)
def test_strips_show_for_no_kernel_and_no_kind_of_theta(
    photo: np.ndarray, monkeypatch: pytest.MonkeyPatch, kernel: KernelName, antialias: bool
) -> None:
    small = photo[:50, :70]
    homography = np.array([[2.1, 0.2, 0], [0.1, 1.8, 0], [0.3, 0.2, 1]])
    spline = identity(1, "tps")[0].numpy() * 1.7 + 0.1
    for theta in (homography, spline):
        whole = warp(small, theta, Sampling(kernel, antialias=antialias))
        monkeypatch.setattr(warping, "_STRIP", 700)
        stripped = warp(small, theta, Sampling(kernel, antialias=antialias))
        monkeypatch.undo()
        assert np.abs(whole.astype(int) - stripped).max() <= 1
        assert (whole != stripped).mean() < 0.02  # where rounding falls on the other side


def test_a_spline_bends_a_wide_picture_in_square_coordinates(photo: np.ndarray) -> None:
    turn = theta_of(Parts(rotation_deg=20)).float()
    spline = move(turn[None], identity(1, "tps"))[0].numpy()
    expected = warp(photo, turn)
    assert np.abs(warp(photo, spline).astype(int) - expected).max() <= 1


def test_warp_blurs_by_phi(photo: np.ndarray) -> None:
    blurred = warp(photo[..., 0], np.eye(2, 3), Sampling("gaussian", phi=2.0))
    expected = gaussian_filter(photo[..., 0].astype(float), sigma=2.0, mode="nearest")
    assert np.abs(blurred - expected).max() <= 1
