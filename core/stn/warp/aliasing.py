"""Zooming out with and without antialiasing: what a sampler that reads a few neighbours makes of detail finer than its steps.

An output n times smaller has room for only 1/n of the frequencies (Shannon). What is finer comes back as stripes that were
never there, unless the input is smoothed first. The correct result for the test patterns is uniform grey.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.stn.geometry.pixels import picture_of, to_tensor
from core.stn.geometry.theta import frame_grid, identity
from core.stn.geometry.warping import Sampling

SINE_SIDE, SINE_CYCLES = 64, 15
ZONE_SIDE = 256


@dataclass(frozen=True)
class Zoomed:
    """A picture made `zoom` times smaller, both ways, uint8, and how strongly its grey levels vary (0 to 1)."""

    plain: np.ndarray
    antialiased: np.ndarray
    plain_std: float
    antialiased_std: float
    spectrum: pd.DataFrame  # cycles (per picture width), original, plain, antialiased: amplitudes, 0 to 1


def stripes() -> np.ndarray:
    """A sine of 15 periods across 64 pixels: (64, 64, 3), uint8."""
    x = (np.arange(SINE_SIDE) + 0.5) / SINE_SIDE
    row = np.rint(127.5 + 127.5 * np.sin(2 * np.pi * SINE_CYCLES * x)).astype(np.uint8)
    return np.repeat(np.broadcast_to(row, (SINE_SIDE, SINE_SIDE))[..., None], 3, axis=-1)


def zone_plate() -> np.ndarray:
    """Rings that grow finer outwards, up to one period in two pixels at the middle of each edge: (256, 256, 3), uint8."""
    x = np.arange(ZONE_SIDE) + 0.5 - ZONE_SIDE / 2
    radius = x[None] ** 2 + x[:, None] ** 2
    rings = np.rint(127.5 + 127.5 * np.cos(np.pi * radius / ZONE_SIDE)).astype(np.uint8)
    return np.repeat(rings[..., None], 3, axis=-1)


def _amplitudes(level: np.ndarray) -> np.ndarray:
    waves = np.abs(np.fft.rfft(level, axis=1)) * 2 / level.shape[1]
    return np.sqrt((waves**2).mean(axis=0))


def _spectrum(levels: list[np.ndarray]) -> pd.DataFrame:
    """Amplitudes by cycles across the picture, root mean square over its rows; a small picture has only the low ones."""
    columns = [pd.Series(_amplitudes(level)) for level in levels]
    table = pd.concat(columns, axis=1, keys=["original", "plain", "antialiased"])
    return table.rename_axis("cycles").reset_index().iloc[1:]  # the mean grey is no cycle


def zoomed_out(picture: np.ndarray, zoom: float, sampling: Sampling) -> Zoomed:
    """A picture (H, W, C), uint8, made `zoom` times smaller (at least 1), without and with antialiasing."""
    height, width = (max(2, round(side / zoom)) for side in picture.shape[:2])
    grid = frame_grid(identity(), height, width)
    image = to_tensor(picture)
    plain, antialiased = (replace(sampling, antialias=on).of(image, grid) for on in (False, True))
    levels = [pixels.mean(1)[0].numpy() / 255 for pixels in (image, plain, antialiased)]
    return Zoomed(
        picture_of(plain[0], 255), picture_of(antialiased[0], 255), levels[1].std(), levels[2].std(), _spectrum(levels)
    )
