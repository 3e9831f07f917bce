"""An object cut out of a picture, so that no edge of a pasted square gives it away: on black, bright, 28 × 28 pixels.

Where the picture is transparent, that says what the object is; where its border is of one colour, all of that colour that is
joined to the border is ground. Of any other picture the edges fade to black.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.stn.datasets.images import Picture, to_png
from core.stn.datasets.labels import squares

FLAT = 6.0  # grey levels: standard deviation of a border of one colour, at most
NEAR = 24  # grey levels, in every channel, from the colour of the border: still ground
LEAST = 0.02  # share of the picture: what is smaller is no object but dust
FADED = 0.35  # share of half a side over which the edges of a picture without ground fade
DARK = 64.0  # grey levels: an object that is darker in the mean is shown as its negative, for scenes are black


def _ground(pixels: np.ndarray) -> np.ndarray | None:
    """Where a picture (H, W, 3) shows its ground: (H, W); None where its border is of more than one colour."""
    from scipy.ndimage import label  # here: it loads for a quarter of a second

    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]).astype(float)
    colour = np.median(border, axis=0)
    if np.abs(border - colour).mean() > FLAT:
        return None
    alike, _ = label(np.abs(pixels - colour).max(axis=2) <= NEAR)
    joined = np.unique(np.concatenate([alike[0], alike[-1], alike[:, 0], alike[:, -1]]))
    return np.isin(alike, joined[joined > 0])


def _faded(side: int) -> np.ndarray:
    """1 in the middle of a square, 0 at its edges: (side, side)."""
    away = np.abs(np.linspace(-1, 1, side))
    ramp = ((1 - away) / FADED).clip(0, 1)
    ramp = ramp * ramp * (3 - 2 * ramp)  # without an edge at either end
    return ramp[:, None] * ramp


def _middle(pixels: np.ndarray) -> np.ndarray:
    short = min(pixels.shape[:2])
    top, left = (pixels.shape[0] - short) // 2, (pixels.shape[1] - short) // 2
    return pixels[top : top + short, left : left + short]


def _boxed(cut: np.ndarray, opaque: np.ndarray) -> np.ndarray:
    """The square around what is opaque (H, W) of a picture that is black elsewhere."""
    rows, columns = (np.flatnonzero((opaque > 0.5).any(axis=axis)) for axis in (1, 0))
    cut = cut[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = cut.shape[:2]
    down, across = (max(height, width) - height) // 2, (max(height, width) - width) // 2
    whole = np.zeros((max(height, width), max(height, width), 3), np.uint8)
    whole[down : down + height, across : across + width] = cut
    return whole


def cut_out(picture: Picture) -> np.ndarray:
    """The object of a picture as a square on black, uint8 (S, S, 3), of any size."""
    ground = None if picture.transparent is not None else _ground(picture.pixels)
    opaque = None if picture.transparent is None else picture.transparent[..., 3] / 255
    opaque = opaque if ground is None else (~ground).astype(float)
    colours = picture.pixels if picture.transparent is None else picture.transparent[..., :3]
    is_cut = opaque is not None and (opaque > 0.5).mean() >= LEAST
    if opaque is None or not is_cut:
        colours = _middle(colours)
        opaque = _faded(len(colours))
    bright = colours if np.average(colours.mean(axis=2), weights=opaque) >= DARK else 255 - colours
    cut = (bright * opaque[..., None]).round().astype(np.uint8)
    return _boxed(cut, opaque) if is_cut else cut


def png_of(picture: Picture) -> bytes:
    """What is stored of a picture: with its transparency, if it has any."""
    return to_png(picture.pixels if picture.transparent is None else picture.transparent)


def objects_of(pictures: Sequence[Picture], side: int) -> np.ndarray:
    """The objects of pictures, uint8 (N, C, side, side)."""
    return squares([cut_out(picture) for picture in pictures], side)
