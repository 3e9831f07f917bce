"""A sample for alignment: shipped digits of one class, turned by known angles; the same ones every time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.stn.datasets.images import Picture
from core.stn.datasets.samples import digits

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class TurnedDigits:
    """Pictures, and by how many degrees each was turned, positive counter-clockwise."""

    pictures: list[Picture]
    turned_deg: tuple[float, ...]


def turned_digits(label: int, count: int = 30, reach: float = 40.0, seed: int = 0) -> TurnedDigits:
    """The first digits of a class, turned by angles drawn evenly from ± `reach`; the name of each says by how much."""
    from core.stn.geometry.theta import Parts, theta_of  # here, so that this module loads without torch
    from core.stn.geometry.warping import warp

    angles = np.random.default_rng([seed, label]).uniform(-reach, reach, count)
    pictures = []
    for number, (digit, angle) in enumerate(zip(digits(label, count), angles, strict=True), start=1):
        pixels = warp(np.repeat(digit[..., None], 3, axis=-1), theta_of(Parts(rotation_deg=float(angle))).float())
        pictures.append(Picture(f"{WORDS[label]} {number:02d} turned {angle:.1f}°", pixels))
    return TurnedDigits(pictures, tuple(float(angle) for angle in angles))
