"""What a theta does to the picture that is read through it, in words and as numbers.

Theta maps output to input, so the picture moves by its inverse: a theta of +9° turns what is seen by 9° to the left.
Without torch, so that stored results say it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.stn.geometry.kinds import through

_HARDLY = 0.05  # degrees, and percent: what rounds to 0.0
_NEAR, _FLAT = 1e-4, 1e-9  # for the derivative; determinants up to which a map is singular
_SHEARED = 0.005  # shears below it are not named


@dataclass(frozen=True)
class Moved:
    """What is seen of the picture: for a homography and a spline, at the centre of the output."""

    turned_deg: float  # to the right (clockwise), -180 to 180
    scale: float  # of lengths, its short side beside that of the output
    right: float  # percent of the short side
    down: float
    shear: float
    mirrored: bool

    @property
    def words(self) -> str:
        """ "turned by 9.0° to the right, scale 1.00, shifted by 3.1 % of the short side to the right" """
        side = "right" if self.turned_deg > 0 else "left"
        turned = f"turned by {abs(self.turned_deg):.1f}° to the {side}" if abs(self.turned_deg) >= _HARDLY else "not turned"
        ways = [
            f"{abs(share):.1f} % {one if share > 0 else other}"
            for share, one, other in ((self.right, "right", "left"), (self.down, "down", "up"))
            if abs(share) >= _HARDLY
        ]
        shifted = f"shifted by {' and '.join(ways)}" if ways else "not shifted"
        more = [*([f"sheared by {self.shear:.2f}"] if abs(self.shear) >= _SHEARED else []), *(["mirrored"] * self.mirrored)]
        return ", ".join([turned, f"scale {self.scale:.2f}", shifted, *more]).replace("-", "−")


def moved_by(theta: np.ndarray) -> Moved | None:
    """Of a theta of any kind in square coordinates; None where it is singular and lays the picture onto a line."""
    ahead, behind = (through(theta, sign * _NEAR * np.eye(2)) for sign in (1, -1))
    forward = (ahead - behind).T / (2 * _NEAR)  # ∂(source)/∂(target) at the centre: (2, 2)
    if abs(np.linalg.det(forward)) < _FLAT * np.abs(forward).max() ** 2 or not np.isfinite(forward).all():
        return None
    inverse = np.linalg.inv(forward)
    right, down = -50 * inverse @ through(theta, np.zeros(2))
    (a, b), (c, d) = inverse.tolist()
    turn, across = math.atan2(c, a), math.hypot(a, c)  # by QR, as `theta.parts` has it
    up, height = (b * a + d * c) / across, (d * a - b * c) / across
    scale = math.sqrt(abs(across * height))
    return Moved(math.degrees(turn), scale, float(right), float(down), up / height, height < 0)
