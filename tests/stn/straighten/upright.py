"""Drawings that stand upright, with rows of things that run from top to bottom."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

WIDTH, HEIGHT, GROUND = 480, 320, 270


def street(seed: int) -> np.ndarray:
    """Houses of several heights and colours with rows of windows, by day or by night: uint8 (H, W, 3)."""
    random = np.random.default_rng(seed)
    night = bool(seed % 2)
    sheet = Image.new("RGB", (WIDTH, HEIGHT), (20, 25, 60) if night else (150, 200, 240))
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((0, GROUND, WIDTH, HEIGHT), (90, 90, 90))
    left = 0
    while left < WIDTH:
        width, height = random.integers(45, 100), random.integers(90, 230)
        draw.rectangle((left, GROUND - height, left + width - random.integers(10), GROUND), tuple(random.integers(60, 220, 3)))
        pane, between = random.integers((8, 12), (14, 20)), random.integers((16, 24), (26, 36))
        light = (250, 240, 150) if night else (30, 30, 50)
        for y in range(GROUND - height + 12, GROUND - pane[1], between[1]):
            for x in range(left + 8, left + width - pane[0] - 6, between[0]):
                draw.rectangle((x, y, x + pane[0], y + pane[1]), light)
        left += width
    return np.asarray(sheet)


def fence(seed: int) -> np.ndarray:
    """White boards in front of grass."""
    random, sheet = np.random.default_rng(seed), Image.new("RGB", (WIDTH, HEIGHT), (120, 170, 90))
    step = random.integers(16, 30)
    for left in range(5, WIDTH, step):
        ImageDraw.Draw(sheet).rectangle((left, 60 + random.integers(15), left + step // 2, HEIGHT - 30), (235, 230, 220))
    return np.asarray(sheet)


def wood(seed: int) -> np.ndarray:
    """Trunks in front of a light sky."""
    random, sheet = np.random.default_rng(seed), Image.new("RGB", (WIDTH, HEIGHT), (200, 215, 205))
    for left in random.integers(0, WIDTH, random.integers(8, 25)):
        foot = HEIGHT - 40 + random.integers(30)
        ImageDraw.Draw(sheet).rectangle((left, 0, left + random.integers(4, 14), foot), tuple(random.integers(30, 80, 3)))
    return np.asarray(sheet)
