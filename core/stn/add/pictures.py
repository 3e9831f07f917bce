"""Pairs of digits as coloured pictures."""

from __future__ import annotations

import numpy as np

COLOURS = np.array([[94, 234, 212], [253, 164, 90]], np.float64)  # RGB of the first and the second digit on black


def coloured(channels: np.ndarray, enlarged: int = 3) -> np.ndarray:
    """Both channels (2, H, W), uint8, in one picture (H·enlarged, W·enlarged, 3): the first digit teal, the second orange."""
    mixed = np.minimum(255, np.tensordot(channels.astype(np.float64) / 255, COLOURS, axes=(0, 0)))
    return np.kron(mixed.astype(np.uint8), np.ones((enlarged, enlarged, 1), np.uint8))
