"""What is drawn of a warp: the lines of the sampling grid, where the network looks, and which output pixels look astray.

Coordinates of `families`: theta maps output to input, normalised (x, y), align_corners=False.
"""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image, ImageDraw

from core.stn.geometry.theta import is_affine, move, reach
from core.theme import PALETTES, Mode

LINES = 13  # lines of the drawn grid in each direction
SMOOTH = 3  # lines are drawn this many times larger and averaged down
_BENT = 49  # points along a line that may be bent
_LOST = 30.0  # half frames: a line that leads further is cut there; no screen shows so much
_STRIPES = 24  # of a hatching, along the long side


def grid_lines(theta: np.ndarray, width: int, height: int, lines: int = LINES) -> list[np.ndarray]:
    """The lines of the output's grid as they lie on the input: polylines (n, 2) in the frame's own coordinates, ±1 its edges.

    Theta of any kind in square coordinates. Where a homography looks behind the camera a line is cut in two.
    """
    tensor = torch.from_numpy(theta)[None].double()
    scale = torch.tensor(reach(width, height), dtype=torch.float64)
    target = _lattice(lines, 2 if is_affine(tensor) else _BENT)
    source = (move(tensor, target[None] * scale) / scale)[0].numpy()  # (2 * lines, n, 2)
    return [piece for line in source for piece in _pieces(line)]


def _lattice(lines: int, points: int) -> torch.Tensor:
    """Horizontal, then vertical lines of the output: (2 * lines, points, 2)."""
    across, along = (torch.linspace(-1, 1, count, dtype=torch.float64) for count in (lines, points))
    y, x = torch.meshgrid(across, along, indexing="ij")
    return torch.cat([torch.stack([x, y], dim=-1), torch.stack([y, x], dim=-1)])


def _pieces(line: np.ndarray) -> list[np.ndarray]:
    """The stretches of a line (n, 2) that stay in reach."""
    lost = np.abs(line).max(axis=1) > _LOST
    parts = np.split(line, np.flatnonzero(np.diff(lost)) + 1)
    return [part for part in parts if len(part) > 1 and np.abs(part[0]).max() <= _LOST]


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


def corners(theta: np.ndarray, width: int, height: int) -> np.ndarray:
    """The quadrilateral that the output covers on the input: (4, 2) pixel edges, clockwise from the top left.

    Theta (2, 3) in the frame's own coordinates.
    """
    target = np.array([[-1, -1, 1], [1, -1, 1], [1, 1, 1], [-1, 1, 1]], dtype=np.float64)
    return (target @ np.asarray(theta, dtype=np.float64).T + 1) / 2 * (width, height)


def outline(image: np.ndarray, theta: np.ndarray, mode: Mode = "light") -> np.ndarray:
    """The picture with the edge of the output drawn on it, where the network looks: uint8, same size."""
    height, width = image.shape[:2]
    ring = [tuple(point) for point in (corners(theta, width, height) * SMOOTH).tolist()]
    large = Image.new("L", (width * SMOOTH, height * SMOOTH))
    ImageDraw.Draw(large).line([*ring, ring[0]], fill=255, width=2 * SMOOTH)
    drawn = Image.fromarray(image).convert("RGB")
    drawn.paste(PALETTES[mode].spatial, (0, 0), large.reduce(SMOOTH))
    return np.asarray(drawn)
