"""Grids of thetas that are given in a frame's own coordinates, as torch takes them."""

from __future__ import annotations

from torch import Tensor

from core.stn.geometry.frames import axes_of
from core.stn.geometry.theta import regular_grid


def grid_of(theta: Tensor, height: int, width: int) -> Tensor:
    return regular_grid(theta, *axes_of(height, width, theta))
