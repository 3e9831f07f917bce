"""Registration without features and without descent: phase correlation, for turns and scales of the spectra in log-polar form.

A shift multiplies the spectrum by a wave; the inverse transform of the wave alone is a peak at the shift (Kuglin & Hines 1975).
A turn and a scale do to the amplitudes of the spectrum what a shift does once they are drawn by angle and logarithm of the
frequency (Reddy & Chatterji 1996). It sees the whole picture at once, and knows nothing of shear, perspective or bends.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.kinds import reach
from core.stn.geometry.pixels import to_grey, to_tensor
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import Parts, theta_of

SIDE = 256  # pixels of the canvas that both pictures lie on
_ANGLES, _RADII = 360, 256  # of the log-polar spectrum: half a turn, and up to the highest frequency
_LOWEST = 4.0  # frequencies, in whole waves along the canvas, below which the spectrum is that of the frame


def _canvas(picture: np.ndarray, extent: float, linear: np.ndarray | None = None) -> np.ndarray:
    """A picture (H, W, 3) on SIDE x SIDE pixels, square coordinates from -extent to extent, mean 0, fading out at its ends."""
    grey = to_tensor(to_grey(picture)) / 255
    fade = torch.hann_window(grey.shape[-2], periodic=False)[:, None] * torch.hann_window(grey.shape[-1], periodic=False)
    faded = (grey - grey.mean()) * fade.sqrt()
    axis = extent * ((2 * torch.arange(SIDE) + 1) / SIDE - 1)
    points = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), dim=-1)
    if linear is not None:
        points = points @ torch.as_tensor(linear, dtype=torch.float32).T
    grid = (points / torch.tensor(reach(picture.shape[1], picture.shape[0])))[None]
    return sample(faded, grid, "zeros", "bicubic")[0, 0].numpy().astype(np.float64)


def peak_shift(one: np.ndarray, other: np.ndarray) -> tuple[float, float, float]:
    """The shift to the right and down, in pixels, with other(x) = one(x + shift), and the height of its peak, 0 to 1.

    Both (H, W) are taken for periodic. Between pixels by a parabola through the peak and its neighbours.
    """
    cross = np.fft.fft2(one) * np.conj(np.fft.fft2(other))
    surface = np.fft.ifft2(cross / np.maximum(np.abs(cross), 1e-12)).real
    row, column = np.unravel_index(int(surface.argmax()), surface.shape)
    height, width = surface.shape

    def between(before: float, at: float, after: float) -> float:
        bend = before - 2 * at + after
        return 0.5 * (before - after) / bend if bend < 0 else 0.0

    down = row + between(surface[row - 1, column], surface[row, column], surface[(row + 1) % height, column])
    right = column + between(surface[row, column - 1], surface[row, column], surface[row, (column + 1) % width])
    wrap = lambda shift, size: float((shift + size / 2) % size - size / 2)  # noqa: E731
    return wrap(right, width), wrap(down, height), float(surface[row, column])


def _log_polar(canvas: np.ndarray) -> np.ndarray:
    """The amplitudes of the spectrum by angle (rows, half a turn) and logarithm of the frequency (columns)."""
    amplitudes = np.log1p(np.abs(np.fft.fftshift(np.fft.fft2(canvas))))
    angles = torch.arange(_ANGLES) * (math.pi / _ANGLES)
    radii = _LOWEST * (SIDE / 2 / _LOWEST) ** (torch.arange(_RADII) / _RADII)
    waves = torch.stack([angles.cos()[:, None] * radii, angles.sin()[:, None] * radii], dim=-1)  # (_ANGLES, _RADII, 2)
    grid = (2 * (waves + SIDE // 2) + 1) / SIDE - 1
    image = torch.as_tensor(amplitudes, dtype=torch.float32)[None, None]
    polar = sample(image, grid[None])[0, 0].numpy().astype(np.float64)
    return (polar - polar.mean(axis=0)) * np.hanning(_RADII)


def phase_correlated(moving: np.ndarray, fixed: np.ndarray, family: FamilyName) -> np.ndarray:
    """The theta (2, 3), in square coordinates, that lays one picture (H, W, 3), uint8, over the other: shifts, and turns and
    scales where the family has them."""
    row = FAMILIES[family]
    extent = max(max(reach(one.shape[1], one.shape[0])) for one in (moving, fixed))
    target = _canvas(fixed, extent)
    candidates = [np.eye(2)]
    if row.turns or row.zooms:
        log_scale, turn, _ = peak_shift(_log_polar(_canvas(moving, extent)), _log_polar(target))
        scale = (SIDE / 2 / _LOWEST) ** (-log_scale / _RADII) if row.zooms else 1.0
        angle = 180 * turn / _ANGLES if row.turns else 0.0
        half_turns = (0.0, 180.0) if row.turns else (0.0,)
        candidates = [_linear(angle + half, scale) for half in half_turns]
    peaks = [peak_shift(_canvas(moving, extent, linear), target) for linear in candidates]
    best = max(range(len(peaks)), key=lambda number: peaks[number][2])
    shift = 2 * extent / SIDE * np.array(peaks[best][:2])
    return np.concatenate([candidates[best], (candidates[best] @ shift)[:, None]], axis=1)


def _linear(angle: float, scale: float) -> np.ndarray:
    theta: Tensor = theta_of(Parts(angle, scale, scale))
    return theta.numpy()[:, :2]
