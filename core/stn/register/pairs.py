"""Pairs of which the truth is known: a photo, and the photo as another camera might have taken it, in another light.

What lies outside the photo is its mirror image: something else than the photo shows there, as beside a real one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core.stn.datasets.random_thetas import moved_points, tilted, uniform
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.theta import Parts, compose, of_kind, theta_of
from core.stn.geometry.warping import Sampling, warp

ANGLE, SCALE, SHIFT = 20.0, 0.15, 0.1  # at most: degrees, share, share of each side
SHEAR, TILT, BEND = 0.1, 0.08, 0.04  # at most, at most, standard deviation; half the short side being 1
GAIN, OFFSET, GAMMA, RAMP = 0.2, 15.0, 0.2, 0.15  # of the light: share, grey levels, share of the exponent, share at an edge


@dataclass(frozen=True)
class MadePair:
    """The photo, the other picture (H, W, 3), uint8, and the theta that lays the photo over it, in square coordinates."""

    moving: np.ndarray
    fixed: np.ndarray
    truth: np.ndarray


def drawn_truth(family: FamilyName, width: int, height: int, generator: torch.Generator) -> np.ndarray:
    """A random theta of a family, in square coordinates; as far as the constants say."""
    row, short = FAMILIES[family], min(width, height)
    angle, scale, right, down, shear, across, upwards = uniform(7, 1, generator)[:, 0].tolist()
    zoom = 1 + SCALE * scale * row.zooms
    shift = {"shift_x": 2 * SHIFT * right * width / short, "shift_y": 2 * SHIFT * down * height / short}
    parts = Parts(ANGLE * angle * row.turns, zoom, zoom, SHEAR * shear * row.shears, **shift)
    theta = theta_of(parts).float()[None]
    if row.tilts:
        theta = compose(theta, tilted(TILT * torch.tensor([[across, upwards]])))
    if row.bends:
        theta = moved_points(of_kind(theta, row.kind), BEND, generator)
    return theta[0].double().numpy()


def in_other_light(picture: np.ndarray, generator: torch.Generator) -> np.ndarray:
    """Brighter or darker by a factor, an offset and an exponent, and lit from one side."""
    gain, offset, gamma, right, down = uniform(5, 1, generator)[:, 0].tolist()
    y, x = np.meshgrid(*(np.linspace(-1, 1, side) for side in picture.shape[:2]), indexing="ij")
    lit = 1 + RAMP * (right * x + down * y)[..., None] / 2
    levels = 255 * (picture / 255) ** (1 + GAMMA * gamma)
    return np.rint((1 + GAIN * gain) * lit * levels + OFFSET * offset).clip(0, 255).astype(np.uint8)


def made_pair(photo: np.ndarray, family: FamilyName = "similarity", seed: int = 0) -> MadePair:
    """The photo and how it would be seen turned, larger or smaller, shifted and in another light."""
    generator = torch.Generator().manual_seed(seed)
    height, width = photo.shape[:2]
    truth = drawn_truth(family, width, height, generator)
    fixed = warp(photo, truth, Sampling("bicubic", "reflection", antialias=False))
    return MadePair(photo, in_other_light(fixed, generator), truth)
