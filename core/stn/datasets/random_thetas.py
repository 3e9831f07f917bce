"""Random thetas, count (B) at a time: the functions in the rows of `distortions` and `perturbations`.

All random numbers come from the given CPU generator, whatever device the images are on, so that a seed means the same
everywhere. Where the paper (Jaderberg et al. 2015, section 4.1 and appendix A.4) leaves a choice, the function says so.
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from core.stn.datasets.digits import SIDE
from core.stn.geometry.homography import through_corners
from core.stn.geometry.kinds import CONTROLS
from core.stn.geometry.theta import identity, move
from core.stn.geometry.thin_plate_spline import control_points

_CLEAREST = 0.1  # P: twice the area of a triangle of the quadrilateral; corners are drawn again below this, a square has 4


def uniform(rows: int, count: int, generator: Generator) -> Tensor:
    """Numbers (rows, count) from U(-1, 1)."""
    return 2 * torch.rand(rows, count, generator=generator) - 1


def turned(angle: Tensor) -> Tensor:
    """Rotations (B, 2, 2) by angles (B,) in radians, counter-clockwise as seen."""
    cos, sin = torch.cos(angle), torch.sin(angle)
    return torch.stack([cos, -sin, sin, cos], dim=-1).view(-1, 2, 2)


def tilted(bottom: Tensor) -> Tensor:
    """Homographies (B, 3, 3) that only have perspective, the first two numbers (B, 2) of their bottom rows."""
    rows = torch.cat([bottom, torch.ones_like(bottom[:, :1])], dim=-1)[:, None]
    return torch.cat([identity(len(bottom)), rows], dim=1)


def rotated_scaled_translated(count: int, side: int, canvas: int, generator: Generator) -> Tensor:
    """RTS: turned by U(-45°, 45°), scaled by U(0.7, 1.2), then anywhere: the scaled frame, upright, stays on the canvas."""
    turn = turned(torch.deg2rad(45 * uniform(1, count, generator)[0]))
    scale = 0.7 + 0.5 * torch.rand(count, 1, 1, generator=generator)
    enlarged = canvas / side
    room = (enlarged - scale).clamp(min=0)  # (B, 1, 1), half sides of the image
    centre = room * uniform(2, count, generator).T[..., None]  # (B, 2, 1)
    return torch.cat([enlarged * turn, -turn @ centre], dim=-1) / scale


def _unclear(corners: Tensor) -> Tensor:
    edges = corners.roll(-1, dims=1) - corners  # (B, 4, 2)
    following, inwards = edges.roll(-1, dims=1), -corners
    doubled = torch.stack([edges[..., 0] * to[..., 1] - edges[..., 1] * to[..., 0] for to in (following, inwards)])
    return (doubled < _CLEAREST).any(dim=0).any(dim=-1)


def _shrunk(count: int, generator: Generator) -> Tensor:
    return 0.75 + 0.25 * torch.rand(count, 1, 1, generator=generator)


def projected(count: int, side: int, canvas: int, generator: Generator) -> Tensor:
    """P: scaled by U(0.75, 1), then each corner of the frame moved by N(0, 5 px) in x and by as much in y, in or out.

    The paper stretches "each corner by an amount": a stretch, unlike the perturbing of points under E, goes in or out, and an
    amount is one number a corner, so x and y move together. Whether its pixels count along the sides, as here, or along the
    diagonal the words leave open (docs/RESULTS.md). Corners whose quadrilateral is nearly flat or misses the centre of the
    canvas are drawn again (2 %).
    """
    square = torch.tensor([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    scale = _shrunk(count, generator)
    corners = torch.empty(count, 4, 2)
    again = torch.ones(count, dtype=torch.bool)
    while again.any():
        stretched = 1 + 2 * 5 / SIDE * torch.randn(int(again.sum()), 4, 1, generator=generator)
        corners[again] = square * stretched
        again = _unclear(corners)
    return through_corners(corners, square / scale)


def elastic(count: int, side: int, canvas: int, generator: Generator) -> Tensor:
    """E: scaled by U(0.75, 1), then the 16 control points of a thin plate spline over the frame moved by N(0, 1.5 px).

    The points that are moved are those looked at, so the spline from output to input is exact; it is not kept from folding.
    """
    scale = _shrunk(count, generator)
    moves = torch.randn(count, CONTROLS, 2, generator=generator)
    return (control_points(moves) + 2 * 1.5 / SIDE * moves) / scale


def placed(count: int, side: int, canvas: int, generator: Generator) -> Tensor:
    """TC: at whole pixels anywhere on the canvas, so that the digit stays as sharp as it is."""
    corner = torch.randint(canvas - side + 1, (count, 2, 1), generator=generator)
    zoom = canvas / side * torch.eye(2).expand(count, 2, 2)
    return torch.cat([zoom, (canvas - 2 * corner) / side - 1], dim=-1)


def unchanged(count: int, side: int, canvas: int, generator: Generator) -> Tensor:
    return identity(count)


def moved_points(theta: Tensor, deviation: float, generator: Generator) -> Tensor:
    """Thetas (B, …) as splines (B, 16, 2) whose control points are moved by N(0, deviation) before theta is applied."""
    moves = torch.randn(len(theta), CONTROLS, 2, generator=generator)
    return move(theta, control_points(moves) + deviation * moves)


# -- one perturbation, by exactly an amount -------------------------------------------------------------------------------


def _sides(count: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """A side (B,), -1 or 1, and a direction (B, 2) of length 1."""
    side = torch.randint(2, (count,), generator=generator) * 2.0 - 1
    return side, turned(torch.pi * uniform(1, count, generator)[0])[:, :, 0]


def only_angle(amount: float, count: int, generator: Generator) -> Tensor:
    theta, (side, _) = identity(count), _sides(count, generator)
    theta[:, :, :2] = turned(torch.deg2rad(amount * side))
    return theta  # (B, 2, 3)


def only_scale(amount: float, count: int, generator: Generator) -> Tensor:
    theta, (side, _) = identity(count), _sides(count, generator)
    theta[:, :, :2] *= ((1 + amount) ** side)[:, None, None]
    return theta  # (B, 2, 3)


def only_shift(amount: float, count: int, generator: Generator) -> Tensor:
    theta, (_, direction) = identity(count), _sides(count, generator)
    theta[:, :, 2] = amount * direction
    return theta  # (B, 2, 3)


def only_shear(amount: float, count: int, generator: Generator) -> Tensor:
    theta, (side, _) = identity(count), _sides(count, generator)
    theta[:, 0, 1] = amount * side
    return theta  # (B, 2, 3)


def only_perspective(amount: float, count: int, generator: Generator) -> Tensor:
    return tilted(amount * _sides(count, generator)[1])  # (B, 3, 3)


def only_elastic(amount: float, count: int, generator: Generator) -> Tensor:
    moves = torch.randn(count, CONTROLS, 2, generator=generator)
    return control_points(moves) + amount * moves  # (B, 16, 2)
