"""Two pictures of one size (H, W, 3), uint8, in one: in the squares of a checkerboard, in turn, or their difference."""

from __future__ import annotations

import numpy as np

from core.stn.drawing.animation import animated

SQUARES = 8  # along the longer side
FLICKER_MS = 500  # how long each is seen: once a second there and back, far below what harms


def checkerboard(laid: np.ndarray, fixed: np.ndarray, squares: int = SQUARES) -> np.ndarray:
    """The laid picture in every other square, the fixed one in the others."""
    side = max(1, max(fixed.shape[:2]) // squares)
    rows, columns = np.indices(fixed.shape[:2]) // side
    return np.where(((rows + columns) % 2 == 0)[..., None], laid, fixed)


def difference(laid: np.ndarray, fixed: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """How far both are apart, grey where they agree and where the laid picture ends."""
    apart = (laid.astype(np.float64) - fixed) / 2
    return np.floor(128 + apart * inside[..., None]).astype(np.uint8)


def flicker(laid: np.ndarray, fixed: np.ndarray, inside: np.ndarray) -> bytes:
    """Both in turn as a GIF, where both are: what stands still lies right."""
    frames = [np.where(inside[..., None], one, fixed // 2) for one in (laid, fixed)]
    return animated(frames, ["laid over it", "the one below"], times=(FLICKER_MS, FLICKER_MS))
