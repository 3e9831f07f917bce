"""TIFFs whose numbers Pillow does not read: floating-point colours, 64 bits, whole numbers of 32 bits in colour."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import numpy as np
from PIL import Image
from tifffile import TiffFile, TiffFileError, TiffPage

from core.stn.datasets.decoding.levels import Levels
from core.stn.datasets.decoding.shrinking import STRIP
from core.system.unreadable import UNREADABLE

WEIGHT = 4  # times the memory of a pixel of one byte a colour, at most
logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # what it stumbles over becomes a sentence
_MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


class FloatPage:
    """The first page of such a TIFF."""

    def __init__(self, page: TiffPage) -> None:
        self._page = page
        self.size = int(page.imagewidth), int(page.imagelength)  # pixels: width, height

    def numbers(self) -> np.ndarray:
        """(H, W) or (H, W, 3)."""
        values: np.ndarray = self._page.asarray().squeeze()
        width, height = self.size
        if values.ndim == 3 and values.shape[1:] == (height, width):
            values = np.moveaxis(values, 0, -1)
        if values.shape[:2] != (height, width) or values.ndim > 3:
            raise ValueError(f"its numbers are of the shape {values.shape}")
        if values.ndim == 3:
            values = values[..., :3] if values.shape[2] >= 3 else values[..., 0]
        return values


def is_tiff(content: bytes) -> bool:
    return content.startswith(_MARKS)


def opened(content: bytes) -> FloatPage | None:
    """Of the header; None where it is none that can be read."""
    try:
        page = TiffFile(io.BytesIO(content)).pages.first
        readable = page.imagedepth == 1 and page.dtype is not None and page.dtype.kind in "uif"
        return FloatPage(page) if readable and isinstance(page, TiffPage) else None
    except (TiffFileError, *UNREADABLE):
        return None


def decoded(page: FloatPage, brighten: bool) -> tuple[Image.Image, Levels]:
    """With 8 bits a level, and what its levels were."""
    numbers = page.numbers()
    levels = Levels.of(_strips(numbers))
    if brighten:
        levels = levels.brightened
    return Image.fromarray(np.concatenate([levels.in_bytes(strip) for strip in _strips(numbers)])), levels


def _strips(numbers: np.ndarray) -> Iterator[np.ndarray]:
    rows = max(1, STRIP // numbers.shape[1])
    return (numbers[top : top + rows] for top in range(0, len(numbers), rows))
