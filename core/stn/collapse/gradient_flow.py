"""What reaches the grid and theta of the gradient: the share of points and of images at which it is exactly zero.

The sampler's derivative ∂V/∂(x_s, y_s) (Jaderberg et al. 2015, eq. 6 and 7) is taken on a fixed batch, at the points that the
network looks at now; it does not depend on the loss. ∂L/∂θ does.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.stn.collapse.network import Batch, difference
from core.stn.geometry.frames import centres
from core.stn.geometry.theta import compose, move
from core.stn.networks.spatial_transformer import SpatialTransformer
from core.training import untouched

LATTICE = 7  # points along a side by which the error is measured


@dataclass(frozen=True)
class Flow:
    """One measurement on a fixed batch. Shares from 0 to 1."""

    step: int
    loss: float
    error: float  # half sides: how far a point of the output is from where it should look, the mean; nan where θ is no number
    outside: float  # of the points of the grid
    dead: float  # of the points, those with ∂V/∂x_s = ∂V/∂y_s = 0 exactly
    dead_inside: float  # the same of the points inside the image; nan where there are none
    blind: float  # of the images, those with ∂L/∂θ = 0 exactly


def _slopes(model: SpatialTransformer, bent: Tensor, grid: Tensor) -> Tensor:
    """∂V/∂(x_s, y_s) at every point of a grid (B, H, W, 2), of the same shape: every point has a pixel of V of its own."""
    grid = grid.detach().requires_grad_()
    sampled = model.sampler(bent, grid)
    [slopes] = torch.autograd.grad(sampled.sum(), grid)
    return slopes


def _of_loss(model: SpatialTransformer, batch: Batch, theta: Tensor) -> Tensor:
    """∂L/∂θ, of the shape of θ."""
    theta = theta.detach().requires_grad_()
    [slope] = torch.autograd.grad(difference(model.sampler(batch.bent, model.grid(theta)), batch.upright), theta)
    return slope


def _off(batch: Batch, theta: Tensor) -> float:
    """The mean distance between a point and where the whole, bend and θ, takes it."""
    line = centres(LATTICE)
    points = torch.cartesian_prod(line, line).flip(-1)[None].expand(len(theta), -1, -1)
    return float((move(compose(batch.thetas, theta), points) - points).norm(dim=-1).mean())


def _share(those: Tensor) -> float:
    return float(those.float().mean())  # nan of none


def measured(model: SpatialTransformer, batch: Batch, step: int) -> Flow:
    """Measure a network now; it stays as it is."""
    with untouched(model):
        theta = model.localization(batch.bent)
        grid = model.grid(theta)
        loss = float(difference(model.sampler(batch.bent, grid), batch.upright))
    still = (_slopes(model, batch.bent, grid) == 0).all(-1)  # (B, H, W)
    outside = ~(grid.abs().amax(-1) <= 1)  # where θ is no number, too
    return Flow(
        step=step,
        loss=loss,
        error=_off(batch, theta),
        outside=_share(outside),
        dead=_share(still),
        dead_inside=_share(still[~outside]),
        blind=_share((_of_loss(model, batch, theta) == 0).flatten(1).all(1)),
    )
