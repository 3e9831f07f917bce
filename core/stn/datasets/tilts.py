"""Tilts as people make them: a photo turned by Pillow's own rotation, then cropped without a border or on an enlarged canvas.

Unlike `distortions` they leave no continued border: what the turn moves out of the frame is gone, and the corners it moves
in are cut away or of one colour. Angles in degrees, positive counter-clockwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

WHITE = (255, 255, 255)


def largest_inside(width: int, height: int, degrees: float) -> float:
    """The share of its sides that the largest rectangle of the same proportions has inside the turned one; both centred."""
    turn = math.radians(degrees)
    cos, sin = abs(math.cos(turn)), abs(math.sin(turn))
    return min(width / (width * cos + height * sin), height / (height * cos + width * sin))


def cropped(photo: np.ndarray, degrees: float) -> np.ndarray:
    """A photo (H, W, 3), uint8, turned and cropped to the largest rectangle of its proportions without a border."""
    height, width = photo.shape[:2]
    turned = Image.fromarray(photo).rotate(degrees, Image.Resampling.BICUBIC)
    share = largest_inside(width, height, degrees)
    across, down = (max(1, int(share * side)) for side in (width, height))
    left, top = (width - across) // 2, (height - down) // 2
    return np.array(turned.crop((left, top, left + across, top + down)))


def enlarged(photo: np.ndarray, degrees: float) -> np.ndarray:
    """A photo (H, W, 3), uint8, turned on a white canvas that is enlarged to hold all of it, as editors do."""
    return np.array(Image.fromarray(photo).rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=WHITE))


@dataclass(frozen=True)
class Tilt:
    """One row of the table."""

    name: str
    title: str  # after "photos"
    reach: float  # ± degrees at most
    make: Callable[[np.ndarray, float], np.ndarray]


_ROWS = (
    Tilt("cropped", "cropped without a border", 180.0, cropped),
    Tilt("enlarged", "on an enlarged white canvas", 180.0, enlarged),
    Tilt("slight", "turned by at most ±5° and cropped", 5.0, cropped),
)
TILTS = {row.name: row for row in _ROWS}
