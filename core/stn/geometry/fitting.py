"""Least squares fit of a theta to pairs of points."""

from __future__ import annotations

import torch
from torch import Tensor

from core.errors import InvalidRequest
from core.stn.geometry.families import FAMILIES, Family, FamilyName
from core.stn.geometry.theta import move


def _fit_linear(row: Family, target: Tensor, source: Tensor) -> Tensor:
    """One least squares problem; the smallest parameters where several do."""
    units = torch.eye(len(row.parameters), dtype=torch.float64)
    still = move(row.theta(torch.zeros_like(units[:1])), target)  # (B, N, 2)
    thetas = row.theta(units)
    slopes = torch.stack([(move(theta[None], target) - still).flatten(1) for theta in thetas], dim=-1)  # (B, 2N, n)
    solution = torch.linalg.lstsq(slopes, (source - still).flatten(1)[..., None], driver="gelsd").solution
    return row.theta(solution[..., 0])


def fit(family: FamilyName, target: Tensor, source: Tensor) -> Tensor:
    """The theta of a family that comes nearest to taking target points to source points, in least squares; float64.

    (B, N, 2) points give B thetas, (N, 2) give one. Where theta is linear in the numbers of a family, this is one least squares
    problem; another family brings its own `nearest(target, source, affine)`, the nearest affine theta being its start.
    InvalidRequest for too few points and for ones that are not finite.
    """
    if target.ndim == 2:
        return fit(family, target[None], source[None])[0]
    target, source = target.detach().cpu().double(), source.detach().cpu().double()
    row = FAMILIES[family]
    if target.shape[1] < row.fewest_points or not (target.isfinite().all() and source.isfinite().all()):
        fewest = f"give at least {row.fewest_points} finite ones"
        raise InvalidRequest(f"{target.shape[1]} points cannot determine a theta of {family}; {fewest}")
    if row.nearest is None:
        return _fit_linear(row, target, source)
    return row.nearest(target, source, _fit_linear(FAMILIES["affine"], target, source))
