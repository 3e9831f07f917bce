"""Pictures with the boxes of several transformers drawn in, each in its colour, and what they show. Loads without torch."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from core.stn.drawing.sheets import tiled
from core.theme import Mode

THUMBNAIL = 112  # pixels a side of a picture that is kept to be looked at
SHOWN, COLUMNS = 12, 6  # pictures that are looked at while learning, and in a row
ENLARGED = 2  # pixels of a drawn picture for one of its own
COLOURS = ("#2DD4BF", "#FDA45A", "#F472B6", "#A5B4FC")  # of the transformers, on photos
CUE = "#FFFFFF"


def thumbnails(images: np.ndarray) -> np.ndarray:
    """Pictures (N, C, side, side), uint8, as (N, h, h, 3), h at most THUMBNAIL."""
    side = images.shape[-1]
    step = max(1, side // THUMBNAIL)
    means = images.reshape(*images.shape[:2], side // step, step, side // step, step).mean(axis=(3, 5))
    return np.broadcast_to(means.round().astype(np.uint8).transpose(0, 2, 3, 1), (len(images), *means.shape[2:], 3)).copy()


def corners(box: np.ndarray, side: int) -> tuple[float, float, float, float]:
    """Left, top, right and bottom in pixels of a box (s, x, y) on a picture of `side` pixels."""
    s, x, y = box.tolist()
    left, top, right, bottom = ((value + 1) * side / 2 for value in (x - s, y - s, x + s, y + s))
    return left, top, right, bottom


def with_boxes(picture: np.ndarray, boxes: np.ndarray, cues: np.ndarray | None = None, half: float = 0.0) -> np.ndarray:
    """A picture (h, h, 3), enlarged, with boxes (n, 3), and thin and white the cues (c, 2), half a side being `half`."""
    side = ENLARGED * len(picture)
    image = Image.fromarray(picture).resize((side, side), Image.Resampling.BILINEAR)
    pen = ImageDraw.Draw(image)
    for x, y in [] if cues is None else cues.tolist():
        pen.rectangle(_inside(np.array([half, x, y]), side), outline=CUE, width=1)
    for box, colour in zip(boxes, COLOURS, strict=False):
        pen.rectangle(_inside(box, side), outline=colour, width=2)
    return np.asarray(image)


def _inside(box: np.ndarray, side: int) -> tuple[float, float, float, float]:
    left, top, right, bottom = corners(box, side)
    return left, top, max(left, right - 1), max(top, bottom - 1)


def sheet(
    pictures: np.ndarray, boxes: np.ndarray, cues: np.ndarray | None = None, half: float = 0.0, mode: Mode = "light"
) -> np.ndarray:
    """Pictures (N, h, h, 3) with their boxes (N, n, 3) in rows, as one picture (uint8, RGB)."""
    drawn = [
        with_boxes(picture, own, None if cues is None else cues[number], half)
        for number, (picture, own) in enumerate(zip(pictures, boxes, strict=True))
    ]
    return tiled(drawn, COLUMNS, mode)


def crops_sheet(crops: np.ndarray) -> np.ndarray:
    """Crops (N, n, C, P, P), uint8: a row a transformer, framed in its colour, a column a picture."""
    framed = []
    for number in range(crops.shape[1]):
        for crop in crops[:, number]:
            pixels = np.broadcast_to(crop.transpose(1, 2, 0), (*crop.shape[1:], 3)).astype(np.uint8)
            tile = Image.new("RGB", (2 * len(pixels) + 6,) * 2, COLOURS[number])
            tile.paste(Image.fromarray(pixels).resize((2 * len(pixels),) * 2, Image.Resampling.BILINEAR), (3, 3))
            framed.append(np.asarray(tile))
    return tiled(framed, len(crops))
