"""Sheets of images, and the grids of several thetas drawn on one image. Conventions of `families`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from core.stn.drawing.grid_lines import grid_lines
from core.theme import PALETTES, Mode

COLUMNS, TILE, GAP = 10, 72, 6  # images in a row; pixels
LINE = 4  # pixels: between tiles of one size
FRAME = 3  # pixels: the frame of a failed image lies within the gap
MARGIN = 0.2  # share of the image that is left free around it, for grids that reach outside
SMOOTH = 3  # lines are drawn this many times larger and averaged down
GRID = 5  # lines of a drawn grid in each direction


def contact_sheet(images: Sequence[np.ndarray], ok: Sequence[bool], mode: Mode = "light") -> np.ndarray:
    """Images of any sizes in rows of COLUMNS, uint8 (H, W, 3); failed ones are framed in the colour of failure."""
    palette = PALETTES[mode]
    columns = min(COLUMNS, len(images))
    rows = -(-len(images) // columns)
    step = TILE + GAP
    sheet = Image.new("RGB", (columns * step + GAP, rows * step + GAP), palette.paper)
    for number, (image, fine) in enumerate(zip(images, ok, strict=True)):
        left, top = GAP + number % columns * step, GAP + number // columns * step
        if not fine:
            sheet.paste(palette.fail, (left - FRAME, top - FRAME, left + TILE + FRAME, top + TILE + FRAME))
        tile = ImageOps.pad(Image.fromarray(image), (TILE, TILE), Image.Resampling.BICUBIC, palette.paper)
        sheet.paste(tile, (left, top))
    return np.asarray(sheet)


def _channels(colour: str) -> list[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def whole_rows(count: int, columns: int) -> int:
    """Of so many images as many as fill their rows, for a picture that is made before it is known on which paper it lies."""
    return count if count <= columns else count - count % columns


def tiled(tiles: Sequence[np.ndarray], columns: int, mode: Mode = "light") -> np.ndarray:
    """Square tiles (side, side, 3), uint8, in rows with grey lines between them; behind the last one there is paper."""
    step, columns = len(tiles[0]) + LINE, min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    sheet = np.full((rows * step - LINE, columns * step - LINE, 3), 128, np.uint8)
    for number, tile in enumerate(tiles):
        top, left = number // columns * step, number % columns * step
        sheet[top : top + step - LINE, left : left + step - LINE] = tile
    if used := len(tiles) % columns:
        sheet[(rows - 1) * step - LINE :, used * step - LINE :] = _channels(PALETTES[mode].paper)
    return sheet


def montage(rows: np.ndarray, enlarged: int = 1, gap: int = 0, paper: str = "#000000", columns: int = 1) -> np.ndarray:
    """Rows of images (R, N, C, H, W), uint8, as one picture (height, width, 3), every pixel a crisp square.

    It is as wide as so many `columns` at the least; where there is no image there is paper.
    """
    tiles = rows.transpose(0, 1, 3, 4, 2).repeat(enlarged, axis=2).repeat(enlarged, axis=3)
    tiles = np.repeat(tiles, 3, axis=4) if rows.shape[2] == 1 else tiles
    count, images, height, width, _ = tiles.shape
    wide = max(columns, images)
    sheet = np.empty((count, wide, height + gap, width + gap, 3), np.uint8)
    sheet[:] = _channels(paper)
    sheet[:, :images, :height, :width] = tiles
    whole = sheet.transpose(0, 2, 1, 3, 4).reshape(count * (height + gap), wide * (width + gap), 3)
    return whole[: whole.shape[0] - gap, : whole.shape[1] - gap]


def before_and_after(images: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Images (N, C, H, W) above what each of n transformers makes of them (N, n·C, H', W'): rows (1 + n, N, C, H, W)."""
    channels, height, width = images.shape[1:]
    rows, columns = (np.arange(size) * small // size for size, small in zip((height, width), outputs.shape[2:], strict=True))
    large = outputs[:, :, rows[:, None], columns]  # the nearest pixel, where they are smaller
    views = [large[:, start : start + channels] for start in range(0, large.shape[1], channels)]
    return np.stack([images, *views])


def _strokes(theta: np.ndarray, size: int, shown: int) -> Image.Image:
    """A mask (size, size) of a grid's lines, its edge thicker, anti-aliased."""
    large = Image.new("L", (size * SMOOTH, size * SMOOTH))
    pen = ImageDraw.Draw(large)
    for lines, width in ((GRID, SMOOTH), (2, 2 * SMOOTH)):
        for line in grid_lines(theta, 1, 1, lines):
            points = (line * shown / 2 + size / 2) * SMOOTH
            pen.line([tuple(point) for point in points.tolist()], fill=255, width=width)
    return large.reduce(SMOOTH)


def grids_on(image: np.ndarray, thetas: np.ndarray, mode: Mode = "light", size: int = 160) -> np.ndarray:
    """An image (C, H, H), uint8, with the grid of each theta (n, *theta) upon it: uint8 (size, size, 3)."""
    palette = PALETTES[mode]
    shown = round(size / (1 + 2 * MARGIN))
    corner = (size - shown) // 2
    pixels = montage(image[None, None])
    sheet = Image.new("RGB", (size, size), palette.rule)
    sheet.paste(Image.fromarray(pixels).resize((shown, shown), Image.Resampling.NEAREST), (corner, corner))
    for theta, colour in zip(thetas, (palette.spatial, palette.warn, palette.recurrent), strict=False):
        sheet.paste(colour, (0, 0), _strokes(theta, size, shown))
    return np.asarray(sheet)
