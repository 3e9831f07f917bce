"""The sampler as a plain function: the image read at the points of a grid.

Conventions of `families`: theta maps output to input, normalised (x, y), align_corners=False. `sample` is the generic sampler
of `interpolation`, by torch's own where that computes the same thing. Jaderberg et al. 2015, sections 3.2 and 3.3.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from core.stn.geometry.interpolation import Phi, in_pixels, interpolate
from core.stn.geometry.kernels import KERNELS, KernelName, Padding

_NO_ZOOM = 1e-3  # levels of a pyramid: a difference this small is rounding


def _on_pixels(grid: Tensor, height: int, width: int) -> Tensor:
    """Each point at the centre of its pixel, halves to the right and down (eq. 4); torch would round them to even pixels."""
    x, y = (torch.floor(place + 0.5) for place in in_pixels(grid, height, width))
    return torch.stack([(2 * x + 1) / width - 1, (2 * y + 1) / height - 1], dim=-1)


def sample(
    image: Tensor, grid: Tensor, padding: Padding = "border", kernel: KernelName = "bilinear", phi: Phi = None
) -> Tensor:
    """U (B, C, H', W') read at grid (B, H, W, 2) gives V (B, C, H, W), by eq. 3; Φ as in `interpolate`."""
    row = KERNELS[kernel]
    if row.in_torch is None:
        return interpolate(image, grid, kernel, padding, phi)
    if row.rounds:
        grid = _on_pixels(grid, image.shape[-2], image.shape[-1])
    return functional.grid_sample(image, grid, mode=row.in_torch, padding_mode=padding, align_corners=False)


def pyramid(image: Tensor, most: int) -> list[Tensor]:
    """The image (B, C, H', W') and up to `most` copies, each half as large: a tent filter, (1, 3, 3, 1) / 8 along each axis."""
    copies = [image]
    while len(copies) <= most and max(copies[-1].shape[-2:]) > 1:
        half = [-(-side // 2) for side in copies[-1].shape[-2:]]
        copies.append(functional.interpolate(copies[-1], half, mode="bilinear", antialias=True))
    return copies


def _step(points: Tensor, dim: int) -> Tensor:
    """From each point to the next along a dimension; the last takes the step before it."""
    if points.shape[dim] == 1:
        return torch.zeros_like(points)
    steps = points.diff(dim=dim)
    return torch.cat([steps, steps.narrow(dim, -1, 1)], dim=dim)


def footprint(grid: Tensor, height: int, width: int) -> Tensor:
    """How many pixels of an image (height, width) lie between an output pixel and the next, at least 1: (B, H, W).

    The longer of the steps to the right and down (OpenGL 4.6 specification, section 8.14.1), by differences of the grid.
    """
    pixels = grid * grid.new_tensor([width / 2, height / 2])
    down, right = (_step(pixels, dim).square().sum(-1) for dim in (1, 2))
    return torch.maximum(down, right).clamp(min=1).sqrt()


def pyramid_levels(grid: Tensor, height: int, width: int) -> Tensor:
    """Which copy to read from, 0 for the image itself: (B, H, W)."""
    smallest = math.log2(max(height, width))
    return footprint(grid, height, width).log2().nan_to_num(nan=0.0).clamp(max=smallest)


def deepest_level(levels: Tensor) -> int:
    return math.ceil(levels.max().item() - _NO_ZOOM)


def blend_levels(
    copies: list[Tensor], levels: Tensor, grid: Tensor, padding: Padding, kernel: KernelName, phi: Phi
) -> Tensor:  # fmt: skip
    """The grid read between the two copies nearest to each level (B, H, W); copies that no pixel needs are left out."""
    deepest = min(deepest_level(levels), len(copies) - 1)
    levels = levels.clamp(max=deepest)[:, None]  # (B, 1, H, W)
    total = torch.zeros_like(levels)
    for depth, copy in enumerate(copies[: deepest + 1]):
        share = (1 - (levels - depth).abs()).clamp(min=0)
        total = total + sample(copy, grid, padding, kernel, phi) * share
    return total


def sample_antialiased(
    image: Tensor, grid: Tensor, padding: Padding = "border", kernel: KernelName = "bilinear", phi: Phi = None
) -> Tensor:
    """`sample`, but where the grid zooms out it reads from a smaller, smoothed copy of the image (Williams 1983).

    An output pixel whose neighbours look n input pixels away reads between the copies of 1/n: no detail is skipped, none folds
    over into a false one. Where n ≤ 1 this is `sample`. Differentiable in both; Φ counts pixels of the copy.
    """
    levels = pyramid_levels(grid, image.shape[-2], image.shape[-1])
    return blend_levels(pyramid(image, deepest_level(levels)), levels, grid, padding, kernel, phi)
