"""Pages of text, and pictures that look the same when turned."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont


def page(size: int = 14, width: int = 384, height: int = 384) -> np.ndarray:
    """Lines of random letters, dark on light: uint8 (H, W, 3)."""
    random, sheet = np.random.default_rng(size), Image.new("RGB", (width, height), (245, 240, 230))
    draw, letters = ImageDraw.Draw(sheet), list("abcdefghijklmnopqrstuvwxyz")
    for y in range(20, height - 20, round(1.6 * size)):
        words = " ".join("".join(random.choice(letters, random.integers(2, 9))) for _ in range(12))
        draw.text((20, y), words[: int((width - 40) / size * 1.9)], (30, 30, 40), ImageFont.load_default(size))
    return np.asarray(sheet)


def _polar(side: int = 200) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    return np.hypot(x, y), np.arctan2(y, x)


def _grey(levels: np.ndarray) -> np.ndarray:
    return np.repeat(levels.astype(np.uint8)[..., None], 3, axis=2)


def disc() -> np.ndarray:
    return _grey(np.where(_polar()[0] < 60, 220, 40))


def wheel(spokes: int) -> np.ndarray:
    radius, angle = _polar()
    return _grey(np.where((np.cos(spokes * angle) > 0.7) & (radius < 90), 220, 40))


def checkerboard(squares: int = 8) -> np.ndarray:
    y, x = np.mgrid[: 25 * squares, : 25 * squares] // 25
    return _grey(255 * ((x + y) % 2))


def ramp() -> np.ndarray:
    return _grey(np.tile(np.linspace(0, 255, 200), (200, 1)))


def noise() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (200, 200, 3)).astype(np.uint8)
