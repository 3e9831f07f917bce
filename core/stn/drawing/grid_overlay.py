"""The sampling grid of a theta drawn on the picture that it reads, with a margin so that what looks outside is seen too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from core.stn.drawing.grid_lines import grid_lines
from core.theme import PALETTES, Mode, Palette

Ground = Mode | Literal["clear"]  # of the margin; clear where the picture is made before it is known who looks: (H, W, 4)
SMOOTH = 3  # lines are drawn this many times larger and averaged down
LINES = 9  # in each direction
MARGIN = 0.12  # of the longest side, all around
TOUCHES = 0.01  # half sides by which a line may pass the edge and is not drawn as outside: less than its own width
_POINTS = 33  # of a line that is straight, so that its colour changes where it leaves the picture


def _finely(line: np.ndarray) -> np.ndarray:
    if len(line) != 2:
        return line
    share = np.linspace(0, 1, _POINTS)[:, None]
    return (1 - share) * line[0] + share * line[1]


def _strokes(
    size: tuple[int, int], polylines: list[np.ndarray], half: np.ndarray, centre: np.ndarray, inside: bool
) -> Image.Image:
    """A mask of the steps whose middle lies inside the picture, or outside it; smooth."""
    large = Image.new("L", (size[0] * SMOOTH, size[1] * SMOOTH))
    pen = ImageDraw.Draw(large)
    for line in polylines:
        drawn = (np.abs((line[1:] + line[:-1]) / 2) <= 1 + TOUCHES).all(axis=1) == inside
        pixels = (line * half + centre) * SMOOTH
        for start in np.flatnonzero(drawn):
            pen.line([*pixels[start], *pixels[start + 1]], fill=255, width=SMOOTH + 1)
    return large.reduce(SMOOTH)


def grid_on(image: np.ndarray, theta: np.ndarray, mode: Ground = "light", lines: int = LINES) -> np.ndarray:
    """The picture (H, W, 3) on a margin, with the grid of theta, in another colour where it lies outside; uint8.

    Theta of any kind in square coordinates.
    """
    height, width = image.shape[:2]
    return _drawn_on(image, [_finely(line) for line in grid_lines(theta, width, height, lines)], mode)


def fan_on(image: np.ndarray, thetas: Iterable[np.ndarray], mode: Mode = "light") -> np.ndarray:
    """The picture as by `grid_on`, but with the outlines of where several thetas look: how far these scatter."""
    height, width = image.shape[:2]
    outlines = [line for theta in thetas for line in grid_lines(theta, width, height, lines=2)]
    return _drawn_on(image, [_finely(line) for line in outlines], mode)


def _palette(mode: Ground) -> Palette:
    return PALETTES["light" if mode == "clear" else mode]


def _sheet(image: np.ndarray, mode: Ground) -> Image.Image:
    """The picture on a margin all around."""
    margin, kind = round(MARGIN * max(image.shape[:2])), "RGBA" if mode == "clear" else "RGB"
    paper = ImageColor.getcolor(_palette(mode).paper, "RGB")
    size = (image.shape[1] + 2 * margin, image.shape[0] + 2 * margin)
    sheet = Image.new(kind, size, (*paper, 0) if mode == "clear" else paper)  # type: ignore[misc]
    sheet.paste(Image.fromarray(image).convert(kind), (margin, margin))
    return sheet


def _drawn_on(image: np.ndarray, polylines: list[np.ndarray], mode: Ground) -> np.ndarray:
    height, width = image.shape[:2]
    palette, sheet = _palette(mode), _sheet(image, mode)
    half, centre = np.array([width, height]) / 2, np.array(sheet.size) / 2
    for colour, inside in ((palette.fail, False), (palette.spatial, True)):
        sheet.paste(ImageColor.getcolor(colour, sheet.mode), (0, 0), _strokes(sheet.size, polylines, half, centre, inside))
    return np.asarray(sheet)


def margined(image: np.ndarray, mode: Ground = "light") -> np.ndarray:
    """A picture on the same margin, to stand beside the other."""
    return np.asarray(_sheet(image, mode))
