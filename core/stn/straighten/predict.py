"""Straighten a photo with the network of a run: predict theta several times, compose, sample the photo once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from core.stn.datasets.canvas import Canvases, canvases_of
from core.stn.geometry.kernels import Padding
from core.stn.geometry.theta import Parts, compose, identity, move, rotation_deg, theta_of
from core.stn.geometry.warping import Sampling, warp
from core.stn.straighten.checkpoint import localization_from
from core.stn.straighten.result import LOOKS, StraightenResult
from core.stn.straighten.view import views

SETTLING = 2  # predictions from each side before these are compared
ASTRAY = 0.5  # square coordinates: larger distances between two thetas count as this one
_CORNERS = torch.tensor([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])


@dataclass(frozen=True)
class Straightened:
    """A photo made upright, and by which theta."""

    image: np.ndarray  # uint8, the size of the photo
    theta: np.ndarray  # output to input, in square coordinates
    angle_deg: float  # how far the photo was turned, positive counter-clockwise; the image is turned back by as much


def _composed(localization: nn.Module, canvases: Canvases, theta: Tensor, looks: int) -> Tensor:
    for _ in range(looks):
        theta = compose(theta, localization(views(canvases, theta)))
    return theta


def _agreed(localization: nn.Module, canvases: Canvases, sides: int) -> Tensor:
    """Of the answers from all sides the one that the others come nearest to.

    A network that mistakes some turned photos for upside-down ones does so at some angles only; these differ from side to side.
    """
    photos = len(canvases)
    turns = torch.stack([theta_of(Parts(rotation_deg=360 * side / sides)) for side in range(sides)]).float()
    many = canvases[torch.arange(photos).repeat_interleave(sides)]
    theta = _composed(localization, many, turns.repeat(photos, 1, 1), SETTLING)
    corners = move(theta, _CORNERS.expand(len(theta), -1, -1)).view(photos, sides, 4, 2)
    apart = (corners[:, :, None] - corners[:, None]).norm(dim=-1).mean(-1).clamp(max=ASTRAY)  # (B, sides, sides)
    return theta.view(photos, sides, *theta.shape[1:])[torch.arange(photos), apart.sum(-1).argmin(-1)]


@torch.inference_mode()
def look(localization: nn.Module, canvases: Canvases, looks: int = LOOKS, sides: int = 1) -> Tensor:
    """The thetas (B, …), in square coordinates, that straighten the photos (inverse composition, Lin & Lucey 2017)."""
    theta = identity(len(canvases))
    if sides > 1:
        theta, looks = _agreed(localization, canvases, sides), looks - SETTLING
    return _composed(localization, canvases, theta, looks)


def apply_theta(photo: np.ndarray, theta: Tensor, padding: Padding = "border") -> Straightened:
    """Sample a photo through one theta of any kind, in square coordinates."""
    return Straightened(warp(photo, theta, Sampling(padding=padding)), theta.numpy(), -rotation_deg(theta).item())


def straighten(result: StraightenResult, photo: np.ndarray, *, padding: Padding = "border") -> Straightened:
    """Make a photo (H, W, 3), uint8 and of any size, upright with the weights of a run."""
    localization = localization_from(result.family, result.weights)
    return apply_theta(photo, look(localization, canvases_of([photo]), sides=result.sides)[0], padding)
