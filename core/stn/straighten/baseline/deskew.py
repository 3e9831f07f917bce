"""The classical way to straighten a page: the turn at which its lines of ink fall into the fewest rows (projection profile).

Postl 1986: for every angle the ink is summed along lines of that angle; where the lines are those of the text, full rows and
empty gaps alternate, and the differences from row to row are largest. Knows nothing of scale and shift, and nothing of photos.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import label

from core.stn.geometry.pixels import shrunk, to_grey

LONGEST = 320  # pixels: at which size a page is read
POINTS = 6_000  # inked pixels at most
COARSE, FINE, FINEST = 1.0, 0.2, 0.05  # degrees from one angle to the next
CLEAR = 3.0  # times the middle one: a profile so much sharper at its best angle is that of lines
LEVEL = 1.5  # degrees: an upright page lies so straight
INK = 0.5  # of the largest difference from the paper
FULL = 0.35  # of the fullest row: a row of a line of text
FEWEST_LINES = 4  # of a page that is known by its writing
MARGIN = 0.1  # of a side: what a scan shows beside the page
PAPER = 0.65  # share of a written page that is bare paper
MARK, MARKS = 3, 10  # pixels of a letter or word; so many of them in a line


def _contrast(picture: np.ndarray) -> np.ndarray:
    """(h, w): how far each pixel is from the paper; 1 is as far as the ink."""
    grey = to_grey(shrunk(picture, LONGEST))[..., 0].astype(float)
    away = np.abs(grey - np.median(grey))
    return away / max(1.0, float(np.quantile(away, 0.99)))


def _ink(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the ink is, x and y in pixels from the centre, inside the largest circle, which every turn keeps."""
    contrast = _contrast(picture)
    rows, columns = np.nonzero(contrast > INK)
    x, y = columns - (contrast.shape[1] - 1) / 2, rows - (contrast.shape[0] - 1) / 2
    inside = np.hypot(x, y) < min(contrast.shape) / 2
    random = np.random.default_rng(0)
    chosen = random.permutation(np.flatnonzero(inside))[:POINTS]
    within = random.uniform(-0.5, 0.5, (2, len(chosen)))  # of its pixel: the grid of pixels has lines of its own
    return x[chosen] + within[0], y[chosen] + within[1]


def _sharpness(x: np.ndarray, y: np.ndarray, angle_deg: float) -> float:
    """Sum of the squared differences from row to row of the profile, for content turned counter-clockwise by an angle."""
    turn = np.deg2rad(angle_deg)
    rows = np.rint(np.cos(turn) * y + np.sin(turn) * x).astype(int)
    return float((np.diff(np.bincount(rows - rows.min())) ** 2).sum()) if len(rows) else 0.0


def _best(x: np.ndarray, y: np.ndarray, angles: np.ndarray) -> tuple[float, np.ndarray]:
    scores = np.array([_sharpness(x, y, angle) for angle in angles])
    return float(angles[scores.argmax()]), scores


@dataclass(frozen=True)
class Lines:
    """What the lines of a page say: its turn in degrees, and how much sharper their profile is there than elsewhere."""

    angle_deg: float  # positive counter-clockwise
    sharpness: float  # of the best whole degree by that of the middle one; 1 where nothing is sharper than the rest


def lines_in(picture: np.ndarray, max_angle: float, around: float = 0.0) -> Lines:
    """Read the lines of a page (H, W, 3), uint8, turned by up to ± `max_angle`, at most 90, from `around`; degrees."""
    x, y = _ink(picture)
    most = min(90.0, max_angle)
    best, scores = _best(x, y, around + np.arange(-most, most + COARSE / 2, COARSE))
    sharpness = max(1.0, float(scores.max() / max(1.0, np.median(scores))))
    for step, reach in ((FINE, COARSE), (FINEST, FINE)):
        best, _ = _best(x, y, best + np.arange(-reach, reach + step / 2, step))
    return Lines(best, sharpness)


def skew_deg(picture: np.ndarray, max_angle: float) -> float:
    """By how many degrees a page (H, W, 3), uint8, was turned, positive counter-clockwise, looked for in ± `max_angle`."""
    return lines_in(picture, max_angle).angle_deg


def is_page(picture: np.ndarray) -> bool:
    """Whether an upright picture has lines, as text has: its profile is clearly sharpest where it is level."""
    x, y = _ink(picture)
    best, scores = _best(x, y, np.arange(-45, 45.5, COARSE))
    return bool(abs(best) <= LEVEL and scores.max() > CLEAR * np.median(scores))


def lines_of(picture: np.ndarray) -> int:
    """How many lines an upright page has: rows of ink with gaps between them."""
    rows = np.rint(_ink(picture)[1]).astype(int)
    if not len(rows):
        return 0
    ink = np.convolve(np.bincount(rows - rows.min()), np.ones(3), "same")
    return int((np.diff(ink > FULL * ink.max(), prepend=False, append=False) > 0).sum() // 2)


def is_written(picture: np.ndarray) -> bool:
    """Whether an upright picture is paper with writing on it: little ink, in many separate marks along each of its lines.

    A street of houses, a fence or a wood has rows, too, but more is painted, or a row is a few large pieces.
    """
    contrast = _contrast(picture)
    top, left = (round(MARGIN * side) for side in contrast.shape)
    contrast = contrast[top : len(contrast) - top, left : contrast.shape[1] - left]
    pieces, _ = label(contrast > INK)
    marks = int((np.bincount(pieces.ravel())[1:] >= MARK).sum())
    return bool((contrast < INK / 2).mean() >= PAPER and marks >= MARKS * max(FEWEST_LINES, lines_of(picture)))
