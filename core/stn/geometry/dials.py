"""Dials: the sliders by which a user sets a theta of a family: angles, scales and shifts instead of matrix entries."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Dial:
    """One number: its name (in `theta.Parts`, or among the family's parameters), its range, and how it is written."""

    name: str
    label: str
    low: float
    high: float
    step: float
    digits: int = 2
    unit: str = ""

    def within(self, value: float) -> float:
        """The value, held within the range; the lowest for one that is no number."""
        return self.low if math.isnan(value) else min(self.high, max(self.low, value))


TURN = Dial("rotation_deg", "Rotation", -180, 180, 0.5, 1, "°")
SCALE = Dial("scale_x", "Scale", 0.2, 3, 0.01)  # alone it is the scale of both axes
SCALES = (Dial("scale_x", "Scale x", 0.2, 3, 0.01), Dial("scale_y", "Scale y", 0.2, 3, 0.01))
SHEAR = Dial("shear", "Shear", -1, 1, 0.01)
SHIFTS = (Dial("shift_x", "Shift x", -1.5, 1.5, 0.01), Dial("shift_y", "Shift y", -1.5, 1.5, 0.01))
PERSPECTIVE = (Dial("p1", "Perspective x", -8, 8, 0.05), Dial("p2", "Perspective y", -8, 8, 0.05))
AFFINE = (TURN, *SCALES, SHEAR, *SHIFTS)
