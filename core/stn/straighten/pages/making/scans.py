"""Sheets as scanners and cameras deliver them: turned, in perspective, on a table, with shadows, noise, blur, borders, JPEG.

A scan is a picture of its own with a frame of its own: what the turn moved out of the frame is gone. Angles in degrees,
positive where the sheet appears turned counter-clockwise; of a sheet in perspective that at the centre of the frame.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter

from core.stn.datasets.distortions import Distortions
from core.stn.geometry.theta import rotation_deg
from core.stn.geometry.warping import Sampling, warp

MOST = 45.0  # degrees
SLIGHT = 5.0  # degrees: so far a sheet is turned that was laid on by hand
SLIGHTLY = 0.35  # share of the scans
FLAT = Distortions(1.0, scale=0.15, shift=0.12, room=0.3)  # of the angle that is drawn
PERSPECTIVE = 0.1  # at most, where there is any: see `Distortions.perspective`
IN_PERSPECTIVE, ON_TABLE, CROPPED, BORDERED = 0.3, 0.35, 0.3, 0.2  # shares of the scans
SHADED, SHADOWED, BINARY, INVERTED = 0.5, 0.25, 0.08, 0.06
_ZEROS = Sampling(padding="zeros")


@dataclass(frozen=True)
class Scan:
    """A grey picture (H, W), uint8, and by how many degrees its sheet is turned."""

    pixels: np.ndarray
    angle_deg: float


def _ground(shape: tuple[int, int], paper: float, random: np.random.Generator) -> np.ndarray:
    """What lies around the sheet: paper, black, a grey, or a table with a grain of any direction: float (H, W)."""
    if random.random() > ON_TABLE:
        return np.full(shape, paper if random.random() < 0.6 else random.choice([0.0, 255.0, random.uniform(0, 255)]))
    y, x = np.mgrid[: shape[0], : shape[1]] / max(shape)
    way, waves, level = random.uniform(0, np.pi), random.uniform(3, 40), random.uniform(20, 200)
    grain = np.sin(2 * np.pi * waves * (x * np.cos(way) + y * np.sin(way)) + random.normal(0, 0.6, shape))
    return level + random.uniform(0, 25) * grain


def _shade(shape: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    """Light that falls off towards a side or from a lamp: factors (H, W)."""
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    way, depth = random.uniform(0, 2 * np.pi), random.uniform(0.1, 0.6)
    if random.random() < 0.5:
        return 1 - depth * (1 + x * np.cos(way) + y * np.sin(way)).clip(0, 2) / 2
    cx, cy = random.uniform(-1, 1, 2)
    return 1 - depth * (np.hypot(x - cx, y - cy) / 2).clip(0, 1)


def _shadow(shape: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    """The shadow of a hand or a shelf, with a soft edge: factors (H, W)."""
    height, width = shape
    image = Image.new("L", (width, height), 255)
    corners = [(float(random.uniform(-0.3, 1.3) * width), float(random.uniform(-0.3, 1.3) * height)) for _ in range(4)]
    ImageDraw.Draw(image).polygon(corners, round(random.uniform(90, 200)))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(random.uniform(1, 20)))) / 255


def _bordered(grey: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Black bars at some sides of the frame, as from a lid that was left open."""
    height, width = grey.shape
    for side in range(4):
        if random.random() < 0.5:
            wide = round(random.uniform(0.005, 0.09) * min(height, width))
            bar = (slice(None), slice(0, wide)) if side % 2 else (slice(0, wide), slice(None))
            view = grey[::-1, ::-1] if side > 1 else grey
            view[bar] = random.uniform(0, 50)
    return grey


def _worn(grey: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Blur, noise, specks, few levels, JPEG: uint8 (H, W)."""
    image = Image.fromarray(grey.clip(0, 255).astype(np.uint8))
    blurred = np.asarray(image.filter(ImageFilter.GaussianBlur(max(0.0, random.uniform(-0.6, 1.5)))), dtype=np.float32)
    noisy = blurred + random.normal(0, max(0.0, random.uniform(-15, 30)), grey.shape)
    if random.random() < 0.15:
        noisy[random.random(grey.shape) < random.uniform(0.001, 0.03)] = random.choice([0.0, 255.0])
    if random.random() < BINARY:
        noisy = np.where(noisy < np.quantile(noisy, random.uniform(0.03, 0.2)), 0.0, 255.0)
    if random.random() < INVERTED:
        noisy = 255 - noisy
    out = Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
    if random.random() < 0.6:
        buffer = io.BytesIO()
        out.save(buffer, "JPEG", quality=int(random.integers(12, 90)))
        out = Image.open(buffer)
    return np.asarray(out)


def _cropped(grey: np.ndarray, share: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A part of the picture around its centre."""
    height, width = (max(32, round(side * kept)) for side, kept in zip(grey.shape, random.uniform(0.55, 1.0, 2), strict=True))
    top, left = (grey.shape[0] - height) // 2, (grey.shape[1] - width) // 2
    part = (slice(top, top + height), slice(left, left + width))
    return grey[part], share[part]


def scan(sheet: np.ndarray, random: np.random.Generator, longest: int, perspective: float = PERSPECTIVE) -> Scan:
    """A sheet (H, W), uint8, turned by up to ± MOST degrees and scanned; no side of the scan longer than `longest`."""
    angle = random.uniform(-1, 1) * (SLIGHT if random.random() < SLIGHTLY else MOST)
    generator = torch.Generator().manual_seed(int(random.integers(2**31)))
    bends = replace(FLAT, perspective=perspective) if random.random() < IN_PERSPECTIVE else FLAT
    theta = _turned_to(bends.draw(1, generator)[0], angle)
    paper = np.stack([sheet, np.full_like(sheet, 255)], axis=-1)
    page = warp(paper, theta, _ZEROS).astype(np.float64)
    grey, share = page[..., 0], page[..., 1] / 255
    if random.random() < CROPPED:
        grey, share = _cropped(grey, share, random)
    grey = grey + (1 - share) * _ground(grey.shape, float(np.median(sheet)), random)
    if random.random() < SHADED:
        grey = grey * _shade(grey.shape, random)
    if random.random() < SHADOWED:
        grey = grey * _shadow(grey.shape, random)
    if random.random() < BORDERED:
        grey = _bordered(grey.copy(), random)
    image = Image.fromarray(_worn(grey, random))
    image.thumbnail((longest, longest))
    return Scan(np.asarray(image), angle)


def _turned_to(theta: torch.Tensor, angle_deg: float) -> torch.Tensor:
    """The theta after a turn of the scan that leaves its own turn, at the centre, at an angle."""
    left = np.deg2rad(angle_deg - rotation_deg(theta).item())
    turn = torch.eye(theta.shape[1], dtype=theta.dtype)
    turn[0, 0] = turn[1, 1] = float(np.cos(left))
    turn[1, 0], turn[0, 1] = float(np.sin(left)), -float(np.sin(left))
    linear = theta.clone()
    linear[:2] = turn[:2, :2] @ theta[:2]
    return linear
