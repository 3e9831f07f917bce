"""Inside one warp, without training: where the grid lies on the input, how much of it falls outside, and a drawing of both.

Conventions of `families`: theta (2, 3) maps output to input in the normalised coordinates of the frame, align_corners=False.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from core.theme import PALETTES, Mode

LINES = 13  # lines of the drawn grid in each direction
SMOOTH = 3  # lines are drawn this many times larger and averaged down
MARGIN = 0.15  # share of the picture's longest side that is left free around it
_STEPS = 64  # points along a drawn line, so that its colour changes where it leaves the picture


def source_points(theta: np.ndarray, height: int, width: int) -> np.ndarray:
    """Where each output pixel looks: source points (height, width, 2), normalised (x, y), by eq. 1 in numpy."""
    x = (2 * np.arange(width) + 1) / width - 1
    y = (2 * np.arange(height) + 1) / height - 1
    target = np.stack([*np.meshgrid(x, y), np.ones((height, width))], axis=-1)  # (H, W, 3)
    return target @ np.asarray(theta, dtype=np.float64).T  # (H, W, 2)


def outside_share(theta: np.ndarray, height: int, width: int) -> float:
    """Share of the output pixels, 0 to 1, that look outside the input."""
    return float((np.abs(source_points(theta, height, width)) > 1).any(axis=-1).mean())


def corners(theta: np.ndarray, width: int, height: int) -> np.ndarray:
    """The quadrilateral that the output covers on the input: (4, 2) pixel edges, clockwise from the top left."""
    target = np.array([[-1, -1, 1], [1, -1, 1], [1, 1, 1], [-1, 1, 1]], dtype=np.float64)
    return (target @ np.asarray(theta, dtype=np.float64).T + 1) / 2 * (width, height)


def draw_grid(image: np.ndarray, theta: np.ndarray, size: int = 512, mode: Mode = "light", lines: int = LINES) -> np.ndarray:
    """The picture on a margin with the sampling grid of theta upon it: uint8 (size, size, 3).

    Grid lines are thin and smooth, in the bench's colour inside the picture and red outside it.
    """
    palette = PALETTES[mode]
    paper, scale = _paste(image, size, palette.paper)
    points = _lattice(np.asarray(theta, dtype=np.float64), lines)  # (2 * lines, _STEPS + 1, 2)
    height, width = image.shape[:2]
    pixels = points * (width * scale / 2, height * scale / 2) + size / 2
    inside = (np.abs((points[:, 1:] + points[:, :-1]) / 2) <= 1).all(axis=-1)  # by the middle of each step
    paper.paste(palette.fail, (0, 0), _stroke(size, pixels, ~inside))
    paper.paste(palette.spatial, (0, 0), _stroke(size, pixels, inside))
    return np.asarray(paper)


def draw_output(image: np.ndarray, size: int = 512, mode: Mode = "light") -> np.ndarray:
    """An output picture at the scale and on the margin of `draw_grid`, to stand beside it: uint8 (size, size, 3)."""
    return np.asarray(_paste(image, size, PALETTES[mode].paper)[0])


def outline(image: np.ndarray, theta: np.ndarray, mode: Mode = "light") -> np.ndarray:
    """The picture with the edge of the output drawn on it, where the network looks: uint8, same size."""
    height, width = image.shape[:2]
    ring = [tuple(point) for point in (corners(theta, width, height) * SMOOTH).tolist()]
    large = Image.new("L", (width * SMOOTH, height * SMOOTH))
    ImageDraw.Draw(large).line([*ring, ring[0]], fill=255, width=2 * SMOOTH)
    drawn = Image.fromarray(image).convert("RGB")
    drawn.paste(PALETTES[mode].spatial, (0, 0), large.reduce(SMOOTH))
    return np.asarray(drawn)


def _paste(image: np.ndarray, size: int, paper: str) -> tuple[Image.Image, float]:
    """The picture in the middle of a square sheet, and display pixels per picture pixel; magnified pixels stay crisp."""
    height, width = image.shape[:2]
    scale = size / (max(height, width) * (1 + 2 * MARGIN))
    shown = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = Image.Resampling.NEAREST if scale >= 2 else Image.Resampling.BILINEAR
    sheet = Image.new("RGB", (size, size), paper)
    resized = Image.fromarray(image).convert("RGB").resize(shown, method)
    sheet.paste(resized, ((size - shown[0]) // 2, (size - shown[1]) // 2))
    return sheet, scale


@lru_cache(maxsize=8)
def _target_lattice(lines: int) -> np.ndarray:
    """Horizontal and vertical lines of the output, homogeneous: (2 * lines, _STEPS + 1, 3)."""
    across, along = np.linspace(-1, 1, lines), np.linspace(-1, 1, _STEPS + 1)
    x, y = np.meshgrid(along, across)  # (lines, _STEPS + 1)
    ones = np.ones_like(x)
    return np.concatenate([np.stack([x, y, ones], axis=-1), np.stack([y, x, ones], axis=-1)])


def _lattice(theta: np.ndarray, lines: int) -> np.ndarray:
    return _target_lattice(lines) @ theta.T


def _stroke(size: int, pixels: np.ndarray, drawn: np.ndarray) -> Image.Image:
    """A mask (size, size) of the steps that are drawn, anti-aliased."""
    large = Image.new("L", (size * SMOOTH, size * SMOOTH))
    pen = ImageDraw.Draw(large)
    for line, flags in zip(pixels * SMOOTH, drawn, strict=True):
        for start, end in _runs(flags):
            pen.line([tuple(point) for point in line[start : end + 1].tolist()], fill=255, width=SMOOTH + 1)
    return large.reduce(SMOOTH)


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """The stretches (start, end) where flags hold."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
