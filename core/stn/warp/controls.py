"""A family's numbers as a hand can turn them: angles, scales and shifts instead of matrix entries; and its theta, moved.

Everything is in square coordinates, float64, one theta at a time. The thin plate spline has no dials: its 16 source points
are moved one by one, or all at once to one of `SHAPES`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.errors import InvalidRequest
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.homography import normalised
from core.stn.geometry.theta import Parts, fit, is_projective, move, parts, theta_of
from core.stn.geometry.thin_plate_spline import control_points

REACH = 9.0  # the largest number in a theta that is set by hand
_LATTICE = 13  # points a side by which one family is brought near to another
_SAME = 1e-9
_DIGITS = 9  # of a fitted theta: what lies below is rounding


@dataclass(frozen=True)
class Dial:
    """One number of a family: its name (in `Parts`, or p1 and p2), its range, and how it is written."""

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


_TURN = Dial("rotation_deg", "Rotation", -180, 180, 0.5, 1, "°")
_SCALE = Dial("scale_x", "Scale", 0.2, 3, 0.01)
_SCALES = (Dial("scale_x", "Scale x", 0.2, 3, 0.01), Dial("scale_y", "Scale y", 0.2, 3, 0.01))
_SHEAR = Dial("shear", "Shear", -1, 1, 0.01)
_SHIFTS = (Dial("shift_x", "Shift x", -1.5, 1.5, 0.01), Dial("shift_y", "Shift y", -1.5, 1.5, 0.01))
_PERSPECTIVE = (Dial("p1", "Perspective x", -8, 8, 0.05), Dial("p2", "Perspective y", -8, 8, 0.05))
_AFFINE = (_TURN, *_SCALES, _SHEAR, *_SHIFTS)
DIALS: dict[FamilyName, tuple[Dial, ...]] = {
    "translation": _SHIFTS,
    "attention": (_SCALE, *_SHIFTS),
    "similarity": (_TURN, _SCALE, *_SHIFTS),
    "affine": _AFFINE,
    "projective": (*_AFFINE, *_PERSPECTIVE),
    "tps": (),
}
START = Parts(rotation_deg=20.0, scale_x=0.8, scale_y=0.8)


def start(family: FamilyName) -> np.ndarray:
    """A theta that shows at once what the family can do."""
    if family == "tps":
        return SHAPES["twist"]()
    return brought_to(family, theta_of(START).numpy())


def still(family: FamilyName) -> np.ndarray:
    """The theta that changes nothing."""
    row = FAMILIES[family]
    return row.theta(torch.tensor([row.identity], dtype=torch.float64))[0].numpy()


def readings(theta: np.ndarray, family: FamilyName) -> dict[str, float]:
    """Where the dials of a family stand for one of its thetas."""
    if family == "tps":
        return {}
    if family != "projective":
        return vars(parts(theta))
    numbers = FAMILIES["projective"].params(torch.from_numpy(theta)[None])[0]
    return vars(parts(numbers[:6].reshape(2, 3))) | {"p1": numbers[6].item(), "p2": numbers[7].item()}


def turned(theta: np.ndarray, family: FamilyName, dials: dict[str, float]) -> np.ndarray:
    """The theta of a family after some of its dials were turned; each is held within its range. A spline stays as it is."""
    if not DIALS[family]:
        return theta
    held = {dial.name: dial.within(dials[dial.name]) for dial in DIALS[family] if dial.name in dials}
    values = readings(theta, family) | held
    if family in ("attention", "similarity"):
        values["scale_y"] = values["scale_x"]
    p = [values.pop(name, 0.0) for name in ("p1", "p2")]
    values["shear"] = 0.0 if math.isnan(values["shear"]) else values["shear"]
    matrix = theta_of(Parts(**values))
    if family != "projective":
        return matrix.numpy()
    return FAMILIES["projective"].theta(torch.cat([matrix.flatten(), torch.tensor(p, dtype=torch.float64)])[None])[0].numpy()


def moved(theta: np.ndarray, points: dict[int, tuple[float, float]]) -> np.ndarray:
    """A spline (16, 2) after some of its source points were moved to (x, y)."""
    bent = theta.copy()
    for number, place in points.items():
        if not 0 <= number < len(bent):
            raise InvalidRequest(f"a spline has no point {number}; its {len(bent)} points are numbered from 0")
        bent[number] = np.clip(np.nan_to_num(place), -REACH, REACH)
    return bent


def family_of(theta: np.ndarray) -> FamilyName:
    """The widest family of a theta's kind."""
    kinds: dict[tuple[int, ...], FamilyName] = {(2, 3): "affine", (3, 3): "projective", (16, 2): "tps"}
    return kinds[theta.shape]


def brought_to(family: FamilyName, theta: np.ndarray) -> np.ndarray:
    """The theta of a family that comes nearest to this one over the square, by least squares; its own stay as they are.

    InvalidRequest for a homography that has the centre of the output behind the camera.
    """
    row, tensor = FAMILIES[family], torch.from_numpy(theta)[None].double()
    if is_projective(tensor):
        tensor = normalised(tensor)
    if family == family_of(theta):
        return tensor[0].numpy()
    if tensor.shape[1:] == row.theta(torch.zeros(1, len(row.parameters))).shape[1:]:
        own = row.theta(row.params(tensor))
        if (own - tensor).abs().max() < _SAME:
            return theta
    axis = torch.linspace(-1, 1, _LATTICE, dtype=torch.float64)
    target = torch.cartesian_prod(axis, axis)[None]
    return fit(family, target, move(tensor, target).clamp(-REACH, REACH))[0].numpy().round(_DIGITS)


def _bulge(points: Tensor) -> Tensor:
    """The middle comes near: its source points draw together."""
    return points * torch.where(points.abs().amax(dim=1, keepdim=True) < 1, 0.5, 1.0)


def _wave(points: Tensor) -> Tensor:
    """Up and down across the picture."""
    return points + torch.stack([torch.zeros(16), 0.25 * torch.sin(1.5 * math.pi * points[:, 0])], dim=1)


def _twist(points: Tensor) -> Tensor:
    """The middle is turned by 50°, the rim stays."""
    angle = math.radians(50) * (points.abs().amax(dim=1) < 1)
    cos, sin = angle.cos(), angle.sin()
    x, y = points.unbind(1)
    return torch.stack([cos * x - sin * y, sin * x + cos * y], dim=1)


def _fold(points: Tensor) -> Tensor:
    """The two inner columns change places: the picture folds over."""
    inner = points[:, 0].abs() < 1
    return torch.stack([torch.where(inner, -points[:, 0], points[:, 0]), points[:, 1]], dim=1)


def _shape(bent: Callable[[Tensor], Tensor]) -> Callable[[], np.ndarray]:
    return lambda: bent(control_points(torch.zeros(1, dtype=torch.float64))).numpy()


SHAPES: dict[str, Callable[[], np.ndarray]] = {
    name: _shape(bent) for name, bent in (("bulge", _bulge), ("wave", _wave), ("twist", _twist), ("fold", _fold))
}
