"""One warp approximated in every family of transformations, from two numbers to thirty-two.

Each theta is the least squares fit of `fitting.fit` over the picture; its error says how far, in pixels, its source points
stay from those of the warp. A family that holds the warp has error 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core.errors import InvalidRequest
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.fitting import fit
from core.stn.geometry.frames import centres
from core.stn.geometry.kinds import FAR, reach
from core.stn.geometry.theta import move

_ACROSS = 16  # points along the short side
_MOST = 64  # along the long one: a strip is fitted on as many points as it takes, not on one for every bit of its length


@dataclass(frozen=True)
class FamilyFit:
    """One family's best approximation. Errors are distances of source points in pixels of the picture."""

    family: FamilyName
    title: str
    parameters: int
    theta: np.ndarray  # square coordinates
    error_px: float  # root mean square
    worst_px: float


def _fitted(name: FamilyName, target: torch.Tensor, source: torch.Tensor, unit: float) -> FamilyFit:
    family, theta = FAMILIES[name], fit(name, target, source)
    missed = (move(theta, target) - source).norm(dim=-1) * unit
    rms, worst = missed.square().mean().sqrt().item(), missed.max().item()
    return FamilyFit(name, family.title, len(family.parameters), theta[0].numpy(), rms, worst)


def _lattice(width: int, height: int) -> torch.Tensor:
    """Points (1, N, 2) spread evenly over a picture of this size, in square coordinates."""
    short, axes = min(width, height), []
    for side, half in zip((width, height), reach(width, height), strict=True):
        axes.append(centres(min(_MOST, max(2, round(_ACROSS * side / short))), torch.float64) * half)
    return torch.cartesian_prod(axes[1], axes[0]).flip(-1)[None]


def family_fits(theta: np.ndarray, width: int, height: int) -> list[FamilyFit]:
    """The best approximation of a theta (square coordinates) in every family, for a picture of this size.

    InvalidRequest where a homography shows too little in front of the camera to fit anything.
    """
    short, lattice = min(width, height), _lattice(width, height)
    source = move(torch.from_numpy(theta)[None].double(), lattice)
    in_front = source.abs().amax(dim=-1)[0] < FAR
    if int(in_front.sum()) < _ACROSS:
        raise InvalidRequest(
            "almost everything lies behind the camera of this theta; choose less perspective to compare families"
        )
    target, source = lattice[:, in_front], source[:, in_front]
    return [_fitted(name, target, source, short / 2) for name in FAMILIES]
