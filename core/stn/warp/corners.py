"""A picture put right by points: the corners of a page made a rectangle, or points brought to the places where they belong.

Points are in pixels, x to the right, y down, from the outer corner of the first pixel: a picture of 640 × 480 reaches from
(0, 0) to (640, 480). The theta is that of `geometry.point_pairs`, found in coordinates with the origin in the middle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.errors import InvalidRequest
from core.stn.geometry.kinds import in_square
from core.stn.geometry.point_pairs import FEWEST, PointFit, equations_condition, through_pairs

Size = tuple[int, int]  # pixels: width, height
LARGEST_AREA = 50_000_000  # pixels of an output
LARGEST_SIDE = 20_000
CORNERS = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])  # of a frame, clockwise from the top left
_FOCAL_LENGTHS = (0.3, 20.0)  # longest sides: what lies beyond is no camera's
_USUAL_FOCAL_LENGTH = 0.8  # longest sides: of telephones


@dataclass(frozen=True)
class PutRight:
    """The homography from an output to a picture, and what follows from it; residuals and matrices in pixels."""

    size: Size  # of the output
    frame_theta: np.ndarray  # (3, 3), between the normalised coordinates of output and picture
    pixel_theta: np.ndarray  # (3, 3), output to picture
    pixel_inverse: np.ndarray  # (3, 3), picture to output
    residuals: np.ndarray  # (N,) pixels of the picture
    fit: PointFit
    pixel_equations_condition: float
    outside: tuple[int, ...]  # numbers, from 1, of the points outside the picture

    @property
    def theta(self) -> np.ndarray:
        """As `warping.warp` takes it for an output of that size."""
        return in_square(self.frame_theta, *self.size)

    @property
    def rms(self) -> float:
        return float(np.sqrt((self.residuals**2).mean()))

    @property
    def note(self) -> str:
        """What the user should know; "" where there is nothing."""
        notes = []
        if self.outside:
            numbers = " and ".join([", ".join(map(str, self.outside[:-1])), str(self.outside[-1])][len(self.outside) == 1 :])
            one = len(self.outside) == 1
            notes.append(
                f"point{'' if one else 's'} {numbers} {'lies' if one else 'lie'} outside the picture, which has no pixels there"
            )
        if np.linalg.det(self.fit.theta) < 0:
            notes.append("the picture is mirrored; walk round points and places the same way to see it as it is")
        return "; ".join(notes)


def points_of(text: str, size: Size, what: str) -> np.ndarray:
    """Points (N, 2) in pixels from words such as "12,20 300,15" or, in percent of width and height, "5%,8% 95%,7%"."""
    points = []
    for word in text.split():
        pair = word.split(",")
        try:
            if len(pair) != 2:
                raise ValueError(word)
            point = [
                float(one.removesuffix("%")) * (side / 100 if one.endswith("%") else 1)
                for one, side in zip(pair, size, strict=True)
            ]
        except ValueError:
            example = 'give x,y of each with a space between them, such as "12,20 300,15 310,400 8,390"'
            raise InvalidRequest(f"{what} has {word!r}, which is no point; {example}") from None
        points.append(point)
    return np.array(points, np.float64).reshape(-1, 2)


def size_of(text: str) -> Size:
    """Width and height from words such as "600x800"."""
    try:
        width, height = (int(side) for side in text.lower().replace("×", "x").split("x"))
    except ValueError:
        raise InvalidRequest(f"--size is {text!r}; give width x height in pixels, such as 600x800") from None
    _check_size(width, height)
    return width, height


def _check_size(width: int, height: int) -> None:
    if not (min(width, height) >= 1 and max(width, height) <= LARGEST_SIDE and width * height <= LARGEST_AREA):
        limit = f"{LARGEST_AREA // 1_000_000} million pixels, {LARGEST_SIDE:,} a side"
        raise InvalidRequest(f"an output of {width:,} × {height:,} pixels cannot be made; stay between 1 and {limit}")


def _proportion(corners: np.ndarray, size: Size) -> float:
    """Width over height of the rectangle whose corners (4, 2) a camera sees, if its pixels are square and its axis meets the
    middle of the picture (Zhang & He 2007, "Whiteboard scanning and image enhancement", section 3).

    Where no sensible focal length follows, because opposite sides are all but parallel, that of a usual camera is taken.
    """
    first, second, fourth, third = np.c_[corners - np.array(size) / 2, np.ones(4)][[0, 1, 3, 2]]  # third is opposite the first
    across = np.dot(np.cross(first, third), fourth) / np.dot(np.cross(second, third), fourth) * second - first
    down = np.dot(np.cross(first, third), second) / np.dot(np.cross(fourth, third), second) * fourth - first
    longest, vanishing = max(size), across[2] * down[2]
    squared = -(across[:2] @ down[:2]) / vanishing if vanishing else math.nan
    low, high = (longest * factor for factor in _FOCAL_LENGTHS)
    if not low**2 < squared < high**2:
        squared = (_USUAL_FOCAL_LENGTH * longest) ** 2
    lengths = [side[:2] @ side[:2] + squared * side[2] ** 2 for side in (across, down)]
    return math.sqrt(lengths[0] / lengths[1])


def _sides(corners: np.ndarray) -> list[float]:
    """Lengths of the top, right, bottom and left side."""
    return [float(np.linalg.norm(corners[(n + 1) % 4] - corners[n])) for n in range(4)]


def rectangle_of(corners: np.ndarray, size: Size) -> Size:
    """The size of a rectangle that shows the quadrilateral with these corners (4, 2), clockwise from the top left, in its own
    proportions and no side shorter than on the picture."""
    proportion, (top, right, bottom, left) = _proportion(corners, size), _sides(corners)
    height = max(left, right, max(top, bottom) / proportion)
    width, height = height * proportion, height
    less = min(1.0, LARGEST_SIDE / max(width, height), math.sqrt(LARGEST_AREA / (width * height)))
    return max(1, int(width * less + 0.5)), max(1, int(height * less + 0.5))


def _to_square(size: Size) -> np.ndarray:
    """From pixels to coordinates with the origin in the middle, half the short side being 1: (3, 3)."""
    (width, height), half = size, min(size) / 2
    return np.array([[1 / half, 0, -width / 2 / half], [0, 1 / half, -height / 2 / half], [0, 0, 1]])


def _to_frame(size: Size) -> np.ndarray:
    """From pixels to the normalised coordinates of a frame: (3, 3)."""
    return np.array([[2 / size[0], 0, -1], [0, 2 / size[1], -1], [0, 0, 1.0]])


def _moved(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points @ matrix[:2, :2].T + matrix[:2, 2]


def _check_near(points: np.ndarray, size: Size, what: str) -> None:
    """InvalidRequest for a point farther outside than the longest side: a slip of the pen."""
    beyond = np.maximum(-points, points - np.array(size)).max(axis=1)
    if len(far := np.flatnonzero(beyond > max(size))):
        x, y = points[far[0]]
        raise InvalidRequest(
            f"{what} {far[0] + 1} is ({x:g}, {y:g}), far outside of {size[0]} × {size[1]} pixels; bring it nearer"
        )


def put_right(points: np.ndarray, size: Size, places: np.ndarray | None = None, output: Size | None = None) -> PutRight:
    """The homography that brings points (N, 2) of a picture of this size to places (N, 2) of the output, N ≥ 4.

    Without places the points are the four corners of a rectangle, clockwise from the top left, and the output is that
    rectangle.
    `output` is by default as large as the rectangle, or as the picture. InvalidRequest as by `through_pairs`.
    """
    points = np.asarray(points, np.float64)
    if np.isfinite(points).all():
        _check_near(points, size, "point")
    if places is None:
        if len(points) != FEWEST:
            raise InvalidRequest(
                f"a rectangle has {FEWEST} corners, and there are {len(points)}; add places to bring more points to"
            )
        output = output or (rectangle_of(points, size) if _is_convex(points) else size)
        places = (CORNERS + 1) / 2 * np.array(output)
    output = output or size
    _check_size(*output)
    places = np.asarray(places, np.float64)
    if np.isfinite(places).all():
        _check_near(places, output, "place")
    from_output, from_picture = _to_square(output), _to_square(size)
    fit = through_pairs(_moved(from_output, places), _moved(from_picture, points))
    pixel = np.linalg.inv(from_picture) @ fit.theta @ from_output
    inverse = np.linalg.inv(pixel)
    framed = _to_frame(size) @ pixel @ np.linalg.inv(_to_frame(output))
    return PutRight(
        output, framed / framed[2, 2], pixel / pixel[2, 2], inverse / inverse[2, 2], fit.residuals * min(size) / 2, fit,
        equations_condition(places, points), _outside(points, size),
    )  # fmt: skip


def _outside(points: np.ndarray, size: Size) -> tuple[int, ...]:
    return tuple((np.flatnonzero(((points < 0) | (points > np.array(size))).any(axis=1)) + 1).tolist())


def _is_convex(points: np.ndarray) -> bool:
    """Whether a walk round four corners always turns the same way."""
    steps = np.roll(points, -1, axis=0) - points
    turns = np.cross(np.c_[steps, np.zeros(4)], np.c_[np.roll(steps, -1, axis=0), np.zeros(4)])[:, 2]
    return bool((turns > 0).all() or (turns < 0).all())


def in_percent(points: np.ndarray, size: Size) -> str:
    """Points (N, 2) in pixels as `points_of` reads them."""
    return " ".join(f"{x:.4g}%,{y:.4g}%" for x, y in np.asarray(points) / np.array(size) * 100 + 0.0)
