"""Grid and sampler as plain functions: where each output pixel looks, and what it sees there.

Conventions of `families`: theta maps output to input, normalised (x, y), align_corners=False.
Jaderberg et al. 2015, sections 3.2 and 3.3.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

Padding = Literal["border", "zeros", "reflection"]
PADDINGS: tuple[Padding, ...] = ("border", "zeros", "reflection")
_STRIP = 1 << 18  # pixels that `warp` samples at once; bounds its memory on large photos


def centres(count: int) -> Tensor:
    """Normalised coordinates (count,) of the pixel centres along one axis."""
    return (2 * torch.arange(count, dtype=torch.float32) + 1) / count - 1


def regular_grid(theta: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """The source points (B, H, W, 2), in the order (x, y), of a regular target grid x (W,) by y (H,): eq. 1 for every pixel."""
    columns = x[None, :, None] * theta[:, None, :, 0]  # (B, W, 2)
    rows = y[None, :, None] * theta[:, None, :, 1] + theta[:, None, :, 2]  # (B, H, 2)
    return rows[:, :, None] + columns[:, None]  # (B, H, W, 2)


def affine_grid(theta: Tensor, height: int, width: int) -> Tensor:
    """Where each output pixel looks: theta (B, 2, 3) to source points (B, H, W, 2)."""
    return regular_grid(theta, centres(width).to(theta), centres(height).to(theta))


def move(theta: Tensor, points: Tensor) -> Tensor:
    """Any points (B, H, W, 2) through theta (B, 2, 3), by eq. 1."""
    x, y = points[..., :1], points[..., 1:]
    return torch.addcmul(
        torch.addcmul(theta[:, None, None, :, 2], x, theta[:, None, None, :, 0]), y, theta[:, None, None, :, 1]
    )


def sample(image: Tensor, grid: Tensor, padding: Padding = "border") -> Tensor:
    """What is seen there: U (B, C, H', W') at grid (B, H, W, 2) gives V (B, C, H, W), bilinear (eq. 5)."""
    return functional.grid_sample(image, grid, mode="bilinear", padding_mode=padding, align_corners=False)


def warp(
    image: np.ndarray, theta: np.ndarray, *, padding: Padding = "border", size: tuple[int, int] | None = None
) -> np.ndarray:
    """Bend a picture (H, W, C) or (H, W), uint8, by theta (2, 3) in the normalised coordinates of its frame.

    `size` is (height, width) of the output, by default that of the picture. Large pictures are sampled strip by strip.
    """
    height, width = size or (image.shape[0], image.shape[1])
    source = torch.from_numpy(image.copy()).view(image.shape[0], image.shape[1], -1)
    source = source.permute(2, 0, 1)[None].float()  # (1, C, H', W')
    matrix = torch.as_tensor(theta, dtype=torch.float32)[None]  # (1, 2, 3)
    x, y = centres(width), centres(height)
    strips = [
        sample(source, regular_grid(matrix, x, part), padding)[0] for part in y.split(max(1, _STRIP // width))
    ]  # each (C, rows, W)
    pixels = torch.cat(strips, dim=1).add_(0.5).clamp_(0, 255).to(torch.uint8)
    return pixels.permute(1, 2, 0).reshape(height, width, *image.shape[2:]).contiguous().numpy()
