"""Families of transformations T_θ, and what one can do with a theta: compose, invert, take apart.

A theta (2, 3) maps OUTPUT (target) to INPUT (source) coordinates: (x_s, y_s)ᵀ = A_θ (x_t, y_t, 1)ᵀ
(Jaderberg et al. 2015, eq. 1).
Coordinates are normalised, in the order (x, y), x to the right and y down, -1 and 1 at the outer edges of the border pixels
(align_corners=False). Because theta points backwards, a rotation by +30° shows the picture turned 30° counter-clockwise, and a
scale of 2 shows it half as large.

Families speak in SQUARE coordinates, where the short side of the frame spans [-1, 1] and both axes have the same unit, so that
a rotation is a rotation in pixels. `for_frame` turns such a theta into the coordinates of a frame that is not square.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from core.errors import InvalidRequest

FamilyName = Literal["similarity", "affine"]


@dataclass(frozen=True)
class Family:
    """One row of the table: how many numbers the localisation network predicts, and which theta they stand for."""

    name: FamilyName
    title: str
    parameters: tuple[str, ...]
    identity: tuple[float, ...]
    matrix: Callable[[Tensor], Tensor]  # (B, len(parameters)) -> theta (B, 2, 3)


def _similarity(params: Tensor) -> Tensor:
    a, b, x, y = params.unbind(-1)
    return torch.stack([a, -b, x, b, a, y], dim=-1).unflatten(-1, (2, 3))  # (B, 2, 3)


def _affine(params: Tensor) -> Tensor:
    return params.unflatten(-1, (2, 3))  # (B, 2, 3)


FAMILIES: dict[FamilyName, Family] = {
    "similarity": Family(
        "similarity", "turn, scale and shift", ("s cos φ", "s sin φ", "shift x", "shift y"), (1.0, 0.0, 0.0, 0.0), _similarity
    ),
    "affine": Family(
        "affine", "similarity and shear", ("a11", "a12", "a13", "a21", "a22", "a23"), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), _affine
    ),
}


@dataclass(frozen=True)
class Parts:
    """A theta in words: theta = R(rotation) · [[1, shear], [0, 1]] · diag(scale_x, scale_y), then the shift.

    Rotation in degrees, positive where the picture appears turned counter-clockwise. A negative scale_y is a mirror image.
    """

    rotation_deg: float = 0.0
    scale_x: float = 1.0
    scale_y: float = 1.0
    shear: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0


def theta_of(parts: Parts) -> Tensor:
    """The theta (2, 3), float64, that these parts describe."""
    phi = math.radians(parts.rotation_deg)
    cos, sin = math.cos(phi), math.sin(phi)
    rotation = torch.tensor([[cos, -sin], [sin, cos]], dtype=torch.float64)
    shear = torch.tensor([[1.0, parts.shear], [0.0, 1.0]], dtype=torch.float64)
    scale = torch.diag(torch.tensor([parts.scale_x, parts.scale_y], dtype=torch.float64))
    shift = torch.tensor([[parts.shift_x], [parts.shift_y]], dtype=torch.float64)
    return torch.cat([rotation @ shear @ scale, shift], dim=1)  # (2, 3)


def parse_theta(text: str) -> np.ndarray:
    """Six numbers "a b c d e f" as a theta (2, 3), float64; InvalidRequest unless they are six finite numbers."""
    words = text.replace(",", " ").split()
    try:
        numbers = np.array([float(word) for word in words])
    except ValueError:
        raise InvalidRequest(f"theta is {text!r}; give six numbers, such as 1 0 0 0 1 0") from None
    if numbers.size != 6 or not np.isfinite(numbers).all():
        raise InvalidRequest(f"theta has {numbers.size} numbers ({text!r}); give six finite ones, such as 1 0 0 0 1 0")
    return numbers.reshape(2, 3)


def parts(theta: Tensor | np.ndarray) -> Parts:
    """Take one theta (2, 3) apart by QR; the inverse of `theta_of`."""
    matrix = torch.as_tensor(theta, dtype=torch.float64)
    a, _, x, c, _, y = matrix.flatten().tolist()
    phi, scale_x = math.atan2(c, a), math.hypot(a, c)
    cos, sin = math.cos(phi), math.sin(phi)
    up = cos * matrix[0, 1].item() + sin * matrix[1, 1].item()
    scale_y = cos * matrix[1, 1].item() - sin * matrix[0, 1].item()
    shear = up / scale_y if scale_y else math.nan
    return Parts(math.degrees(phi), scale_x, scale_y, shear, x, y)


def rotation_deg(theta: Tensor) -> Tensor:
    """The angles (B,) in degrees of a batch (B, 2, 3): those of the rotations nearest to each matrix (polar decomposition)."""
    turn = theta[..., 1, 0] - theta[..., 0, 1]
    return torch.rad2deg(torch.atan2(turn, theta[..., 0, 0] + theta[..., 1, 1]))


def identity(count: int = 1) -> Tensor:
    """`count` thetas (B, 2, 3) that change nothing."""
    return torch.eye(2, 3).expand(count, 2, 3).clone()


def compose(outer: Tensor, inner: Tensor) -> Tensor:
    """The theta (B, 2, 3) that applies `inner` to output coordinates first, then `outer`."""
    linear = outer[..., :2] @ inner[..., :2]
    shift = outer[..., :2] @ inner[..., 2:] + outer[..., 2:]
    return torch.cat([linear, shift], dim=-1)  # (B, 2, 3)


def inverse(theta: Tensor) -> Tensor:
    """The thetas (B, 2, 3) that undo these; InvalidRequest when one folds the plane onto a line."""
    determinant = torch.linalg.det(theta[..., :2])
    smallest = determinant.abs().min().item()
    if not smallest > 1e-9:
        raise InvalidRequest(f"a theta has no inverse: its determinant is {smallest:.2g}, it folds the image onto a line")
    linear = torch.linalg.inv(theta[..., :2])
    return torch.cat([linear, -linear @ theta[..., 2:]], dim=-1)  # (B, 2, 3)


def for_frame(theta: Tensor, width: int, height: int) -> Tensor:
    """From square coordinates to the normalised coordinates of a frame: (B, 2, 3) to (B, 2, 3)."""
    short = min(width, height)
    return _conjugate(theta, short / width, short / height)


def from_frame(theta: Tensor, width: int, height: int) -> Tensor:
    """From the normalised coordinates of a frame to square coordinates; the inverse of `for_frame`."""
    short = min(width, height)
    return _conjugate(theta, width / short, height / short)


def _conjugate(theta: Tensor, unit_x: float, unit_y: float) -> Tensor:
    to_frame = theta.new_tensor([[unit_x], [unit_y]])
    from_frame = theta.new_tensor([1 / unit_x, 1 / unit_y, 1.0])
    return to_frame * theta * from_frame
