"""Random gentle distortions, drawn fresh for every batch, as thetas in square coordinates (see `families`)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Generator, Tensor

from core.stn.families import FamilyName

SCALE, SHIFT, SHEAR = 0.2, 0.2, 0.15  # scale ±20 %, shift ±20 % of half the short side, shear for the affine family


@dataclass(frozen=True)
class Distortions:
    """How far pictures may be bent: angle in ± degrees, scale, shift and shear as ± shares."""

    max_angle: float = 45.0
    scale: float = SCALE
    shift: float = SHIFT
    shear: float = 0.0

    @classmethod
    def of(cls, family: FamilyName, max_angle: float) -> Distortions:
        """What a family can undo: only the affine family meets shear."""
        return cls(max_angle, shear=SHEAR if family == "affine" else 0.0)

    @property
    def practice(self) -> Distortions:
        """A little more of everything but shear, so that what is asked for does not lie at the edge of what was practised."""
        return replace(self, max_angle=min(180.0, 1.1 * self.max_angle), scale=1.5 * self.scale, shift=1.25 * self.shift)

    def draw(self, count: int, generator: Generator, share: Tensor | float = 1.0) -> Tensor:
        """`count` thetas (B, 2, 3) from output to input; `share` (B,) or a number makes all amounts smaller."""
        amount = (2 * torch.rand(5, count, generator=generator) - 1) * share  # (5, B), in ±share
        angle = torch.deg2rad(self.max_angle * amount[0])
        cos, sin = torch.cos(angle), torch.sin(angle)
        scale, shear = 1 + self.scale * amount[1], self.shear * amount[2]
        x, y = self.shift * amount[3], self.shift * amount[4]
        top = torch.stack([scale * cos, scale * (shear * cos - sin), x], dim=-1)
        bottom = torch.stack([scale * sin, scale * (shear * sin + cos), y], dim=-1)
        return torch.stack([top, bottom], dim=-2)  # (B, 2, 3)
