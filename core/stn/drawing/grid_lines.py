"""The lines of the sampling grid as polylines, and diagonal stripes over marked pixels.

Coordinates of `families`: theta maps output to input, normalised (x, y), align_corners=False.
"""

from __future__ import annotations

import numpy as np

from core.stn.geometry.kinds import kind_of, reach, through

LINES = 13  # lines of the drawn grid in each direction
_BENT = 49  # points along a line that may be bent
_LOST = 30.0  # half frames: a line that leads further is cut there; no screen shows so much
_STRIPES = 24  # of a hatching, along the long side


def _lattice(lines: int, points: int) -> np.ndarray:
    """Horizontal, then vertical lines of the output: (2 * lines, points, 2)."""
    y, x = np.meshgrid(np.linspace(-1, 1, lines), np.linspace(-1, 1, points), indexing="ij")
    return np.concatenate([np.stack([x, y], axis=-1), np.stack([y, x], axis=-1)])


def _pieces(line: np.ndarray) -> list[np.ndarray]:
    """The stretches of a line (n, 2) that stay in reach."""
    lost = np.abs(line).max(axis=1) > _LOST
    parts = np.split(line, np.flatnonzero(np.diff(lost)) + 1)
    return [part for part in parts if len(part) > 1 and np.abs(part[0]).max() <= _LOST]


def grid_lines(theta: np.ndarray, width: int, height: int, lines: int = LINES) -> list[np.ndarray]:
    """The lines of the output's grid as they lie on the input: polylines (n, 2) in the frame's own coordinates, ±1 its edges.

    Theta of any kind in square coordinates. Where a homography looks behind the camera a line is cut in two.
    """
    scale = np.array(reach(width, height))
    target = _lattice(lines, 2 if kind_of(theta).even else _BENT)
    source = through(theta, target * scale) / scale  # (2 * lines, n, 2)
    if np.abs(source).max() <= _LOST:
        return list(source)
    return [piece for line in source for piece in _pieces(line)]


def hatched(picture: np.ndarray, mask: np.ndarray, colour: str) -> np.ndarray:
    """The picture (H, W, 3), uint8, with diagonal stripes of a colour, "#RRGGBB", where the mask (H, W) holds."""
    height, width = mask.shape
    period = max(2, round(max(height, width) / _STRIPES))
    diagonal = (np.arange(height)[:, None] + np.arange(width)) % period < max(1, period // 3)
    ink = np.array([int(colour[n : n + 2], 16) for n in (1, 3, 5)])
    drawn = picture.copy()
    striped = mask & diagonal
    drawn[striped] = (picture[striped] * 0.25 + ink * 0.75).astype(np.uint8)
    return drawn
