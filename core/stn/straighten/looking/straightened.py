"""A photo sampled once through the theta that makes it upright."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from core.stn.geometry.kernels import Padding
from core.stn.geometry.theta import rotation_deg
from core.stn.geometry.warping import Sampling, warp


@dataclass(frozen=True)
class Straightened:
    """A photo made upright, and by which theta."""

    image: np.ndarray  # uint8, the size of the photo
    theta: np.ndarray  # output to input, in square coordinates
    angle_deg: float  # how far the photo was turned, positive counter-clockwise; the image is turned back by as much


def apply_theta(photo: np.ndarray, theta: Tensor, padding: Padding = "border") -> Straightened:
    """Sample a photo through one theta of any kind, in square coordinates."""
    return Straightened(warp(photo, theta, Sampling(padding=padding)), theta.numpy(), -rotation_deg(theta).item())
