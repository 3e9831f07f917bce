"""A small picture with the grid where a network looks, beside what it sees there."""

from __future__ import annotations

import numpy as np
from PIL import Image

from core.stn.drawing.grid_overlay import Ground, grid_on, margined

LARGER = 4  # times that a small picture is shown larger


def grid_and_seen(given: np.ndarray, theta: np.ndarray, seen: np.ndarray, mode: Ground = "light") -> np.ndarray:
    """Of grey pictures (H, W), uint8, and a theta in square coordinates: uint8 (H', W', 3), on clear ground (H', W', 4)."""
    return np.concatenate([grid_on(_large(given), theta, mode), margined(_large(seen), mode)], axis=1)


def _large(image: np.ndarray) -> np.ndarray:
    size = (LARGER * image.shape[1], LARGER * image.shape[0])
    return np.asarray(Image.fromarray(image).convert("RGB").resize(size, Image.Resampling.BICUBIC))
