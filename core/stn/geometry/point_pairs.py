"""The homography through pairs of points: the theta that takes target points to source points, and how well they determine it.

The normalised direct linear transform, refined by least squares of the distance where there are more than four pairs
(Hartley & Zisserman 2004, algorithms 4.2 and 4.3; `homography.fit`). Pairs that determine no homography are refused in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch

from core.errors import InvalidRequest
from core.stn.geometry import homography
from core.stn.geometry.fitting import fit

FEWEST = 4
_CLOSE = 1e-3  # of the points' own extent: nearer than this to each other, or to a line, they determine nothing
_ANY = 1e5  # condition of equations that leave a homography open, and of one that folds the plane onto a line


@dataclass(frozen=True)
class PointFit:
    """A homography and what is left over; float64, in the coordinates of the points.

    `residuals` (N,) are the distances of the source points from where theta takes their targets. A condition is the largest
    singular value over the smallest: of theta itself, and of the equations that determine it, of points centred and scaled.
    """

    theta: np.ndarray  # (3, 3), target to source, last entry 1
    inverse: np.ndarray  # (3, 3), source to target, last entry 1
    residuals: np.ndarray
    condition: float
    equations_condition: float

    @property
    def rms(self) -> float:
        """The root mean square of the residuals."""
        return float(np.sqrt((self.residuals**2).mean()))

    @property
    def worst(self) -> float:
        return float(self.residuals.max())


def _cross(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> float:
    """Twice the signed area of a triangle."""
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


def _extent(points: np.ndarray) -> float:
    return float(np.ptp(points, axis=0).max())


def _check_apart(points: np.ndarray, what: str) -> None:
    """InvalidRequest for two points in one place, and for a line that holds all but one of them."""
    if not _extent(points) > 0:
        raise InvalidRequest(f"all {what} lie in one place; draw them apart")
    for a, b in combinations(range(len(points)), 2):
        if np.linalg.norm(points[a] - points[b]) < _CLOSE * _extent(points):
            raise InvalidRequest(f"{what} {a + 1} and {b + 1} lie in one place; draw them apart")
    for others in combinations(range(len(points)), len(points) - 1):
        on_line = points[[*others]]
        longest, across = np.linalg.svd(on_line - on_line.mean(axis=0), compute_uv=False)
        if across < _CLOSE * longest:
            *most, last = (str(number + 1) for number in others)
            raise InvalidRequest(f"{what} {', '.join(most)} and {last} lie on a line; move one of them off it")


def _crossing(points: np.ndarray) -> str:
    """Which sides of a quadrilateral cross; "" where none do."""
    a, b, c, d = points
    for name, (p, q, r, s) in {"1–2 and 3–4": (a, b, c, d), "2–3 and 4–1": (b, c, d, a)}.items():
        if _cross(p, q, r) * _cross(p, q, s) < 0 and _cross(r, s, p) * _cross(r, s, q) < 0:
            return name
    return ""


def _check_order(target: np.ndarray, source: np.ndarray) -> None:
    """InvalidRequest for four pairs that no view of a plane connects: each triple must turn the same way on both sides, or each
    the other way (Hartley & Zisserman, section 21.1)."""
    ways = {_cross(*source[[*three]]) * _cross(*target[[*three]]) > 0 for three in combinations(range(FEWEST), 3)}
    if len(ways) == 1:
        return
    for what, points, other in (("points", source, target), ("places", target, source)):
        if (sides := _crossing(points)) and not _crossing(other):
            raise InvalidRequest(f"the lines {sides} of the {what} cross; put them in the order of walking round")
    raise InvalidRequest(
        "one point lies inside the triangle of the three others, which no view of four corners shows; move it outwards"
    )


def equations_condition(target: np.ndarray, source: np.ndarray) -> float:
    """The largest singular value over the eighth of the equations (2N, 9) of pairs (N, 2), in their own coordinates.

    The ninth is 0 where a homography fits exactly.
    """
    rows = homography.equations(*(torch.from_numpy(np.array(points, np.float64))[None] for points in (target, source)))
    values = torch.linalg.svdvals(rows)[0]
    return float(values[0] / values[7])


def _in_front(theta: np.ndarray, target: np.ndarray) -> bool:
    """Whether all points lie on one side of the line that a homography takes to infinity."""
    w = target @ theta[2, :2] + theta[2, 2]
    return bool((w > 0).all() or (w < 0).all())


def through_pairs(target: np.ndarray, source: np.ndarray) -> PointFit:
    """The homography that takes target points (N, 2) nearest to source points (N, 2), N ≥ 4: four exactly, more by least
    squares of the distance between source points. Each side in coordinates of its own, with equal units along both axes.

    InvalidRequest, in the words "points" for sources and "places" for targets, for fewer than four pairs, points that are not
    finite, coincide or lie on a line, and pairs that no view of a plane connects; and where the origin of the target lies
    behind the camera.
    """
    target, source = (np.array(points, np.float64) for points in (target, source))
    if len(target) != len(source) or len(source) < FEWEST:
        raise InvalidRequest(
            f"there are {len(source)} points and {len(target)} places; give at least {FEWEST} of each, in pairs"
        )
    if not (np.isfinite(target).all() and np.isfinite(source).all()):
        raise InvalidRequest("a point or place is not a finite number; give x and y of each")
    _check_apart(source, "points")
    _check_apart(target, "places")
    if len(source) == FEWEST:
        _check_order(target, source)
    pairs = [torch.from_numpy(points)[None] for points in (target, source)]
    scaled = equations_condition(*(homography.centred(points)[0].numpy() for points in pairs))
    first = homography.direct(*pairs)[0].numpy()
    if not (scaled < _ANY and np.isfinite(first).all() and np.linalg.cond(first) < _ANY):
        raise InvalidRequest("the points or places lie so near to lines that many homographies fit; move some of them")
    if not _in_front(first, target):
        raise InvalidRequest("no view of a plane takes these places to these points; look for a pair whose ends were exchanged")
    theta = fit("projective", *pairs)[0]
    inverse = torch.linalg.inv(theta)
    singular = torch.linalg.svdvals(theta)
    left = torch.linalg.norm(homography.move(theta[None], pairs[0])[0] - pairs[1][0], dim=-1)
    return PointFit(
        theta.numpy(), (inverse / inverse[2, 2]).numpy(), left.numpy(), float(singular[0] / singular[-1]), scaled
    )  # fmt: skip
