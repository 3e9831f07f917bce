"""A family that is no row of the table: a scale for each axis, and a shift. What reads the rows must serve it too."""

from __future__ import annotations

import torch
from torch import Tensor

from core.stn.geometry.dials import SCALES, SHIFTS
from core.stn.geometry.families import Family
from core.stn.geometry.kinds import MATRIX


def _stretch(params: Tensor) -> Tensor:
    return torch.cat([torch.diag_embed(params[:, :2]), params[:, 2:, None]], dim=-1)  # (B, 2, 3)


def _scales_of(theta: Tensor) -> Tensor:
    return torch.cat([theta[:, :, :2].diagonal(dim1=1, dim2=2), theta[:, :, 2]], dim=-1)  # (B, 4)


STRETCH = Family(
    "stretch", "two scales and shift", MATRIX, ("sx", "sy", "shift x", "shift y"), (1.0, 1.0, 0.0, 0.0), _stretch, _scales_of,
    fewest_points=2, dials=(*SCALES, *SHIFTS), turns=False, stretches=True,
)  # fmt: skip
