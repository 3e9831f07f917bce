"""Operations on thetas of any kind: move points, compose, invert, take apart. The shape of a theta tells its kind.

(…, 2, 3) is an affine matrix, (…, 3, 3) a homography, (…, 16, 2) a thin plate spline's source points.
Conventions of `families`: output to input, (x, y), align_corners=False, square coordinates unless a frame's own are named.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from core.errors import InvalidRequest
from core.stn.geometry import affine
from core.stn.geometry import homography as projective
from core.stn.geometry import thin_plate_spline as spline
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.frames import in_units, points_of
from core.stn.geometry.kinds import HOMOGRAPHY, HORIZON, KINDS, MATRIX, SPLINE, Kind, reach, upright_sign

GREATEST = 1e6  # number of a theta that is read; a float of 32 bits holds no pixels of positions far beyond it


class Operations(Protocol):
    """What the module of a kind implements, for thetas (B, *shape) of that kind: see the functions of the same names below."""

    def move(self, theta: Tensor, points: Tensor, /) -> Tensor: ...
    def jacobian(self, theta: Tensor, points: Tensor, /) -> Tensor: ...
    def regular_grid(self, theta: Tensor, x: Tensor, y: Tensor, /) -> Tensor: ...
    def frame_grid(self, theta: Tensor, height: int, width: int, /) -> Tensor: ...
    def inverse(self, theta: Tensor, /) -> Tensor: ...


_OPERATIONS: dict[tuple[int, ...], Operations] = {MATRIX.shape: affine, HOMOGRAPHY.shape: projective, SPLINE.shape: spline}


def _operations(theta: Tensor) -> Operations:
    return _OPERATIONS[tuple(theta.shape[-2:])]


def is_affine(theta: Tensor) -> bool:
    return theta.shape[-2:] == MATRIX.shape


def is_projective(theta: Tensor) -> bool:
    return theta.shape[-2:] == HOMOGRAPHY.shape


def is_spline(theta: Tensor) -> bool:
    return theta.shape[-2:] == SPLINE.shape


def of_kind(theta: Tensor, kind: Kind) -> Tensor:
    """Affine thetas (B, 2, 3) as thetas of any kind, which all hold them exactly."""
    if kind is SPLINE:
        return move(theta, spline.control_points(theta).expand(len(theta), -1, -1))
    return projective.promoted(theta) if kind is HOMOGRAPHY else theta


def identity(count: int = 1, family: FamilyName = "affine") -> Tensor:
    """`count` thetas of the family's kind that change nothing."""
    row = FAMILIES[family]
    return row.theta(torch.tensor([row.identity]).expand(count, -1)).clone()


def like(theta: Tensor, other: Tensor) -> Tensor:
    """Affine thetas (B, 2, 3) as thetas of the kind of others; thetas of that kind as they are."""
    return theta if theta.shape[-2:] == other.shape[-2:] else of_kind(theta, KINDS[tuple(other.shape[-2:])])


def move(theta: Tensor, points: Tensor) -> Tensor:
    """Any points (B, …, 2) through theta; the B of either may be 1."""
    return _operations(theta).move(theta, points)


def jacobian(theta: Tensor, points: Tensor) -> Tensor:
    """∂(source)/∂(target) at points (B, …, 2): (B, …, 2, 2), rows the source coordinate."""
    return _operations(theta).jacobian(theta, points)


