"""Frames: the pixel centres of a picture in square coordinates, and matrices between these and the frame's own.

In the frame's own normalised coordinates -1 and 1 are its outer edges along both axes (align_corners=False).
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.stn.geometry.kinds import reach


def centres(count: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Normalised coordinates (count,) of the pixel centres along one axis."""
    return (2 * torch.arange(count, dtype=dtype) + 1) / count - 1  # in this order the errors of torch's sampler cancel some


def axes_of(height: int, width: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """The pixel centres of a frame in its own coordinates: x (W,) and y (H,), of the type and on the device of a tensor."""
    x, y = (centres(side, like.dtype).to(like.device, non_blocking=True) for side in (width, height))
    return x, y


def points_of(width: int, height: int) -> Tensor:
    """The pixel centres (1, H, W, 2) of a frame in square coordinates."""
    reach_x, reach_y = reach(width, height)
    y, x = torch.meshgrid(centres(height) * reach_y, centres(width) * reach_x, indexing="ij")
    return torch.stack([x, y], dim=-1)[None]


def in_disc(width: int, height: int, radius: float = 1.0) -> Tensor:
    """True (H, W) inside a centred circle, its radius in square coordinates; at 1 it is the one that every turn keeps."""
    return points_of(width, height)[0].square().sum(dim=-1) <= radius**2


def in_units(matrix: Tensor, unit_x: float, unit_y: float) -> Tensor:
    """Matrices (B, 2, 3) or (B, 3, 3) in coordinates whose axes count in other units."""
    if unit_x == unit_y == 1:
        return matrix
    to_frame = matrix.new_tensor([[unit_x], [unit_y], [1.0]][: matrix.shape[-2]])
    return to_frame * matrix * matrix.new_tensor([1 / unit_x, 1 / unit_y, 1.0])
