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

from core.stn import spline
from core.stn.thetas import centres, is_spline, regular_grid

Padding = Literal["border", "zeros", "reflection"]
PADDINGS: tuple[Padding, ...] = ("border", "zeros", "reflection")
_STRIP = 1 << 18  # pixels that `warp` samples at once; bounds its memory on large photos


def grid_of(theta: Tensor, height: int, width: int) -> Tensor:
    """Where each output pixel looks: theta of any kind, in the frame's own coordinates, to source points (B, H, W, 2)."""
    if is_spline(theta):
        return spline.grid(theta, height, width)
    return regular_grid(theta, centres(width).to(theta), centres(height).to(theta))


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
