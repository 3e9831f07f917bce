"""Thin plate splines: of all maps that take 16 control points to 16 given source points, the one that bends least.

f(p) = p + Σ_k m_k(p) · (s_k − c_k) with the kernel U(r) = r² log r² and a linear part (Bookstein 1989, eqs. 4-7). The control
points c never move, so the 19×19 system is inverted once, in float64, and a spline is one matrix product. Written as the
identity plus displacements, it is exact where nothing is displaced. A theta (B, 16, 2) holds the source points s, row by row.
"""

from __future__ import annotations

from functools import cache, lru_cache

import torch
from torch import Tensor

from core.errors import InvalidRequest
from core.stn.geometry.kinds import CONTROLS, SIDE, TINY, reach

_SPACING = 5 / 9  # mean square of linspace(-1, 1, 4)
_STEPS = 50  # of Newton's method, at most
_STRIDE = 0.5  # its longest step
_PROBES, _SUSPECTS, _CLOSELY = 24, 12, 9  # points a side where folds are looked for, the worst of them, and around each
_CONVERGED = 1e-10  # square coordinates


@cache
@torch.inference_mode(False)
def _control_points() -> Tensor:
    axis = torch.linspace(-1, 1, SIDE, dtype=torch.float64)
    return torch.cartesian_prod(axis, axis).flip(-1)  # (16, 2), y slow, x fast


def _radial(squared: Tensor) -> Tensor:
    """U(r) = r² log r² from r². The exporter to ONNX drops a sum with so small a number, so it is a bound."""
    return squared * squared.clamp(min=TINY).log()


@cache
@torch.inference_mode(False)
def _solved() -> Tensor:
    """What each source point adds to the coefficients of the 16 radial functions and of the linear part: (19, 16), float64."""
    controls = _control_points()
    linear = torch.cat([torch.ones(CONTROLS, 1, dtype=torch.float64), controls], dim=1)  # (16, 3)
    system = torch.zeros(CONTROLS + 3, CONTROLS + 3, dtype=torch.float64)
    system[:CONTROLS, :CONTROLS] = _radial(torch.cdist(controls, controls).square())
    system[:CONTROLS, CONTROLS:] = linear
    system[CONTROLS:, :CONTROLS] = linear.T
    return torch.linalg.inv(system)[:, :CONTROLS].contiguous()


def control_points(like: Tensor) -> Tensor:
    """The control points (16, 2), regular on [-1, 1]², row by row, on the device and of the type of a tensor."""
    return _control_points().to(like)


def _squared(points: Tensor) -> Tensor:
    """Squared distances (…, 16) of points (…, 2) from the control points."""
    axis = torch.linspace(-1, 1, SIDE, dtype=torch.float64).to(points)
    across, down = (points[..., :1] - axis).square(), (points[..., 1:] - axis).square()  # (…, 4)
    return (down[..., :, None] + across[..., None, :]).flatten(-2)


def _coefficients(source: Tensor) -> Tensor:
    """(B, 19, 2): the coefficients of the radial functions, 1, x and y in the displacement of a point."""
    return _solved().to(source) @ (source - control_points(source))


def basis(points: Tensor) -> Tensor:
    """m(p): how much of each displacement arrives at points (…, 2): (…, 16). The sixteen sum to 1."""
    return torch.cat([_radial(_squared(points)), torch.ones_like(points[..., :1]), points], dim=-1) @ _solved().to(points)


def move(source: Tensor, points: Tensor) -> Tensor:
    """Points (B, …, 2) through the splines of source points (B, 16, 2); the B of either may be 1."""
    flat, coefficients = points.reshape(points.shape[0], -1, 2), _coefficients(source)
    bent = _radial(_squared(flat)) @ coefficients[:, :CONTROLS]  # (B, N, 2)
    linear = coefficients[:, CONTROLS, None] + flat @ coefficients[:, CONTROLS + 1 :]
    return (flat + linear + bent).reshape(-1, *points.shape[1:])


def jacobian(source: Tensor, points: Tensor) -> Tensor:
    """∂f/∂p at points (B, …, 2): (B, …, 2, 2), rows the source coordinate, columns the target coordinate."""
    flat, coefficients = points.reshape(len(points), -1, 2), _coefficients(source)
    squared = _squared(flat)[..., None, :]  # (B, N, 1, 16)
    slopes = 2 * (flat[..., None] - control_points(points).T) * ((squared + TINY).log() + (squared > 0))  # (B, N, 2, 16)
    bent = (slopes.flatten(1, 2) @ coefficients[:, :CONTROLS]).unflatten(1, (-1, 2)).mT  # (B, N, 2, 2)
    linear = coefficients[:, None, CONTROLS + 1 :].mT + torch.eye(2).to(points)
    return (linear + bent).reshape(-1, *points.shape[1:], 2)


