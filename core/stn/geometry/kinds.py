"""The three kinds of theta: matrix, homography, thin plate spline. The shape of a theta tells its kind.

This file holds what needs no torch: the shape of a kind, its title, and where one theta takes points, for drawing. What
networks need of a kind stands in a module of its own: `affine`, `homography`, `thin_plate_spline`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

HORIZON = 1e-6  # w of a homography at and below it is behind the camera
FAR = 1e4  # square coordinates: outside every picture, yet pixel indices do not overflow
SIDE = 4  # control points of a spline along a side
CONTROLS = SIDE * SIDE
TINY = 1e-30  # r² log r² is 0 at r = 0, and so is its slope


@dataclass(frozen=True)
class Kind:
    """One row of the table."""

    name: str  # also of its part of the stand-alone program, export/templates/kind_NAME.py.txt
    title: str  # after "theta is"
    shape: tuple[int, int]
    move: Callable[[np.ndarray, np.ndarray], np.ndarray]  # theta, target points (…, 2) -> source points (…, 2), float64
    even: bool = False  # affine: two points of a line determine where the others go
    handles: bool = False  # theta is a list of source points, which can be dragged one by one

    @property
    def numbers(self) -> int:
        """How many numbers a theta of this kind has, constant ones included."""
        return self.shape[0] * self.shape[1]


def _through_matrix(theta: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points @ theta[:, :2].T + theta[:, 2]


def _through_homography(theta: np.ndarray, points: np.ndarray) -> np.ndarray:
    """What lies behind the camera lands far outside, as in `homography`."""
    planes = points @ theta[:, :2].T + theta[:, 2]
    upper, w = planes[..., :2], planes[..., 2:]
    outside = np.where(upper < 0, -FAR, FAR)
    return np.where(w > HORIZON, upper / np.maximum(w, HORIZON), outside).clip(-FAR, FAR)


@cache
def control_points() -> np.ndarray:
    """The control points (16, 2) of a spline, regular on [-1, 1]², row by row (y slow, x fast)."""
    axis = np.linspace(-1, 1, SIDE)
    return np.stack(np.meshgrid(axis, axis), axis=-1).reshape(CONTROLS, 2)


def _terms(points: np.ndarray) -> np.ndarray:
    """r² log r² of the distances to the control points, 1, x and y: (…, 19) (Bookstein 1989, eq. 4)."""
    squared = ((points[..., None, :] - control_points()) ** 2).sum(-1)
    return np.concatenate([squared * np.log(squared + TINY), np.ones_like(points[..., :1]), points], axis=-1)


@cache
def _solved() -> np.ndarray:
    """What each displacement of a control point adds to the 19 coefficients: (19, 16)."""
    system = np.zeros((CONTROLS + 3, CONTROLS + 3))
    system[:CONTROLS] = _terms(control_points())
    system[CONTROLS:, :CONTROLS] = system[:CONTROLS, CONTROLS:].T
    return np.linalg.inv(system)[:, :CONTROLS]


def _through_spline(theta: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points + _terms(points) @ (_solved() @ (theta - control_points()))


MATRIX = Kind("matrix", "a matrix (2, 3): (x_s, y_s) = theta (x_t, y_t, 1)", (2, 3), _through_matrix, even=True)
HOMOGRAPHY = Kind("homography", "a homography (3, 3), its last entry 1", (3, 3), _through_homography)
SPLINE = Kind(
    "spline",
    "the source points (16, 2) of a thin plate spline whose control points form a regular 4 x 4 grid on -1 to 1",
    (CONTROLS, 2), _through_spline, handles=True,
)  # fmt: skip
KINDS: dict[tuple[int, ...], Kind] = {kind.shape: kind for kind in (MATRIX, HOMOGRAPHY, SPLINE)}


def kind_of(theta: np.ndarray) -> Kind:
    """The kind of one theta."""
    return KINDS[theta.shape[-2:]]


def upright_sign(theta: np.ndarray) -> np.ndarray:
    """A homography and its negative are one map; the one whose last entry is not negative is used. Other thetas stay."""
    return -theta if kind_of(theta) is HOMOGRAPHY and theta[2, 2] < 0 else theta


def through(theta: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Target points (…, 2) through one theta of any kind: source points (…, 2), float64, in the same coordinates."""
    return kind_of(theta).move(np.asarray(theta, np.float64), np.asarray(points, np.float64))


def identity_like(theta: np.ndarray) -> np.ndarray:
    """The theta of the same kind that changes nothing."""
    kind = kind_of(theta)
    return control_points() if kind.handles else np.eye(*kind.shape)


def reach(width: int, height: int) -> tuple[float, float]:
    """Half the width and half the height of a frame in square coordinates; the smaller is 1."""
    short = min(width, height)
    return width / short, height / short


def _in_units(matrix: np.ndarray, unit_x: float, unit_y: float) -> np.ndarray:
    left, right = np.array([[unit_x], [unit_y], [1.0]], matrix.dtype), np.array([1 / unit_x, 1 / unit_y, 1.0], matrix.dtype)
    return left[: len(matrix)] * matrix * right


def in_square(theta: np.ndarray, width: int, height: int) -> np.ndarray:
    """A theta as it is given on the command line, in square coordinates: a spline is, matrices are those of the frame."""
    if kind_of(theta).handles:
        return theta
    return _in_units(theta, *reach(width, height))


def in_frame(theta: np.ndarray, width: int, height: int) -> np.ndarray:
    """A theta in square coordinates as it is written on the command line; the inverse of `in_square`."""
    if kind_of(theta).handles:
        return theta
    reach_x, reach_y = reach(width, height)
    return _in_units(theta, 1 / reach_x, 1 / reach_y)
