"""The loss over an angle and over a shift away from where a registration has come to, and how far a gradient can find back.

Its derivative comes through the sampler (eq. 7), so it is that of what a kernel reads: two pixels, four, six, or none. The
BASIN is the interval from which every step downhill leads back: about as wide as a wave of what the pictures show, so that
details lead back from a pixel or two and what a coarse level shows from afar; empty under a kernel without a gradient,
whatever the loss looks like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from core.stn.geometry.kernels import KERNELS, SHARPEST
from core.stn.geometry.theta import compose
from core.stn.register.measures import Measure
from core.stn.register.pictures import Level

STEPS = 30  # offsets on each side
BROAD = 1.0  # Φ in pixels of the kernels that have one
NEAR = 3  # offsets: how far from the middle the minimum of a coarse level may be
KERNELS_ON = 1  # the level on which kernels are compared
PIXELS = 1 << 11  # that a loss reads, at most about


@dataclass(frozen=True)
class Axis:
    """One way to leave: its name, unit, how far at most, and the affine thetas (B, 2, 3) of offsets (B,)."""

    name: str
    unit: str
    most: float
    thetas: Callable[[Tensor], Tensor]


def _turned(degrees: Tensor) -> Tensor:
    angle = torch.deg2rad(degrees)
    cos, sin, nought = angle.cos(), angle.sin(), torch.zeros_like(angle)
    return torch.stack([cos, -sin, nought, sin, cos, nought], dim=-1).unflatten(-1, (2, 3))


def _shifted(right: Tensor) -> Tensor:
    one, nought = torch.ones_like(right), torch.zeros_like(right)
    return torch.stack([one, nought, right, nought, one, nought], dim=-1).unflatten(-1, (2, 3))


AXES = {
    axis.name: axis
    for axis in (Axis("angle", "°", 60.0, _turned), Axis("shift", "half short sides", 0.6, _shifted))
}  # fmt: skip


def _curves(levels: list[Level]) -> Iterator[tuple[str, str, Level, str, float]]:
    """What is compared: by kernel on one level; by level; by what a level shows and the coarser one does not."""
    compared = levels[min(KERNELS_ON, len(levels) - 1)]
    for name, row in KERNELS.items():
        yield "kernel", f"{name}, Φ = {BROAD:g}" if row.width else name, compared, name, BROAD if row.width else SHARPEST
    for level in levels:
        yield "level", f"{level.side} pixels", level, "bilinear", SHARPEST
    for coarser, level in pairwise(levels):
        yield "details", f"{level.side} pixels", level.details(coarser), "bilinear", SHARPEST


def losses_along(
    axis: Axis, level: Level, measure: Measure, theta: Tensor, kernel: str, phi: float, offsets: Tensor
) -> tuple[Tensor, Tensor]:
    """The loss of theta (1, …) at offsets (N,), and its derivative by the offset, through the sampler: (N,) each."""
    away = offsets.clone().requires_grad_()
    moved = compose(theta.expand(len(offsets), -1, -1), axis.thetas(away))
    losses = level.loss(measure, moved, kernel, phi, pixels=PIXELS)
    [slopes] = torch.autograd.grad(losses.sum(), away)
    return losses.detach(), slopes


def basin(offsets: np.ndarray, losses: np.ndarray, slopes: np.ndarray) -> tuple[float, float]:
    """The interval about the minimum near the middle in which the derivative leads back; empty where it does not."""
    first = len(offsets) // 2 - NEAR
    middle = first + int(losses[first : first + 2 * NEAR + 1].argmin())
    right = next((n for n in range(middle + 1, len(offsets)) if not slopes[n] > 0), len(offsets))
    left = next((n for n in range(middle - 1, -1, -1) if not slopes[n] < 0), -1)
    return float(offsets[left + 1]), float(offsets[right - 1])


def landscape(levels: list[Level], measure: Measure, theta: Tensor) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Curves (axis, by, what, offset, loss, slope) and basins (axis, by, what, low, high) about theta (1, …)."""
    curves, basins = [], []
    for axis in AXES.values():
        share = torch.arange(-STEPS, STEPS + 1) / STEPS
        offsets = axis.most * share * share.abs()  # closely at first: the basin of details is a pixel wide
        for by, what, level, kernel, phi in _curves(levels):
            losses, slopes = (one.numpy() for one in losses_along(axis, level, measure, theta, kernel, phi, offsets))
            row = {"axis": axis.name, "by": by, "what": what}
            curves.append(pd.DataFrame(row | {"offset": offsets.numpy(), "loss": losses, "slope": slopes}))
            low, high = basin(offsets.numpy(), losses, slopes)
            basins.append(row | {"low": low, "high": high, "width": high - low})
    return pd.concat(curves, ignore_index=True), pd.DataFrame(basins)