def regular_grid(theta: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """The source points (B, H, W, 2) of a regular target grid x (W,) by y (H,), all in the coordinates of theta."""
    return _operations(theta).regular_grid(theta, x, y)


def frame_grid(theta: Tensor, height: int, width: int) -> Tensor:
    """Where each pixel of a frame looks, (B, H, W, 2) in the frame's own normalised coordinates; theta in square ones."""
    return _operations(theta).frame_grid(theta, height, width)


def inverse(theta: Tensor) -> Tensor:
    """The thetas that undo these: exactly for matrices, at the control points for splines (of which no gradient comes back).

    InvalidRequest when one folds the plane onto a line, or a spline folds over.
    """
    return _operations(theta).inverse(theta)


def tangent(theta: Tensor) -> Tensor:
    """The affine thetas (B, 2, 3) that are tangent to these at the centre of the output; affine ones themselves."""
    if is_affine(theta):
        return theta
    centre = theta.new_zeros(len(theta), 2)
    return torch.cat([jacobian(theta, centre), move(theta, centre)[..., None]], dim=-1)


def rotation_deg(theta: Tensor) -> Tensor:
    """Angles (B,) in degrees: of the rotation nearest to each matrix (polar decomposition), for other kinds at the centre."""
    if theta.ndim == 2:
        return rotation_deg(theta[None])[0]
    linear = tangent(theta)
    turn = linear[..., 1, 0] - linear[..., 0, 1]
    return torch.rad2deg(torch.atan2(turn, linear[..., 0, 0] + linear[..., 1, 1]))


def compose(outer: Tensor, inner: Tensor) -> Tensor:
    """The theta that applies `inner` to output coordinates first, then `outer`.

    Exact for matrices, and for an affine `outer` after a spline. With any other spline the result is the spline that agrees
    with the two maps at its control points. Homographies come with last entry 1; InvalidRequest where that cannot be.

    >>> import torch
    >>> from core.stn.geometry.theta import compose, inverse
    >>> theta = torch.tensor([[[0.8, -0.6, 0.1], [0.6, 0.8, 0.0]]])
    >>> torch.allclose(compose(theta, inverse(theta)), torch.eye(2, 3), atol=1e-6)
    True
    """
    if is_spline(inner):
        return move(outer, inner)
    if is_spline(outer):
        return move(outer, move(inner, spline.control_points(inner)[None]))
    if is_projective(outer) or is_projective(inner):
        return projective.normalised(projective.promoted(outer) @ projective.promoted(inner))
    linear = outer[..., :2] @ inner[..., :2]
    shift = outer[..., :2] @ inner[..., 2:] + outer[..., 2:]
    return torch.cat([linear, shift], dim=-1)  # (B, 2, 3)


def compose_where_possible(outer: Tensor, inner: Tensor) -> tuple[Tensor, Tensor]:
    """`compose` without an error: where it cannot be, which only happens to homographies, `outer`; and whether it can (B,)."""
    if not (is_projective(outer) or is_projective(inner)):
        return compose(outer, inner), torch.ones_like(inner[:, 0, 0], dtype=torch.bool)
    outer = projective.promoted(outer)
    planes = outer @ projective.promoted(inner)
    possible = planes[:, 2, 2] > HORIZON
    return projective.normalised(torch.where(possible[:, None, None], planes, outer)), possible


def for_frame(theta: Tensor, width: int, height: int) -> Tensor:
    """From square coordinates to the normalised coordinates of a frame, for matrices, and for splines in a square frame.

    In a frame that is not square a thin plate spline has no such form: InvalidRequest; `frame_grid` takes every kind.
    """
    reach_x, reach_y = reach(width, height)
    if not is_spline(theta):
        return in_units(theta, 1 / reach_x, 1 / reach_y)
    if width == height:
        return theta
    raise InvalidRequest("a thin plate spline stays in square coordinates; in a frame that is not square take its frame_grid")


def folds(theta: Tensor, height: int, width: int) -> Tensor:
    """Where a frame's pixels are seen mirrored or squeezed flat, (B, H, W) bool: the Jacobian's determinant is not above 0.

    Theta in square coordinates. What a homography sees behind the camera counts as folded.
    """
    slopes = jacobian(theta, points_of(width, height).to(theta))  # (B, H, W, 2, 2)
    return slopes[..., 0, 0] * slopes[..., 1, 1] <= slopes[..., 0, 1] * slopes[..., 1, 0]


FOLDED = 1e-7  # of a matrix's size: a scale below is the rounding of 0, whose sign and inverse say nothing


@dataclass(frozen=True)
class Parts:
    """A theta taken apart: theta = R(rotation) · [[1, shear], [0, 1]] · diag(scale_x, scale_y), then the shift.

    Rotation in degrees, positive where the picture appears turned counter-clockwise. A negative scale_y is a mirror image.
    Where the plane folds onto a line or a point a scale is 0: it is not mirrored, and without a second scale no shear can be
    named (NaN).
    """

    rotation_deg: float = 0.0
    scale_x: float = 1.0
    scale_y: float = 1.0
    shear: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0

    @property
    def determinant(self) -> float:
        """The factor by which areas grow from output to input; 0 where the plane folds onto a line."""
        return self.scale_x * self.scale_y

    @property
    def mirrored(self) -> bool:
        return self.determinant < 0

    @property
    def condition(self) -> float:
        """The ratio of the singular values: 1 for a similarity, inf where the plane folds onto a line."""
        if self.determinant == 0:
            return math.inf
        up = self.shear * self.scale_y
        largest = (math.hypot(self.scale_x + self.scale_y, up) + math.hypot(self.scale_x - self.scale_y, up)) / 2
        return largest**2 / abs(self.determinant)


def theta_of(parts: Parts) -> Tensor:
    """The theta (2, 3), float64, that these parts describe.

    >>> from core.stn.geometry.theta import Parts, theta_of
    >>> theta_of(Parts(90, 0.5, 0.5)).round(decimals=3)  # reads a square half as wide, turned by a quarter
    tensor([[ 0.0000, -0.5000,  0.0000],
            [ 0.5000,  0.0000,  0.0000]], dtype=torch.float64)
    """
    phi = math.radians(parts.rotation_deg)
    cos, sin = math.cos(phi), math.sin(phi)
    rotation = torch.tensor([[cos, -sin], [sin, cos]], dtype=torch.float64)
    shear = torch.tensor([[1.0, parts.shear], [0.0, 1.0]], dtype=torch.float64)
    scale = torch.diag(torch.tensor([parts.scale_x, parts.scale_y], dtype=torch.float64))
    shift = torch.tensor([[parts.shift_x], [parts.shift_y]], dtype=torch.float64)
    return torch.cat([rotation @ shear @ scale, shift], dim=1)  # (2, 3)


def parts(theta: Tensor | np.ndarray) -> Parts:
    """Take one theta apart by QR, for a homography and a spline at the centre of the output; the inverse of `theta_of`."""
    matrix = tangent(torch.as_tensor(theta, dtype=torch.float64)[None])[0]
    a, _, x, c, _, y = matrix.flatten().tolist()
    phi, scale_x = math.atan2(c, a), math.hypot(a, c)
    b, d = matrix[0, 1].item(), matrix[1, 1].item()
    smallest = FOLDED * math.hypot(scale_x, b, d)
    if scale_x <= smallest and math.hypot(b, d) > smallest:
        return Parts(math.degrees(math.atan2(-b, d)), 0.0, math.hypot(b, d), 0.0, x, y)
    cos, sin = math.cos(phi), math.sin(phi)
    up, scale_y = cos * b + sin * d, cos * d - sin * b
    if abs(scale_y) <= smallest:
        return Parts(math.degrees(phi), scale_x, 0.0, math.nan, x, y)
    return Parts(math.degrees(phi), scale_x, scale_y, up / scale_y, x, y)


def inverse_parts(theta: Tensor) -> Parts:
    """The parts of the inverse of a theta, at the centre: of one that straightens a photo, the distortion that it undoes."""
    touching = tangent(theta[None])[0].double()
    linear = torch.linalg.pinv(touching[:, :2])
    return parts(torch.cat([linear, -linear @ touching[:, 2:]], dim=1))


def mean_scale(theta: Parts) -> float:
    """The geometric mean of both scales: the root of the factor by which areas grow."""
    return abs(theta.determinant) ** 0.5


def turn_between(first_deg: float, second_deg: float) -> float:
    """Degrees between two angles, the short way round."""
    return abs((second_deg - first_deg + 180) % 360 - 180)


def check_size(what: str, numbers: Iterable[float]) -> None:
    """InvalidRequest for a number so large that a grid of it, in 32 bits, would hold no positions any more."""
    for number in numbers:
        if abs(number) > GREATEST:
            raise InvalidRequest(f"{what} has the number {number:g}, which no grid can hold; give at most {GREATEST:,.0f}")


def parse_theta(text: str) -> np.ndarray:
    """A theta, float64, from its numbers, row by row: 6 give (2, 3), 9 (3, 3) and 32 (16, 2); InvalidRequest otherwise."""
    words = text.replace(",", " ").split()
    advice = "give 6 (a matrix), 9 (a homography) or 32 (a spline), such as 1 0 0 0 1 0"
    try:
        numbers = np.array([float(word) for word in words])
    except ValueError:
        raise InvalidRequest(f"theta is {text!r}, which are not all numbers; {advice}") from None
    shapes = {kind.numbers: kind.shape for kind in KINDS.values()}
    if numbers.size not in shapes or not np.isfinite(numbers).all():
        raise InvalidRequest(f"theta has {np.isfinite(numbers).sum()} finite numbers ({text!r}); {advice}")
    check_size("theta", numbers.tolist())
    return upright_sign(numbers.reshape(shapes[numbers.size]))
