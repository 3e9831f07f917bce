"""Scenes with the box of the network and the object's own drawn in."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from core.stn.locate.boxes import FOUND, overlap
from core.theme import PALETTES

ENLARGED = 2  # pixels of a drawn scene for one of its own
GAP = 4  # pixels between drawn scenes


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


def sheet(pixels: np.ndarray, boxes: np.ndarray | None, truth: np.ndarray, count: int, columns: int = 4) -> np.ndarray:
    """The first `count` scenes (N, H, W, C), with boxes (N, 3) if there are any, in rows: one picture (uint8, RGB)."""
    count = min(count, len(pixels))
    side = ENLARGED * pixels.shape[1] + GAP
    columns = min(columns, count)
    whole = np.full((-(-count // columns) * side - GAP, columns * side - GAP, 3), 128, np.uint8)
    for number in range(count):
        top, left = number // columns * side, number % columns * side
        drawn = scene(pixels[number], None if boxes is None else boxes[number], truth[number])
        whole[top : top + side - GAP, left : left + side - GAP] = drawn
    return whole
