from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.ndimage import gaussian_filter, map_coordinates
from torch.nn import functional

from core.errors import InvalidRequest
from core.stn.geometry.interpolation import by_image, dead_zone, gradients, in_pixels, interpolate
from core.stn.geometry.kernels import KERNELS, PADDINGS, KernelName, Padding

NUMPY_PADS = {"border": "edge", "zeros": "constant", "reflection": "symmetric"}
SCIPY_MODES = {"border": "nearest", "zeros": "grid-constant", "reflection": "reflect"}
SMOOTH: tuple[KernelName, ...] = ("bilinear", "bicubic", "lanczos", "gaussian")  # those with a gradient
PHI = (0.7, 0.4)  # read by the Gaussian alone
EVERY = [(kernel, padding) for kernel in KERNELS for padding in PADDINGS]
every_rule = pytest.mark.parametrize(("kernel", "padding"), EVERY)
smooth_rules = pytest.mark.parametrize(("kernel", "padding"), [(k, p) for k in SMOOTH for p in PADDINGS])


def picture(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def points(count: int, reach: float = 2.2, seed: int = 1) -> torch.Tensor:
    """Random places (1, count, 1, 2) in and around the picture."""
    return (2 * picture(1, count, 1, 2, seed=seed) - 1) * reach


def regular(height: int, width: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    theta = torch.eye(2, 3, dtype=dtype)[None]
    return functional.affine_grid(theta, [1, 1, height, width], align_corners=False)


def at(x: list[float], y: list[float], height: int, width: int) -> torch.Tensor:
    """A grid (1, 1, N, 2) of places given in pixels."""
    place = torch.tensor([x, y], dtype=torch.float64).T
    return ((2 * place + 1) / torch.tensor([width, height], dtype=torch.float64) - 1)[None, None]


def keys(d: np.ndarray) -> np.ndarray:
    r = np.abs(d)
    near, far = 1.25 * r**3 - 2.25 * r**2 + 1, -0.75 * (r**3 - 5 * r**2 + 8 * r - 4)
    return np.where(r <= 1, near, np.where(r < 2, far, 0))


def lanczos3(d: np.ndarray) -> np.ndarray:
    values = np.where(np.abs(d) < 3, np.sinc(d) * np.sinc(d / 3), 0)
    return values / values.sum()


def gauss(d: np.ndarray, phi: float) -> np.ndarray:
    values = np.where(np.abs(d) <= np.ceil(4 * phi), np.exp(-(d**2) / (2 * phi**2)), 0)
    return values / values.sum()


BY_HAND = {
    "integer": lambda d, _: ((d >= -0.5) & (d < 0.5)).astype(float),
    "bilinear": lambda d, _: np.maximum(0, 1 - np.abs(d)),
    "bicubic": lambda d, _: keys(d),
    "lanczos": lambda d, _: lanczos3(d),
    "gaussian": gauss,
}


def by_its_row(name: KernelName) -> Callable[[np.ndarray, float], np.ndarray]:
    """k of a kernel that nobody has written down by hand: its own shape, cut off at its reach."""

    def k(d: np.ndarray, phi: float) -> np.ndarray:
        row = KERNELS[name]
        values = row.shape(torch.from_numpy(d), torch.tensor(phi)).numpy() * (np.abs(d) <= row.reach(phi))
        return values / values.sum() if row.normalised else values

    return k


def eq3(image: np.ndarray, x: float, y: float, kernel: KernelName, padding: Padding) -> float:
    """The double sum of eq. 3 written down, over ALL pixels of a picture that numpy has continued outwards."""
    margin = 20
    wide = np.pad(image, margin, mode=NUMPY_PADS[padding])
    k = BY_HAND.get(kernel, by_its_row(kernel))
    across = k(x - (np.arange(wide.shape[1]) - margin), PHI[0])
    down = k(y - (np.arange(wide.shape[0]) - margin), PHI[1])
    return float(down @ wide @ across)


@every_rule
def test_every_kernel_equals_the_double_sum_by_hand(kernel: KernelName, padding: Padding) -> None:
    image, grid = picture(1, 1, 7, 9), points(60)
    x, y = ((grid[0, :, 0].numpy() + 1) * (9, 7) - 1).T / 2
    expected = [eq3(image[0, 0].numpy(), *place, kernel, padding) for place in zip(x, y, strict=True)]
    assert np.allclose(interpolate(image, grid, kernel, padding, PHI)[0, 0, :, 0], expected, atol=1e-9)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("kernel", ["bilinear", "bicubic"])
def test_bilinear_and_bicubic_are_those_of_torch(kernel: KernelName, padding: Padding) -> None:
    image, grid = picture(2, 3, 8, 11), picture(2, 5, 6, 2, seed=3) * 5 - 2.5
    expected = functional.grid_sample(image, grid, mode=kernel, padding_mode=padding, align_corners=False)
    assert torch.allclose(interpolate(image, grid, kernel, padding), expected, atol=1e-12)


@pytest.mark.parametrize(("kernel", "order"), [("integer", 0), ("bilinear", 1)])
@pytest.mark.parametrize("padding", PADDINGS)
def test_integer_and_bilinear_are_those_of_scipy(kernel: KernelName, order: int, padding: Padding) -> None:
    image, grid = picture(1, 1, 7, 9), points(200)
    x, y = in_pixels(grid, 7, 9)
    places = [y.flatten().numpy(), x.flatten().numpy()]
    expected = map_coordinates(image[0, 0].numpy(), places, order=order, mode=SCIPY_MODES[padding])
    assert np.allclose(interpolate(image, grid, kernel, padding).flatten(), expected, atol=1e-9)


def test_lanczos_magnifies_as_pillow_does() -> None:
    image = picture(20, 24).float().numpy()
    expected = np.asarray(Image.fromarray(image).resize((72, 60), Image.Resampling.LANCZOS))
    grid = regular(60, 72, torch.float32)
    magnified = interpolate(torch.from_numpy(image)[None, None], grid, "lanczos")[0, 0].numpy()
    assert np.abs(magnified - expected)[9:-9, 9:-9].max() < 1e-5  # at the rim Pillow leaves neighbours out


def test_gaussian_at_the_identity_is_the_blur_of_scipy() -> None:
    image = picture(1, 1, 30, 40)
    blurred = interpolate(image, regular(30, 40), "gaussian", "reflection", (1.5, 1.0))
    expected = gaussian_filter(image[0, 0].numpy(), sigma=(1.0, 1.5), truncate=4.0, mode="reflect")
    assert np.abs(blurred[0, 0].numpy() - expected).max() < 1e-3  # scipy ends it symmetrically, one neighbour earlier


@every_rule
@given(height=st.integers(1, 40), width=st.integers(1, 40), dtype=st.sampled_from([torch.float32, torch.float64]))
@settings(max_examples=20, deadline=None)
def test_identity_grid_returns_the_image(
    kernel: KernelName, padding: Padding, height: int, width: int, dtype: torch.dtype
) -> None:
    image = picture(1, 2, height, width).to(dtype)
    assert (interpolate(image, regular(height, width, dtype), kernel, padding) - image).abs().max() < 1e-6


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("padding", ["border", "reflection"])
def test_a_flat_picture_stays_flat(kernel: KernelName, padding: Padding) -> None:
    flat = torch.full((1, 1, 5, 6), 0.37, dtype=torch.float64)
    assert torch.allclose(interpolate(flat, points(50), kernel, padding, PHI), torch.tensor(0.37, dtype=torch.float64))


def test_integer_kernel_rounds_halves_up() -> None:
    row = torch.arange(5.0, dtype=torch.float64).expand(1, 1, 3, 5)
    halves = at([0.5, 1.5, 2.5, 3.5], [1.0] * 4, 3, 5)
    assert interpolate(row, halves, "integer").flatten().tolist() == [1, 2, 3, 4]


def test_reflection_turns_at_the_outer_edge_of_the_border_pixel() -> None:
    row = torch.tensor([[[[10.0, 20.0, 30.0]]]], dtype=torch.float64)
    beyond = at([-1.0, -2.0, -3.0, -4.0, 3.0, 4.0], [0.0] * 6, 1, 3)
    assert interpolate(row, beyond, "integer", "reflection").flatten().tolist() == [10, 20, 30, 30, 30, 20]


@every_rule
def test_coordinates_that_exploded_read_something_finite(kernel: KernelName, padding: Padding) -> None:
    far = torch.tensor([[[[1e12, -1e12], [-1e30, 1e30]]]], dtype=torch.float64)
    assert interpolate(picture(1, 1, 4, 5), far, kernel, padding).isfinite().all()


@smooth_rules
def test_gradients_equal_autograd(kernel: KernelName, padding: Padding) -> None:
    image, grid = picture(1, 2, 7, 9), points(40).requires_grad_()
    computed = gradients(image, grid.detach(), kernel, padding, PHI)
    for channel in range(2):
        (by_grid,) = torch.autograd.grad(interpolate(image, grid, kernel, padding, PHI)[:, channel].sum(), grid)
        per_pixel = by_grid * 2 / torch.tensor([9, 7])  # grids are normalised
        assert torch.allclose(computed.by_x[:, channel], per_pixel[..., 0], atol=1e-9)
        assert torch.allclose(computed.by_y[:, channel], per_pixel[..., 1], atol=1e-9)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("kernel", ["bilinear", "bicubic"])
def test_gradients_equal_those_of_the_fused_sampler_of_torch(kernel: KernelName, padding: Padding) -> None:
    image, grid = picture(1, 1, 7, 9), points(100).requires_grad_()
    fused = functional.grid_sample(image, grid, mode=kernel, padding_mode=padding, align_corners=False)
    (by_grid,) = torch.autograd.grad(fused.sum(), grid)
    computed = gradients(image, grid.detach(), kernel, padding)
    assert torch.allclose(computed.by_x[:, 0], by_grid[..., 0] * 2 / 9, atol=1e-9)
    assert torch.allclose(computed.by_y[:, 0], by_grid[..., 1] * 2 / 7, atol=1e-9)


@every_rule
def test_gradients_equal_finite_differences_away_from_the_kinks(kernel: KernelName, padding: Padding) -> None:
    image, grid = picture(1, 1, 7, 9), points(60)
    step = torch.tensor([1e-6, 0.0], dtype=torch.float64)
    computed = gradients(image, grid, kernel, padding, PHI)
    for by, along, size in ((computed.by_x, step, 9), (computed.by_y, step.flip(0), 7)):
        after, before = (interpolate(image, grid + sign * along, kernel, padding, PHI) for sign in (1, -1))
        assert torch.allclose(by, (after - before) / 2e-6 * 2 / size, atol=1e-6)


@pytest.mark.parametrize(("padding", "last"), [("border", 0), ("zeros", -16), ("reflection", 0)])
def test_at_the_kinks_the_gradient_is_the_forward_difference(padding: Padding, last: int) -> None:
    row = torch.tensor([[[[0.0, 1, 4, 9, 16]]]], dtype=torch.float64)
    grid = regular(1, 5)  # sits on every kink
    assert gradients(row, grid, padding=padding).by_x.flatten().tolist() == [1, 3, 5, 7, last]
    grid.requires_grad_()
    (by_grid,) = torch.autograd.grad(interpolate(row, grid, padding=padding).sum(), grid)
    assert (by_grid[0, 0, :4, 0] * 2 / 5).tolist() == pytest.approx([1, 3, 5, 7])


def test_bicubic_has_the_same_slope_on_both_sides_of_a_pixel() -> None:
    row = torch.tensor([[[[0.0, 1, 4, 9, 16, 25]]]], dtype=torch.float64)
    left, here, right = (gradients(row, at([2 + d], [0.0], 1, 6), "bicubic").by_x.item() for d in (-1e-7, 0.0, 1e-7))
    assert (left, right) == pytest.approx((here, here), abs=1e-5)
    assert here == pytest.approx(0.75 * (9 - 1))  # Keys: -a (U[m+1] - U[m-1])


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("padding", ["border", "zeros"])
def test_outside_the_picture_the_gradient_is_exactly_zero(kernel: KernelName, padding: Padding) -> None:
    image, grid = picture(1, 1, 6, 6), torch.full((1, 4, 4, 2), 2.6, dtype=torch.float64)
    grid[0, :2] *= -1
    computed = gradients(image, grid, kernel, padding, PHI)
    assert computed.by_x.abs().max() == 0
    assert computed.by_y.abs().max() == 0
    assert dead_zone(grid, 6, 6, kernel, padding, PHI).all()


@every_rule
def test_dead_zone_is_where_no_picture_has_a_gradient(kernel: KernelName, padding: Padding) -> None:
    grid = points(300, reach=3.0)
    alive = torch.zeros(1, 300, 1, dtype=torch.bool)
    for seed in range(3):
        computed = gradients(picture(1, 1, 5, 6, seed=seed), grid, kernel, padding, PHI)
        alive |= ((computed.by_x != 0) | (computed.by_y != 0))[:, 0]
    assert torch.equal(dead_zone(grid, 5, 6, kernel, padding, PHI), ~alive)


@smooth_rules
def test_sampler_passes_gradcheck_in_image_grid_and_phi(kernel: KernelName, padding: Padding) -> None:
    inputs = (picture(1, 2, 4, 5), points(6, reach=1.3), torch.tensor(PHI, dtype=torch.float64))
    leaves = [tensor.requires_grad_() for tensor in inputs][: 3 if kernel == "gaussian" else 2]
    assert torch.autograd.gradcheck(lambda u, g, phi=None: interpolate(u, g, kernel, padding, phi), leaves)


@every_rule
def test_gradient_by_the_image_equals_autograd(kernel: KernelName, padding: Padding) -> None:
    image, grid = picture(2, 2, 5, 6).requires_grad_(), picture(2, 3, 4, 2, seed=2) * 3 - 1.5
    upstream = picture(2, 2, 3, 4, seed=5)
    (expected,) = torch.autograd.grad((interpolate(image, grid, kernel, padding, PHI) * upstream).sum(), image)
    assert torch.allclose(by_image(upstream, grid, 5, 6, kernel, padding, PHI), expected, atol=1e-12)


def test_lanczos_learns_at_the_identity_without_noise() -> None:
    """Within rounding error of a pixel's centre the quotient of a sinc has no digits left in its gradient."""
    image = picture(1, 1, 1, 30).float()
    near = regular(1, 30, torch.float32) + 1e-5
    exact = gradients(image.double(), near.double(), "lanczos").by_x
    assert (gradients(image, near, "lanczos").by_x - exact).abs().max() < 1e-4
    near.requires_grad_()
    (by_grid,) = torch.autograd.grad(interpolate(image, near, "lanczos").sum(), near)
    assert (by_grid[..., 0] * 2 / 30 - exact[:, 0]).abs().max() < 1e-4


def test_narrow_gaussian_does_not_underflow() -> None:
    half = at([1.5], [1.0], 3, 5)
    row = torch.arange(5.0, dtype=torch.float64).expand(1, 1, 3, 5)
    assert interpolate(row.float(), half.float(), "gaussian", phi=0.01).item() == pytest.approx(1.5)


@pytest.mark.parametrize("phi", [0.0, -1.0, 9.0, float("nan"), (1.0, 0.0)])
def test_a_width_that_is_no_width_is_refused(phi: float | tuple[float, float]) -> None:
    with pytest.raises(InvalidRequest, match=r"above 0 and up to 8"):
        interpolate(picture(1, 1, 4, 4), points(3), "gaussian", phi=phi)


@pytest.mark.parametrize("kernel", SMOOTH)
def test_slope_is_the_derivative_of_the_shape(kernel: KernelName) -> None:
    row, phi = KERNELS[kernel], torch.tensor(0.6, dtype=torch.float64)
    distance = torch.linspace(-3.2, 3.2, 1281, dtype=torch.float64)[1::2].requires_grad_()  # between the kinks
    (slope,) = torch.autograd.grad(row.shape(distance, phi).sum(), distance)
    assert torch.allclose(row.slope(distance.detach(), phi), slope, atol=1e-9)
