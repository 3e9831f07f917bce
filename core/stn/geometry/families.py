"""Families of transformations T_θ: how many numbers the localisation network predicts, and which theta they stand for.

A theta maps OUTPUT (target) to INPUT (source) coordinates, and its shape tells its kind (Jaderberg et al. 2015, section 3.2):
(B, 2, 3) an affine matrix, (B, 3, 3) a homography, (B, 16, 2) the source points of a thin plate spline. For the first,
(x_s, y_s)ᵀ = A_θ (x_t, y_t, 1)ᵀ (eq. 1). What can be done with a theta of any kind is in `theta`.

Coordinates are normalised, in the order (x, y), x to the right and y down, -1 and 1 at the outer edges of the border pixels
(align_corners=False). Because theta maps backwards, a rotation by +30° shows the picture turned 30° counter-clockwise, and a
scale of 2 shows it half as large. Thetas are in SQUARE coordinates, where the short side of the frame spans [-1, 1] and
both axes have the same unit, so that a rotation is a rotation in pixels; `theta.frame_grid` lays a theta on a frame.

A family is one row of this table: everything else (training, screens, exports, the command line) reads the row. The file loads
without torch, so that names and titles cost nothing; the functions import it when they are called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from core.rows import name_in
from core.stn.geometry.dials import AFFINE, PERSPECTIVE, SCALE, SHIFTS, TURN, Dial
from core.stn.geometry.kinds import CONTROLS, HOMOGRAPHY, MATRIX, SPLINE, Kind

if TYPE_CHECKING:
    from torch import Tensor

PERSPECTIVE_UNIT = 0.1  # the two perspective parameters of a homography are given in this unit
OFFSET_UNIT = 0.25  # the offsets of a spline's source points are given in this unit, half the short side being 1


@dataclass(frozen=True)
class Family:
    """One row of the table. `params` reads a theta of the family back; of another theta of its kind, the nearest numbers.

    Every family shifts; `turns` to `bends` say what else it can undo, and so what straightening trains it on, which sliders a
    trained network is tried with and what an alignment changes. In the stand-alone program its `theta` is
    export/templates/family_NAME.py.txt.
    """

    name: str
    title: str
    kind: Kind
    parameters: tuple[str, ...]  # the names of the numbers
    identity: tuple[float, ...]
    theta: Callable[[Tensor], Tensor]  # (B, len(parameters)) -> theta (B, *kind.shape)
    params: Callable[[Tensor], Tensor]  # and back
    fewest_points: int  # pairs of points that determine a theta of the family
    dials: tuple[Dial, ...]  # its sliders
    nearest: Callable[[Tensor, Tensor, Tensor], Tensor] | None = None  # see `fitting.fit`; None: theta is linear in the numbers
    turns: bool = True
    zooms: bool = True
    stretches: bool = False  # a scale for each axis; affine and projective are trained on shear and one scale
    shears: bool = False
    tilts: bool = False
    bends: bool = False


def _translation(params: Tensor) -> Tensor:
    import torch

    return torch.cat([torch.eye(2).to(params).expand(params.shape[0], 2, 2), params[:, :, None]], dim=-1)  # (B, 2, 3)


def _shift_of(theta: Tensor) -> Tensor:
    return theta[:, :, 2]  # (B, 2)


def _attention(params: Tensor) -> Tensor:
    import torch

    scale, x, y = params.unbind(-1)
    nought = torch.zeros_like(scale)
    return torch.stack([scale, nought, x, nought, scale, y], dim=-1).unflatten(-1, (2, 3))  # (B, 2, 3)


def _zoom_of(theta: Tensor) -> Tensor:
    import torch

    scale = (theta[:, 0, 0] + theta[:, 1, 1]) / 2
    return torch.cat([scale[:, None], theta[:, :, 2]], dim=-1)  # (B, 3)


def _similarity(params: Tensor) -> Tensor:
    import torch

    a, b, x, y = params.unbind(-1)
    return torch.stack([a, -b, x, b, a, y], dim=-1).unflatten(-1, (2, 3))  # (B, 2, 3)


def _turn_of(theta: Tensor) -> Tensor:
    import torch

    sine = (theta[:, 1, 0] - theta[:, 0, 1]) / 2
    scale, x, y = _zoom_of(theta).unbind(-1)
    return torch.stack([scale, sine, x, y], dim=-1)  # (B, 4)


def _affine(params: Tensor) -> Tensor:
    return params.unflatten(-1, (2, 3))  # (B, 2, 3)


def _entries_of(theta: Tensor) -> Tensor:
    return theta.flatten(1)  # (B, 6)


def _projective(params: Tensor) -> Tensor:
    import torch

    last = torch.ones_like(params[:, :1])
    return torch.cat([params[:, :6], PERSPECTIVE_UNIT * params[:, 6:], last], dim=-1).unflatten(-1, (3, 3))  # (B, 3, 3)


def _eight_of(theta: Tensor) -> Tensor:
    import torch

    from core.stn.geometry.homography import normalised

    entries = normalised(theta).flatten(1)  # (B, 9)
    return torch.cat([entries[:, :6], entries[:, 6:8] / PERSPECTIVE_UNIT], dim=-1)  # (B, 8)


def _nearest_homography(target: Tensor, source: Tensor, affine: Tensor) -> Tensor:
    from core.stn.geometry.homography import fit

    return fit(target, source, start=affine)


def _tps(params: Tensor) -> Tensor:
    from core.stn.geometry.thin_plate_spline import control_points

    return control_points(params) + OFFSET_UNIT * params.unflatten(-1, (CONTROLS, 2))  # (B, 16, 2)


def _offsets_of(theta: Tensor) -> Tensor:
    from core.stn.geometry.thin_plate_spline import control_points

    return ((theta - control_points(theta)) / OFFSET_UNIT).flatten(1)  # (B, 32)


_SHIFT = ("shift x", "shift y")
_ENTRIES = ("a11", "a12", "a13", "a21", "a22", "a23")
_OFFSETS = tuple(f"d{axis}{row}{column}" for row in range(1, 5) for column in range(1, 5) for axis in "xy")

_ROWS = (  # of each kind the narrower families first
    Family(
        "translation", "shift", MATRIX, _SHIFT, (0.0, 0.0), _translation, _shift_of,
        fewest_points=1, dials=SHIFTS, turns=False, zooms=False,
    ),
    Family(
        "attention", "scale and shift", MATRIX, ("s", *_SHIFT), (1.0, 0.0, 0.0), _attention, _zoom_of,
        fewest_points=2, dials=(SCALE, *SHIFTS), turns=False,
    ),
    Family(
        "similarity", "turn, scale and shift", MATRIX, ("s cos φ", "s sin φ", *_SHIFT), (1.0, 0.0, 0.0, 0.0),
        _similarity, _turn_of, fewest_points=2, dials=(TURN, SCALE, *SHIFTS),
    ),
    Family(
        "affine", "similarity and shear", MATRIX, _ENTRIES, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), _affine, _entries_of,
        fewest_points=3, dials=AFFINE, shears=True,
    ),
    Family(
        "projective", "affine and perspective", HOMOGRAPHY, (*_ENTRIES, "p1", "p2"),
        (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0), _projective, _eight_of,
        fewest_points=4, dials=(*AFFINE, *PERSPECTIVE), nearest=_nearest_homography, shears=True, tilts=True,
    ),
    Family(
        "tps", "thin plate spline", SPLINE, _OFFSETS, (0.0,) * (2 * CONTROLS), _tps, _offsets_of,
        fewest_points=3, dials=(), bends=True,
    ),
)  # fmt: skip
FAMILIES: dict[FamilyName, Family] = {family.name: family for family in _ROWS}

FamilyName = Annotated[str, name_in(lambda: FAMILIES)]
