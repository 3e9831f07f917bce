"""The coarse search: every image at a ring of angles against a template, its shift by correlation.

The gradient of pixel differences helps only where images nearly overlap; from far away a descent ends in a local minimum. Here
every angle of a ring is tried, and every shift at once by the correlation theorem; the mean of the images placed so is the next
template, until nothing changes. The result depends on the first template, so several images serve as it, and the stack with the
least variance is kept.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.checkpoints.checkpoint import clock
from core.runs.request import Progress
from core.stn.align.poses import ANGLE, SHIFT_X, SHIFT_Y, theta_of_poses
from core.stn.datasets.canvas import disc

SIDE = 16  # pixels along a side of a view; its canvases are as coarse
STEP = 5.0  # degrees between two angles
STARTS = 12  # images that serve as the first template
ROUNDS = 10  # at most: it settles after three or four
SHIFTS = 2  # pixels up, down and sideways: an eighth of a view


@dataclass(frozen=True)
class Ring:
    """All images at all angles."""

    angles: Tensor  # (K,) radians, in order, 0 among them
    spectra: Tensor  # (N, K, SIDE, SIDE // 2 + 1), of the views, each with a mean of zero and a length of one
    whole: bool  # the last angle is beside the first


@dataclass(frozen=True)
class Choice:
    """Which angle and shift were chosen for each image, and the cost of the stack."""

    turns: Tensor  # (N,), into the angles
    shifts: Tensor  # (N, 2), pixels (x, y)
    spectra: Tensor  # (N, SIDE, SIDE // 2 + 1), of the views turned and shifted so
    cost: float = math.inf


def standardised(views: Tensor) -> Tensor:
    """Views (…, H, W) inside the disc, each with a mean of zero and a length of one: their product is a correlation."""
    mask = disc(views.shape[-1])
    centred = (views - (views * mask).sum(dim=(-2, -1), keepdim=True) / mask.sum()) * mask
    return centred / centred.square().sum(dim=(-2, -1), keepdim=True).sqrt().clamp(min=1e-6)


def ring_of(views_at: Tensor, angles: Tensor, whole: bool) -> Ring:
    """From views (N, K, SIDE, SIDE) at angles (K,)."""
    return Ring(angles, torch.fft.rfft2(standardised(views_at)), whole)


def angles_of(max_angle: float) -> Tensor:
    """The ring (K,), in radians: all around from 180° on."""
    half = int(180 / STEP) if max_angle >= 180 else math.ceil(max_angle / STEP)
    steps = torch.arange(-half, half + (max_angle < 180))
    return torch.deg2rad(STEP * steps)


def turned(angle: Tensor, count: int) -> Tensor:
    """The thetas (N, 2, 3) that turn `count` images by one angle."""
    poses = torch.zeros(count, 6)
    poses[:, ANGLE] = angle
    return theta_of_poses(poses)


def by_shift(spectra: Tensor, templates: Tensor, shifts: int = SHIFTS) -> Tensor:
    """How views (…, S, S // 2 + 1) match templates at every shift, in rows, of up to so many pixels: (…, (2 shifts + 1)²)."""
    side = spectra.shape[-2]
    matches = torch.fft.irfft2(spectra * templates.conj(), s=(side, side))
    near = matches.roll((shifts, shifts), (-2, -1))[..., : 2 * shifts + 1, : 2 * shifts + 1]
    return near.flatten(-2)


def _roll(shifts: Tensor) -> Tensor:
    """Factors (N, SIDE, SIDE // 2 + 1) that move views by whole pixels (N, 2), by the shift theorem."""
    down, across = torch.fft.fftfreq(SIDE)[:, None], torch.fft.rfftfreq(SIDE)[None]
    turns = shifts[:, 1, None, None] * down + shifts[:, 0, None, None] * across
    return torch.polar(torch.ones_like(turns), -2 * math.pi * turns)


def _cost(spectra: Tensor) -> float:
    """The sum of squared differences to the mean of the stack."""
    views = torch.fft.irfft2(spectra, s=(SIDE, SIDE))
    return (views - views.mean(dim=0)).square().sum().item()


def _choose(ring: Ring, templates: Tensor, middle: int) -> Choice:
    """The angle and shift of each image that correlate most with its template (N, SIDE, SIDE // 2 + 1)."""
    best, where = by_shift(ring.spectra, templates[:, None]).max(dim=-1)  # (N, K)
    turns = best.argmax(dim=-1)  # (N,)
    if not ring.whole:  # keep the mean in the middle of the ring, so that none has to leave it
        turns = (turns - round(turns.float().mean().item() - middle)).clamp(0, len(ring.angles) - 1)
    rows = torch.arange(len(turns))
    where = where[rows, turns]
    shifts = torch.stack([where % (2 * SHIFTS + 1), where // (2 * SHIFTS + 1)], dim=-1) - SHIFTS  # (N, 2): x, y
    shifts = shifts - shifts.float().mean(dim=0).round().long()
    spectra = ring.spectra[rows, turns] * _roll(-shifts)
    return Choice(turns, shifts, spectra, _cost(spectra))


def _settle(ring: Ring, template: Tensor, middle: int) -> Choice:
    """Choose against a template, make the mean the template, and again until nothing changes."""
    choice = _choose(ring, template.expand(len(ring.spectra), -1, -1), middle)
    for _ in range(ROUNDS):
        others = (choice.spectra.sum(dim=0) - choice.spectra) / (len(choice.spectra) - 1)  # each without itself
        following = _choose(ring, others, middle)
        if following.cost >= choice.cost:
            break
        choice = following
    return choice


def _poses(ring: Ring, choice: Choice) -> Tensor:
    """Poses (N, 6) with a mean angle of zero; on a whole ring the mean direction."""
    angles = ring.angles[choice.turns]
    mean = torch.atan2(torch.sin(angles).mean(), torch.cos(angles).mean()) if ring.whole else angles.mean()
    poses = torch.zeros(len(angles), 6)
    poses[:, ANGLE] = torch.remainder(angles - mean + math.pi, 2 * math.pi) - math.pi
    shifts = choice.shifts * (2 / SIDE)
    poses[:, SHIFT_X], poses[:, SHIFT_Y] = shifts[:, 0], shifts[:, 1]
    return poses


def search(ring: Ring, seed: int, until: float) -> Generator[Progress, None, Tensor]:
    """The poses (N, 6) of the tightest stack that is reached before the monotonic clock reached `until`."""
    count, middle = len(ring.spectra), int(ring.angles.abs().argmin())
    upright = ring.spectra[:, middle]
    order = np.random.default_rng(seed).permutation(count)[:STARTS]
    templates = [upright.mean(dim=0), *upright[torch.from_numpy(order)]]
    best: Choice | None = None
    for number, template in enumerate(templates):
        if best and clock() > until:
            break
        choice = _settle(ring, template, middle)
        best = choice if best is None or choice.cost < best.cost else best
        yield Progress(phase="trying a ring of angles", step=number + 1, total=len(templates))
    assert best is not None
    return _poses(ring, best)
