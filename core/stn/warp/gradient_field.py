"""The gradient fields of one warp: how every output pixel would change if its source point moved by one pixel.

∂V/∂x and ∂V/∂y in closed form (Jaderberg et al. 2015, eq. 7; `interpolation.gradients`), checked against finite differences
of the sampler itself. Where both vanish whatever the picture shows lies the dead zone: nothing there can move theta.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.stn.geometry.interpolation import axes, by_image, dead_zone, gradients, interpolate
from core.stn.geometry.kernels import KERNELS
from core.stn.geometry.pixels import to_tensor
from core.stn.geometry.warping import Bend, Sampling

STEP = 1e-4  # pixels: of the finite differences
_STRIP = 1 << 13  # output pixels that `input_weights` follows at once: a broad Gaussian reads 32 x 32 neighbours for each


@dataclass(frozen=True)
class Fields:
    """Gradients in grey levels per pixel, (H, W) each, and how they compare with finite differences.

    `difference` is the largest deviation over the share `compared` of all samples, 0 to 1; in the rest a step leads across a
    jump of the kernel, where no difference quotient means anything.
    """

    by_x: np.ndarray
    by_y: np.ndarray
    dead: np.ndarray  # (H, W), bool
    difference: float
    compared: float


def _window(grid: Tensor, image: Tensor, sampling: Sampling, axis: int) -> Tensor:
    """Which neighbours are read along an axis: the first of them, (H, W)."""
    both = axes(grid, image.shape[-2], image.shape[-1], sampling.kernel, sampling.padding, sampling.phi)
    return both[axis].position[0, 0]


def _check(image: Tensor, grid: Tensor, sampling: Sampling, axis: int, closed: Tensor) -> tuple[float, float]:
    """The largest deviation of a field from differences along one axis (0 is x), and the share of samples compared."""
    step = torch.zeros(2, dtype=grid.dtype)
    step[axis] = 2 * STEP / image.shape[-1 - axis]
    one_sided = KERNELS[sampling.kernel].kinks  # where the closed form takes the slope towards larger x
    before, after = (grid, grid + step) if one_sided else (grid - step / 2, grid + step / 2)
    low, high = (
        interpolate(image, points, sampling.kernel, sampling.padding, sampling.phi)[0, 0] for points in (before, after)
    )
    same = _window(before, image, sampling, axis) == _window(after, image, sampling, axis)
    deviation = ((high - low) / STEP - closed).abs()[same]
    return (deviation.max().item() if len(deviation) else 0.0), same.double().mean().item()


def fields(grey: np.ndarray, bend: Bend, sampling: Sampling) -> Fields:
    """The gradient fields of a grey picture (H', W', 1), uint8, under one warp, by output pixel. Antialiasing is left out."""
    image, grid = to_tensor(grey).double(), bend.exact
    exact = gradients(image, grid, sampling.kernel, sampling.padding, sampling.phi)
    dead = dead_zone(grid, image.shape[-2], image.shape[-1], sampling.kernel, sampling.padding, sampling.phi)
    closed = [field[0, 0] for field in (exact.by_x, exact.by_y)]
    checks = [_check(image, grid, sampling, axis, field) for axis, field in enumerate(closed)]
    difference = max(worst for worst, _ in checks)
    compared = sum(share for _, share in checks) / len(checks)
    by_x, by_y = (field.numpy() for field in closed)
    return Fields(by_x, by_y, dead[0].numpy(), difference, compared)


def input_weights(bend: Bend, sampling: Sampling) -> np.ndarray:
    """How much every input pixel counts in the whole output, (H, W): Σ_i ∂V_i/∂U_nm (eq. 6). Antialiasing is left out."""
    rows = max(1, _STRIP // bend.width)
    total = torch.zeros(bend.height, bend.width, dtype=torch.float64)
    for strip in bend.exact.split(rows, dim=1):
        ones = torch.ones(1, 1, *strip.shape[1:3], dtype=torch.float64)
        total += by_image(ones, strip, bend.height, bend.width, sampling.kernel, sampling.padding, sampling.phi)[0, 0]
    return total.numpy()