@lru_cache(maxsize=16)
@torch.inference_mode(False)
def _regular(height: int, width: int, reach: tuple[float, float], kind: torch.dtype, device: str) -> tuple[Tensor, Tensor]:
    """The pixel centres (H·W, 2) of a frame that reaches so far in x and y, and their basis, transposed (16, H·W)."""
    x = ((2 * torch.arange(width, dtype=torch.float64) + 1) / width - 1) * reach[0]
    y = ((2 * torch.arange(height, dtype=torch.float64) + 1) / height - 1) * reach[1]
    points = torch.cartesian_prod(y, x).flip(-1)
    return points.to(device, kind), basis(points).T.contiguous().to(device, kind)


def grid(source: Tensor, height: int, width: int, reach: tuple[float, float] = (1.0, 1.0)) -> Tensor:
    """Where each pixel of a frame looks: (B, 16, 2) to (B, H, W, 2), in the coordinates of the control points.

    `reach` is half the width and half the height of the frame in these coordinates. The basis of a size is kept.
    """
    points, fractions = _regular(height, width, reach, source.dtype, str(source.device))
    displaced = (source - control_points(source)).mT @ fractions  # (B, 2, H·W)
    return (points + displaced.mT).unflatten(1, (height, width))


def regular_grid(source: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """The source points (B, H, W, 2) of a regular target grid x (W,) by y (H,)."""
    return move(source, torch.cartesian_prod(y, x).flip(-1).view(1, len(y), len(x), 2))


def frame_grid(source: Tensor, height: int, width: int) -> Tensor:
    """Where each pixel of a frame looks, in its own coordinates: (B, H, W, 2); source points in square ones."""
    frame = reach(width, height)
    looks = grid(source, height, width, frame)
    return looks if width == height else looks / source.new_tensor(frame)


def _solve(slopes: Tensor, target: Tensor) -> Tensor:
    """The steps (…, 2) with slopes (…, 2, 2) · step = target (…, 2), by Cramer's rule; huge where a slope is singular."""
    a, b, c, d = slopes.flatten(-2).unbind(-1)
    u, v = target.unbind(-1)
    determinant = a * d - b * c
    safe = torch.where(determinant.abs() < TINY, TINY, determinant)
    return torch.stack([d * u - b * v, a * v - c * u], dim=-1) / safe[..., None]


def _undo_linear_part(source: Tensor, points: Tensor) -> Tensor:
    """Where to begin: the inverse of the affine map nearest to the spline."""
    linear = source.mT @ control_points(source) / (CONTROLS * _SPACING)  # (B, 2, 2)
    centred = points - source.mean(1, keepdim=True)
    return (torch.linalg.pinv(linear) @ centred.mT).mT


def undo(source: Tensor, points: Tensor) -> Tensor:
    """The points (B, N, 2), float64, that the splines of source points (B, 16, 2) take to these, by Newton's method."""
    exact, target = source.detach().double(), points.detach().double()
    guess = _undo_linear_part(exact, target)
    for _ in range(_STEPS):
        left = target - move(exact, guess)
        if left.abs().max() < _CONVERGED:
            return guess
        step = _solve(jacobian(exact, guess), left)
        guess = guess + step * (_STRIDE / step.norm(dim=-1, keepdim=True).clamp(min=_STRIDE))
    raise InvalidRequest(f"a thin plate spline has no inverse that {_STEPS} Newton steps can find; move its points less")


def _lattice(points: int, like: Tensor) -> Tensor:
    axis = torch.linspace(-1, 1, points, dtype=like.dtype, device=like.device)
    return torch.cartesian_prod(axis, axis).flip(-1)[None]  # (1, points², 2)


def _folds(source: Tensor) -> bool:
    """Whether some of the splines (B, 16, 2) turn over inside the square, or are all turned over in part.

    Looked for on a lattice, then closely around the points of it where areas shrink most, of either sign.
    """
    coarse = _lattice(_PROBES, source)
    determinant = torch.linalg.det(jacobian(source, coarse))  # (B, N)
    sign = determinant.sum(1, keepdim=True).sign()
    lowest = (sign * determinant).topk(_SUSPECTS, largest=False).indices  # (B, _SUSPECTS)
    near = coarse[0, lowest][:, :, None] + _lattice(_CLOSELY, source)[0] * 2 / (_PROBES - 1)
    closely = near.clamp(-1, 1).flatten(1, 2)  # (B, _SUSPECTS · _CLOSELY², 2)
    return not (sign * torch.linalg.det(jacobian(source, closely))).min().item() > 0


def inverse(source: Tensor) -> Tensor:
    """Source points (B, 16, 2) of splines that undo these at the control points; elsewhere approximately.

    InvalidRequest where a spline folds inside the square, for then it has none, and where Newton's method does not converge.
    """
    exact = source.detach().double()
    if _folds(exact):
        raise InvalidRequest("a thin plate spline has no inverse: it folds inside the picture; move its points less")
    return undo(source, control_points(exact).expand_as(exact)).to(source)
