"""How a user changes a theta: by the dials of its family, by moving points, by choosing another family.

Everything is in square coordinates, float64, one theta at a time. The dials stand in the rows of `families`. The thin plate
spline has none: its 16 source points are moved one by one, or all at once into one of `SHAPES`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from core.errors import InvalidRequest
from core.stn.geometry.dials import SCALE
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.fitting import fit
from core.stn.geometry.homography import normalised
from core.stn.geometry.kinds import HOMOGRAPHY, MATRIX, kind_of
from core.stn.geometry.theta import Parts, is_projective, move, of_kind, parts, theta_of
from core.stn.geometry.thin_plate_spline import control_points

REACH = 9.0  # the largest number in a theta that is set by hand
_LATTICE = 13  # points a side on which a family is fitted to a theta
_SAME = 1e-9
_DIGITS = 9  # of a fitted theta: what lies below is rounding
START = Parts(rotation_deg=20.0, scale_x=0.8, scale_y=0.8)


def start(family: FamilyName) -> np.ndarray:
    """A theta that shows at once what the family can do."""
    return _start(family).copy()


@lru_cache
def _start(family: FamilyName) -> np.ndarray:
    if FAMILIES[family].kind.handles:
        return SHAPES["twist"]()
    return nearest_in(family, theta_of(START).numpy())


def identity_of(family: FamilyName) -> np.ndarray:
    """The theta that changes nothing."""
    row = FAMILIES[family]
    return row.theta(torch.tensor([row.identity], dtype=torch.float64))[0].numpy()


def readings(theta: np.ndarray, family: FamilyName) -> dict[str, float]:
    """Where the dials of a family stand for one of its thetas: the parts of its first two rows, and its own numbers by name."""
    row = FAMILIES[family]
    if not row.dials:
        return {}
    tensor = torch.from_numpy(theta)[None]
    numbers = dict(zip(row.parameters, row.params(tensor)[0].tolist(), strict=True))
    if is_projective(tensor):
        tensor = normalised(tensor)
    named = vars(parts(tensor[0, :2]))
    if math.isnan(named["shear"]):  # of what is folded onto a line
        named = named | {"shear": 0.0}
    return named | {dial.name: numbers[dial.name] for dial in row.dials if dial.name in numbers}


def turned(theta: np.ndarray, family: FamilyName, dials: dict[str, float]) -> np.ndarray:
    """The theta of a family after some of its dials were turned; each is held within its range. A spline stays as it is."""
    row = FAMILIES[family]
    if not row.dials:
        return theta
    held = {dial.name: dial.within(dials[dial.name]) for dial in row.dials if dial.name in dials}
    values = readings(theta, family) | held
    if SCALE in row.dials:
        values["scale_y"] = values["scale_x"]
    own = {name: values.pop(name) for name in row.parameters if name in values}
    moved = of_kind(theta_of(Parts(**values))[None], row.kind)
    if own:
        numbers = row.params(moved)
        numbers[:, [row.parameters.index(name) for name in own]] = torch.tensor([*own.values()], dtype=numbers.dtype)
        moved = row.theta(numbers)
    return moved[0].numpy()


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
    return [row.name for row in FAMILIES.values() if row.kind is kind_of(theta)][-1]


def nearest_in(family: FamilyName, theta: np.ndarray) -> np.ndarray:
    """The theta of a family nearest to this one over the square, by least squares; a theta of the family itself is returned.

    InvalidRequest for a homography that has the centre of the output behind the camera.
    """
    row, tensor = FAMILIES[family], torch.from_numpy(theta)[None].double()
    if is_projective(tensor):
        tensor = normalised(tensor)
    if family == family_of(theta):
        return tensor[0].numpy()
    if row.kind is kind_of(theta):
        own = row.theta(row.params(tensor))
        if (own - tensor).abs().max() < _SAME:
            return theta
    if row.kind is HOMOGRAPHY and kind_of(theta) is MATRIX:  # exactly, a singular one too
        return of_kind(tensor, row.kind)[0].numpy()
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
