"""Scenes with the box of the network and the object's own drawn in."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from core.stn.drawing.sheets import tiled
from core.stn.locate.boxes import FOUND, overlap
from core.theme import PALETTES, Mode

ENLARGED = 2  # pixels of a drawn scene for one of its own
COLUMNS = 4  # scenes in a row


def _corners(box: np.ndarray, side: int) -> list[tuple[float, float]]:
    half, x, y = box.tolist()
    scale = side / 2
    low = ((x - half + 1) * scale, (y - half + 1) * scale)
    return [low, (max(low[0], (x + half + 1) * scale - 1), max(low[1], (y + half + 1) * scale - 1))]


def scene(pixels: np.ndarray, box: np.ndarray | None, truth: np.ndarray) -> np.ndarray:
    """One scene (H, W, C), enlarged to (2H, 2W, 3), with the box that was predicted and, thin and grey, the object's own.

    The colours are those of dark screens, because scenes are dark. None: no boxes.
    """
    side = ENLARGED * pixels.shape[0]
    image = Image.fromarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)).astype(np.uint8))
    image = image.resize((side, side), Image.Resampling.NEAREST)
    if box is None:
        return np.asarray(image)
    draw = ImageDraw.Draw(image)
    draw.rectangle(_corners(truth, side), outline=PALETTES["dark"].muted, width=1)
    colour = PALETTES["dark"].spatial if overlap(box, truth) > FOUND else PALETTES["dark"].fail
    draw.rectangle(_corners(box, side), outline=colour, width=2)
    return np.asarray(image)


def sheet(
    pixels: np.ndarray,
    boxes: np.ndarray | None,
    truth: np.ndarray,
    count: int,
    columns: int = COLUMNS,
    mode: Mode = "light",
) -> np.ndarray:
    """The first `count` scenes (N, H, W, C), with boxes (N, 3) if there are any, in rows: one picture (uint8, RGB)."""
    given = [None] * len(pixels) if boxes is None else boxes
    drawn = [scene(*one) for one in zip(pixels[:count], given[:count], truth[:count], strict=True)]
    return tiled(drawn, columns, mode)
