"""Affine matrices A_θ (B, 2, 3): (x_s, y_s)ᵀ = A_θ (x_t, y_t, 1)ᵀ (Jaderberg et al. 2015, eq. 1)."""

from __future__ import annotations

import torch
from torch import Tensor

from core.errors import InvalidRequest
from core.stn.geometry.frames import axes_of, in_units
from core.stn.geometry.kinds import reach

SINGULAR = 1e-9  # smaller determinants are taken for 0


def move(theta: Tensor, points: Tensor) -> Tensor:
    """Points (B, …, 2) through matrices (B, 2, 3)."""
    flat = points.reshape(len(points), -1, 2)
    moved = torch.addcmul(theta[:, None, :, 2], flat[..., :1], theta[:, None, :, 0])
    return torch.addcmul(moved, flat[..., 1:], theta[:, None, :, 1]).reshape(-1, *points.shape[1:])


def jacobian(theta: Tensor, points: Tensor) -> Tensor:
    """∂source/∂target at points (B, …, 2): (B, …, 2, 2), the same everywhere."""
    linear = theta[:, :, :2].reshape(len(theta), *[1] * (points.ndim - 2), 2, 2)
    return linear.expand(max(len(theta), len(points)), *points.shape[1:-1], 2, 2)


def regular_grid(theta: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """The source points (B, H, W, 2) of a regular target grid x (W,) by y (H,)."""
    columns = x[None, :, None] * theta[:, None, :, 0]  # (B, W, 2)
    rows = y[None, :, None] * theta[:, None, :, 1] + theta[:, None, :, 2]  # (B, H, 2)
    return rows[:, :, None] + columns[:, None]  # (B, H, W, 2)


def frame_grid(theta: Tensor, height: int, width: int) -> Tensor:
    """Where each pixel of a frame looks, in its own coordinates: (B, H, W, 2); theta in square ones."""
    reach_x, reach_y = reach(width, height)
    return regular_grid(in_units(theta, 1 / reach_x, 1 / reach_y), *axes_of(height, width, theta))


def not_singular(square: Tensor) -> None:
    """InvalidRequest when one of the square matrices (B, n, n) has no inverse."""
    smallest = torch.linalg.det(square).abs().min().item()
    if not smallest > SINGULAR:
        raise InvalidRequest(f"a theta has no inverse: its determinant is {smallest:.2g}, it folds the image onto a line")


def inverse(theta: Tensor) -> Tensor:
    """The matrices that undo these; InvalidRequest when one folds the plane onto a line."""
    not_singular(theta[..., :2])
    linear = torch.linalg.inv(theta[..., :2])
    return torch.cat([linear, -linear @ theta[..., 2:]], dim=-1)  # (B, 2, 3)
