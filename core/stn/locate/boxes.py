"""Boxes, and how well two of them agree.

A BOX is three numbers (s, x, y), the parameters of the attention family: a square around (x, y), s half its side, in the
normalised coordinates of a scene (-1 and 1 are its outer edges, y down).
"""

from __future__ import annotations

import numpy as np

FOUND = 0.5  # intersection over union above which an object counts as found


def overlap(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union (…,) of boxes (…, 3) and others (…, 3)."""
    half, other = np.abs(boxes[..., :1]), np.abs(others[..., :1])
    low = np.maximum(boxes[..., 1:] - half, others[..., 1:] - other)
    high = np.minimum(boxes[..., 1:] + half, others[..., 1:] + other)
    common = np.clip(high - low, 0, None).prod(axis=-1)
    return common / ((2 * half[..., 0]) ** 2 + (2 * other[..., 0]) ** 2 - common)
