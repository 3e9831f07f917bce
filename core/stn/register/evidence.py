"""How far a registration is believed: how alike the details are, and whether the way back ends where it began.

Likeness is the correlation band by band (a Laplacian pyramid, Burt & Adelson 1983): pictures of different things may be brought
to agree in what is large, hardly ever in what is small. The way back is a registration of its own, of the fixed picture over
the moving one: both ways together must leave every point that both show where it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from torch import Tensor

from core.errors import InvalidRequest
from core.stn.geometry.kinds import reach, through
from core.stn.geometry.theta import compose
from core.stn.learning.belief import Calibration
from core.stn.register.measures import MEASURES
from core.stn.register.pictures import levels_of

RIGHT = 2.0  # pixels of corner error, the longer side being 384, up to which a registration is right
LOST = 999.0  # pixels: of a way back that cannot be composed
BANDS = slice(1, 4)  # of a picture and its copies from the largest on: the finest band is mostly noise
FLOORS = (0.02, 0.1)  # of unlikeness; of the way back in pixels
CALIBRATION = Calibration(-1.829, (2.540, 0.462), FLOORS)  # by `benchmarks.register.calibration`, on other pictures


@dataclass(frozen=True)
class Evidence:
    """What speaks for a theta."""

    likeness: float  # mean correlation over the bands, 1 for the same picture
    return_pixels: float  # mean move there and back of points that both show, the longer side being 384

    @property
    def belief(self) -> float:
        """The probability that the corner error is at most RIGHT."""
        return float(CALIBRATION.belief(np.array([[max(0.0, 1 - self.likeness), self.return_pixels]]))[0])


def corners_of(width: int, height: int) -> np.ndarray:
    """The four corners (4, 2) of a frame in square coordinates."""
    x, y = reach(width, height)
    return np.array([[-x, -y], [x, -y], [x, y], [-x, y]])


def _points_of(width: int, height: int) -> np.ndarray:
    """Regular points (49, 2) of a frame in square coordinates."""
    x, y = (np.linspace(-1, 1, 7) * extent for extent in reach(width, height))
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def corner_error(theta: np.ndarray, truth: np.ndarray, width: int, height: int) -> float:
    """How far theta takes the corners of the fixed frame from where the truth does, mean, in pixels of the moving picture whose
    short side is that of the frame."""
    corners = corners_of(width, height)
    away = through(theta, corners) - through(truth, corners)
    return float(np.linalg.norm(away, axis=-1).mean() * min(width, height) / 2)


def band_likeness(moving: np.ndarray, fixed: np.ndarray, theta: Tensor) -> float:
    """The mean correlation of the bands of two pictures (H, W, 3), uint8, through theta (1, …)."""
    levels = levels_of(moving, fixed, levelled=False)[::-1]
    bands = [level.details(coarser) for level, coarser in pairwise(levels)][BANDS]
    correlations = [1 - float(band.loss(MEASURES["ncc"], theta)) for band in bands]
    return sum(correlations) / len(correlations) if correlations else 0.0


def evidence_for(moving: np.ndarray, fixed: np.ndarray, theta: Tensor, back: Tensor) -> Evidence:
    """Of theta (1, …), and of the theta of the way back."""
    likeness, (height, width) = band_likeness(moving, fixed, theta), fixed.shape[:2]
    try:
        both = compose(back, theta)[0].double().numpy()
    except InvalidRequest:
        return Evidence(likeness, LOST)
    points = _points_of(width, height)
    there = through(theta[0].double().numpy(), points)
    inside = (np.abs(there) <= reach(moving.shape[1], moving.shape[0])).all(axis=-1)
    if not inside.any():
        return Evidence(likeness, LOST)
    moves = np.linalg.norm(through(both, points) - points, axis=-1)[inside].mean()
    pixels = float(moves * min(width, height) / 2 * 384 / max(width, height))
    return Evidence(likeness, min(pixels, LOST))
