"""Homographies: maps that keep lines straight but not parallel, as a camera sees a plane.

A theta (B, 3, 3) takes (x_t, y_t, 1) to (w x_s, w y_s, w), Hartley & Zisserman, chapter 2. Its last entry is 1 where
possible, so that w is 1 at the centre of the output. Where w is not above 0 a point lies behind the camera: it lands far
outside any picture.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.errors import InvalidRequest
from core.stn.geometry.affine import not_singular
from core.stn.geometry.frames import axes_of, in_units
from core.stn.geometry.kinds import FAR, HORIZON, reach

_REFINEMENTS = 50
_CONVERGED = 1e-15


def _divide(planes: Tensor) -> Tensor:
    """Homogeneous coordinates (B, 3, …) as (B, 2, …), never beyond ±FAR."""
    upper, w = planes[:, :2], planes[:, 2:]
    behind = torch.where(upper < 0, -FAR, FAR)
    return torch.where(w > HORIZON, upper / w.clamp(min=HORIZON), behind).clamp(-FAR, FAR)


def _homogeneous(theta: Tensor, points: Tensor) -> Tensor:
    x, y = points.reshape(len(points), 1, -1, 2).unbind(-1)  # (B, 1, N)
    return torch.addcmul(torch.addcmul(theta[..., 2:], theta[..., 1:2], y), theta[..., :1], x)  # (B, 3, N)


def move(theta: Tensor, points: Tensor) -> Tensor:
    """Points (B, …, 2) through homographies (B, 3, 3)."""
    return _divide(_homogeneous(theta, points)).mT.reshape(-1, *points.shape[1:])


def regular_grid(theta: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """The source points (B, H, W, 2) of a regular target grid x (W,) by y (H,)."""
    columns = theta[..., 0, None] * x  # (B, 3, W)
    rows = theta[..., 1, None] * y + theta[..., 2, None]  # (B, 3, H)
    return _divide(rows[..., None] + columns[:, :, None]).permute(0, 2, 3, 1)


def frame_grid(theta: Tensor, height: int, width: int) -> Tensor:
    """Where each pixel of a frame looks, in its own coordinates: (B, H, W, 2); theta in square ones."""
    reach_x, reach_y = reach(width, height)
    return regular_grid(in_units(theta, 1 / reach_x, 1 / reach_y), *axes_of(height, width, theta))


def normalised(theta: Tensor) -> Tensor:
    """The same homographies (…, 3, 3) with last entry 1; InvalidRequest where the centre of the output is behind the camera."""
    last = theta[..., 2:, 2:]
    if not torch.compiler.is_exporting() and not last.min().item() > HORIZON:  # a graph cannot depend on a value
        value = f"the last entry of a homography is {last.min().item():.2g} and cannot be made 1"
        raise InvalidRequest(f"{value}: the centre of the output lies behind the camera; choose less perspective")
    return theta / last


def inverse(theta: Tensor) -> Tensor:
    """The homographies that undo these; InvalidRequest when one folds the plane onto a line."""
    not_singular(theta)
    return normalised(torch.linalg.inv(theta))


def jacobian(theta: Tensor, points: Tensor) -> Tensor:
    """∂source/∂target at points (B, …, 2): (B, …, 2, 2); 0 behind the camera."""
    homogeneous = _homogeneous(theta, points)
    moved, w = _divide(homogeneous).mT, homogeneous[:, 2, :, None, None]  # (B, N, 2), (B, N, 1, 1)
    slopes = (theta[:, None, :2, :2] - moved[..., None] * theta[:, None, 2:, :2]) / w.clamp(min=HORIZON)
    in_front = (w > HORIZON) & (moved.abs() < FAR)[..., None]
    return torch.where(in_front, slopes, 0.0).reshape(-1, *points.shape[1:], 2)


def promoted(theta: Tensor) -> Tensor:
    """Affine matrices (…, 2, 3) as homographies (…, 3, 3); homographies stay."""
    if theta.shape[-2] == 3:
        return theta
    bottom = theta.new_tensor([[0.0, 0.0, 1.0]]).expand(*theta.shape[:-2], 1, 3)
    return torch.cat([theta, bottom], dim=-2)


def _cross(first: Tensor, second: Tensor) -> Tensor:
    return first[..., :1] * second[..., 1:] - first[..., 1:] * second[..., :1]


def _from_unit_square(corners: Tensor) -> Tensor:
    """(B, 3, 3) that takes (0, 0), (1, 0), (1, 1), (0, 1) to corners (B, 4, 2)."""
    a, b, c, d = corners.unbind(1)
    along, across, slack = b - c, d - c, a - b + c - d  # (B, 2)
    area = _cross(along, across)
    g, h = _cross(slack, across) / area, _cross(along, slack) / area  # (B, 1)
    columns = torch.stack([b - a + g * b, d - a + h * d, a], dim=-1)  # (B, 2, 3)
    bottom = torch.cat([g, h, torch.ones_like(g)], dim=-1)[:, None]
    return torch.cat([columns, bottom], dim=1)


def through_corners(target: Tensor, source: Tensor) -> Tensor:
    """The homographies (B, 3, 3) that take four target points (B, 4, 2) to four source points (B, 4, 2), both in the order of
    walking round them.

    Closed form by way of the unit square (Heckbert 1989, section 2.2.3). Both quadrilaterals must be convex.
    """
    return normalised(_from_unit_square(source) @ torch.linalg.inv(_from_unit_square(target)))


def _squared_distances(theta: Tensor, target: Tensor, source: Tensor) -> Tensor:
    """Sums (B,) of squared distances; infinite instead of NaN, so that comparisons hold."""
    return torch.nan_to_num((move(theta, target) - source).square().sum((1, 2)), nan=torch.inf)


def _centring(points: Tensor) -> Tensor:
    """The similarities (B, 3, 3) that bring points (B, N, 2) to mean 0 and mean square distance 2."""
    mean = points.mean(1)
    scale = (2 / (points - mean[:, None]).square().sum(-1).mean(1).clamp(min=1e-12)).sqrt()
    linear = scale[:, None, None] * torch.eye(2).to(points)
    return promoted(torch.cat([linear, -(scale[:, None] * mean)[..., None]], dim=-1))


def equations(target: Tensor, source: Tensor) -> Tensor:
    """The rows (B, 2N, 9) whose products with a homography from target to source (B, N, 2) are 0 (Hartley & Zisserman, 4.1)."""
    (x, y), (u, v) = target.unbind(-1), source.unbind(-1)
    one, nought = torch.ones_like(x), torch.zeros_like(x)
    rows_u = torch.stack([x, y, one, nought, nought, nought, -u * x, -u * y, -u], dim=-1)
    rows_v = torch.stack([nought, nought, nought, x, y, one, -v * x, -v * y, -v], dim=-1)
    return torch.cat([rows_u, rows_v], dim=1)


def centred(points: Tensor) -> Tensor:
    """Points (B, N, 2) moved and scaled to mean 0 and mean square distance 2."""
    return move(_centring(points), points)


def direct(target: Tensor, source: Tensor) -> Tensor:
    """The homographies (B, 3, 3) by the normalised direct linear transform (Hartley & Zisserman, algorithm 4.2): unrefined."""
    to, back = _centring(target), _centring(source)
    rows = equations(move(to, target), move(back, source))
    few = rows.shape[1] < 9  # four pairs have no ninth singular value: the direction without one is in the full V alone
    least = torch.linalg.svd(rows, full_matrices=few).Vh[:, -1].unflatten(-1, (3, 3))
    theta = torch.linalg.inv(back) @ least @ to
    return theta / theta[:, 2:, 2:]


def _step(theta: Tensor, target: Tensor, source: Tensor, damping: Tensor) -> Tensor:
    """One Levenberg-Marquardt step of the first eight entries."""
    homogeneous = torch.cat([target, torch.ones_like(target[..., :1])], dim=-1)
    moved, w = move(theta, target), (homogeneous @ theta[:, 2, :, None]).clamp(min=HORIZON)
    ray = homogeneous / w  # (B, N, 3)
    nought = torch.zeros_like(ray)
    by_x = torch.cat([ray, nought, -moved[..., :1] * ray[..., :2]], dim=-1)
    by_y = torch.cat([nought, ray, -moved[..., 1:] * ray[..., :2]], dim=-1)
    slopes = torch.cat([by_x, by_y], dim=1)  # (B, 2N, 8)
    left = torch.cat([source[..., 0] - moved[..., 0], source[..., 1] - moved[..., 1]], dim=1)  # (B, 2N)
    normal = slopes.mT @ slopes
    damped = normal + damping * torch.diag_embed(normal.diagonal(dim1=1, dim2=2) + 1e-12)
    change = torch.linalg.lstsq(damped, slopes.mT @ left[..., None]).solution[..., 0]
    return torch.cat([theta.flatten(1)[:, :8] + change, torch.ones_like(change[:, :1])], dim=1).unflatten(1, (3, 3))


def fit(target: Tensor, source: Tensor, start: Tensor) -> Tensor:
    """The homographies (B, 3, 3) that take target nearest to source (B, N, 2): least squares of the distance.

    The normalised direct linear transform (Hartley & Zisserman, algorithm 4.2) or `start` (B, 2, 3), whichever is nearer,
    refined by damped Gauss-Newton steps that are only taken where they help: so it is never worse than `start`.
    """
    algebraic, affine = direct(target, source), promoted(start)
    nearer = _squared_distances(algebraic, target, source) < _squared_distances(affine, target, source)
    theta = torch.where(nearer[:, None, None], algebraic, affine)
    damping = theta.new_full((len(theta), 1, 1), 1e-3)
    for _ in range(_REFINEMENTS):
        step = _step(theta, target, source, damping)
        before, after = _squared_distances(theta, target, source), _squared_distances(step, target, source)
        better = (after < before)[:, None, None]
        theta, damping = torch.where(better, step, theta), torch.where(better, damping / 10, damping * 10)
        if not (before - after > _CONVERGED * before).any() and damping.min() > 1e6:
            break
    return normalised(theta)
