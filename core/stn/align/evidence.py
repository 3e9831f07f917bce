"""Evidence that an image lies as the others do, and in words why it does not.

Pixels that differ little prove nothing: a stranger is laid where it differs least, and a face upside down covers the others
too. So each image must be about as like the mean of the others as they are, and more like it than it is turned otherwise within
its reach, and than its negative is anywhere. Images that are not are left out of that mean, and all is asked again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.stn.align.angle_search import STEP, by_shift, standardised

SIDE = 32  # pixels along a side of the views
SHIFTS = 4  # pixels up, down and sideways that another angle may need: an eighth of a view
ELSEWHERE = 30.0  # degrees: an angle that is so far away is another answer
ROUNDS = 6  # at most: who is trusted settles after two or three
FEWEST = 3  # trusted images; and half of all at least
LEAST_LIKENESS = 0.65  # of the median of the trusted: most strangers have less, one face in a hundred
LEAST_LEAD = 0.95  # a rival with this share of an image's own likeness is as likely


@dataclass(frozen=True)
class Evidence:
    """How like the others each of N images is at its pose, and how like them it is at its best rival of that pose."""

    likeness: np.ndarray  # (N,), correlation with the mean of the trusted others, -1 to 1
    rival: np.ndarray  # (N,), the largest of it at other angles, and of its negative at any
    rival_deg: np.ndarray  # (N,), degrees that the image is turned further there, counter-clockwise; NaN: it is the negative
    trusted: np.ndarray  # (N,), bool: whose mean the others are compared with

    @property
    def typical(self) -> float:
        """The median likeness of the trusted images."""
        return float(np.median(self.likeness[self.trusted]))


@dataclass(frozen=True)
class Ground:
    """One reason to flag an image: for which of N it holds, and how it is said of one."""

    holds: Callable[[Evidence], np.ndarray]
    words: Callable[[Evidence, int], str]


def _unlike(evidence: Evidence, image: int) -> str:
    return f"its likeness to the others is {evidence.likeness[image]:.2f}, theirs to one another {evidence.typical:.2f}"


def _rivalled(evidence: Evidence, image: int) -> str:
    turned = evidence.rival_deg[image]
    rival = "its negative is" if math.isnan(turned) else f"turned by another {abs(turned):.0f}° it is"
    return f"{rival} about as like the others ({evidence.rival[image]:.2f}) as it is ({evidence.likeness[image]:.2f})"


GROUNDS = (
    Ground(lambda all_: all_.likeness < LEAST_LIKENESS * all_.typical, _unlike),
    Ground(lambda all_: all_.rival > LEAST_LEAD * all_.likeness, _rivalled),
)


def doubts(evidence: Evidence) -> list[str]:
    """Why each image is flagged, in words; empty where nothing speaks against its pose."""
    held = [(ground, ground.holds(evidence)) for ground in GROUNDS]
    count = len(evidence.likeness)
    return [next((ground.words(evidence, image) for ground, holds in held if holds[image]), "") for image in range(count)]


def further(max_angle: float) -> np.ndarray:
    """By how many degrees (K,) an image that is turned by up to `max_angle` could be turned otherwise; 0 among them."""
    half = min(180.0, 2 * max_angle) // STEP
    turns: np.ndarray = STEP * np.arange(-half, half + (2 * max_angle < 180))
    return turns


def _compared(views: Tensor, turns: np.ndarray, trusted: np.ndarray) -> Evidence:
    """Of standardised views (N, K, SIDE, SIDE), turned further by (K,) degrees, against the mean of the trusted."""
    here = int(np.abs(turns).argmin())
    own = views[:, here] * torch.from_numpy(trusted)[:, None, None]
    others = standardised(own.sum(dim=0) - own)
    likeness = (views[:, here] * others).sum(dim=(-2, -1)).numpy()
    matches = by_shift(torch.fft.rfft2(views), torch.fft.rfft2(others)[:, None], SHIFTS).numpy()  # (N, K, shifts)
    negative = (-matches).max(axis=(1, 2))
    turned = np.where(np.abs(turns) >= ELSEWHERE, matches.max(axis=2), -np.inf)  # (N, K)
    rival, best = np.maximum(negative, turned.max(axis=1)), turns[turned.argmax(axis=1)]
    return Evidence(likeness, rival, np.where(turned.max(axis=1) >= negative, best, np.nan), trusted)


def _to_trust(evidence: Evidence) -> np.ndarray:
    """The images (N,) that nothing speaks against; at least the half with the largest lead."""
    trusted = np.array([not doubt for doubt in doubts(evidence)])
    fewest = max(FEWEST, len(trusted) // 2)
    if trusted.sum() < fewest:
        trusted[np.argsort(evidence.rival - evidence.likeness)[:fewest]] = True
    return trusted


def evidence_of(views: Tensor, turns: np.ndarray) -> Evidence:
    """From views (N, K, SIDE, SIDE), turned further by (K,) degrees, 0 among them; all are trusted at first."""
    views, trusted = standardised(views), np.ones(len(views), bool)
    for _ in range(ROUNDS):
        evidence = _compared(views, turns, trusted)
        trusted = _to_trust(evidence)
        if (trusted == evidence.trusted).all():
            break
    return evidence
