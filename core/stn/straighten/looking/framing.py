"""What a straightened photo shows where the network looks past the edge of the photo: a framing is one row of this table.

The file loads without torch, so that names and titles cost nothing; the functions import it when they are called.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from PIL import Image

from core.errors import ImageError
from core.rows import name_in
from core.stn.datasets.images import Picture
from core.stn.geometry.kinds import reach

FramingName = Annotated[str, name_in(lambda: FRAMINGS)]


@dataclass(frozen=True)
class Framing:
    """One row of the table."""

    name: str
    title: str
    words: str  # what it does, after "straightened:"
    of: Callable[[Picture, np.ndarray], Picture]  # a picture seen through a theta of any kind, in square coordinates


def _filled(picture: Picture, theta: np.ndarray) -> Picture:
    from core.stn.datasets.picture_files import bent
    from core.stn.geometry.warping import Sampling

    return bent(picture, theta, Sampling(padding="border"))


def _blank(picture: Picture, theta: np.ndarray, size: tuple[int, int] | None = None) -> Picture:
    from core.stn.datasets.picture_files import bent
    from core.stn.geometry.warping import Sampling

    seen = bent(replace(picture, transparent=_with_opacity(picture)), theta, Sampling(padding="zeros"), size)
    assert seen.transparent is not None
    laid = Image.alpha_composite(Image.new("RGBA", seen.transparent.shape[1::-1], "white"), Image.fromarray(seen.transparent))
    return replace(seen, pixels=np.array(laid.convert("RGB")))


def _with_opacity(picture: Picture) -> np.ndarray:
    """(H, W, 4), uint8: the pixels and how opaque they are."""
    if picture.transparent is not None:
        return picture.transparent
    return np.concatenate([picture.pixels, np.full_like(picture.pixels[..., :1], 255)], axis=-1)


def _cropped(picture: Picture, theta: np.ndarray) -> Picture:
    height, width = picture.pixels.shape[:2]
    box = inside(theta, height, width)
    if box is None:
        raise ImageError(f"nothing of {picture.name} lies where the network looks; take another framing than cropped")
    whole, (rows, columns) = _filled(picture, theta), box
    transparent = None if whole.transparent is None else whole.transparent[rows, columns]
    return replace(whole, pixels=whole.pixels[rows, columns], transparent=transparent)


def inside(theta: np.ndarray, height: int, width: int) -> tuple[slice, slice] | None:
    """Rows and columns of the largest upright rectangle of the output that looks nowhere past the edge of the input; None where
    no pixel looks inside. Of a frame above 512 pixels the edges are found to one of its 512ths, inwards."""
    from core.stn.geometry.warping import laid_on

    bend = laid_on(theta, height, width)
    box = largest_rectangle(~bend.outside)
    if box is None:
        return None
    (top, bottom), (left, right) = box
    return _between(top, bottom, height / bend.height), _between(left, right, width / bend.width)


def _between(first: int, last: int, scale: float) -> slice:
    """The pixels whose centres lie between those of two pixels, both counted, that are `scale` times as large."""
    begin, end = math.ceil((first + 0.5) * scale - 0.5 - 1e-9), math.floor((last + 0.5) * scale - 0.5 + 1e-9)
    return slice(begin, max(begin, end) + 1)


def largest_rectangle(free: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The largest rectangle of True in (H, W): its first and last row, its first and last column. None where all is False.

    Row by row, over how many are True above each place: a bar that ends a rising run of bars is the height of a rectangle.
    """
    best, most = None, 0
    heights = np.zeros(free.shape[1], np.int64)
    for row, line in enumerate(free):
        heights = np.where(line, heights + 1, 0)
        rising: list[tuple[int, int]] = []  # (first column, height), higher and higher
        for column, height in enumerate([*heights.tolist(), 0]):
            begin = column
            while rising and rising[-1][1] >= height:
                begin, high = rising.pop()
                if high * (column - begin) > most:
                    most, best = high * (column - begin), ((row - high + 1, row), (begin, column - 1))
            rising.append((begin, height))
    return best


def _turned(picture: Picture, theta: np.ndarray) -> Picture:
    import torch

    from core.stn.geometry.theta import Parts, rotation_deg, theta_of

    turn = rotation_deg(torch.as_tensor(theta)).item()
    height, width = picture.pixels.shape[:2]
    cos, sin = abs(math.cos(math.radians(turn))), abs(math.sin(math.radians(turn)))
    larger = (math.ceil(height * cos + width * sin - 1e-6), math.ceil(width * cos + height * sin - 1e-6))
    given, seen = np.array(reach(width, height)), np.array(reach(larger[1], larger[0]))
    units = seen / given * min(larger) / min(height, width)  # a pixel of the larger frame is a pixel of the photo
    return _blank(picture, units[:, None] * theta_of(Parts(turn)).numpy(), larger)


_ROWS = (
    Framing("filled", "Edges filled", "as large as the photo, its edge continued where it ends", _filled),
    Framing("cropped", "Cropped", "cut to the largest upright rectangle that the photo covers", _cropped),
    Framing("blank", "Blank outside", "as large as the photo, transparent where it ends", _blank),
    Framing("turned", "Only turned", "turned and nothing else: no part cut off, no scale, transparent around it", _turned),
)
FRAMINGS: dict[FramingName, Framing] = {row.name: row for row in _ROWS}
