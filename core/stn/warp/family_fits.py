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
from core.stn.geometry.frames import points_of
from core.stn.geometry.kinds import FAR
from core.stn.geometry.theta import move

_ACROSS = 16  # points along the short side


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


def family_fits(theta: np.ndarray, width: int, height: int) -> list[FamilyFit]:
    """The best approximation of a theta (square coordinates) in every family, for a picture of this size.

    InvalidRequest where a homography shows too little in front of the camera to fit anything.
    """
    short = min(width, height)
    lattice = points_of(*(max(2, round(_ACROSS * side / short)) for side in (width, height))).double().view(1, -1, 2)
    source = move(torch.from_numpy(theta)[None].double(), lattice)
    in_front = source.abs().amax(dim=-1)[0] < FAR
    if int(in_front.sum()) < _ACROSS:
        raise InvalidRequest(
            "almost everything lies behind the camera of this theta; choose less perspective to compare families"
        )
    target, source = lattice[:, in_front], source[:, in_front]
    return [_fitted(name, target, source, short / 2) for name in FAMILIES]
