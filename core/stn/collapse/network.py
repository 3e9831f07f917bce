"""The training of a panel: a bent image, the image that it was, and the difference in pixels, which alone trains the network.

Unlike Straighten it has nothing that keeps it from breaking: the sampler reads the bent image itself, and what is learned from
is the plain difference, without a penalty for looking outside (Jaderberg et al. 2015, section 3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from core.stn.collapse.settings import Setting
from core.stn.datasets.canvas import canvases_of, disc
from core.stn.datasets.canvas_size import EXTENT
from core.stn.datasets.distortions import Distortions
from core.stn.geometry.families import FamilyName
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import frame_grid, identity
from core.stn.networks.spatial_transformer import GridGenerator, LocalizationNetwork, Sampler, SpatialTransformer

SIDE = 32  # pixels of an image
BATCH = 32
CHANNELS, HIDDEN = (8, 16, 32), 32  # of the localisation network
BESIDE = 3.0  # half sides: where the start "outside" looks
LEVELS = 3  # of the average pyramid in the loss


@dataclass(frozen=True)
class Batch:
    """Bent images, what they were, and by what they were bent."""

    bent: Tensor  # (B, 1, SIDE, SIDE)
    upright: Tensor  # (B, 1, SIDE, SIDE)
    thetas: Tensor  # (B, 2, 3): bent(u) = photo(theta u)


class Bender:
    """Bends one photo: what lies outside the square that is shown is the photo's own, as far as it goes."""

    def __init__(self, photo: np.ndarray, family: FamilyName, max_angle: float) -> None:
        """`photo` is uint8 (H, W, 3)."""
        self.canvas = functional.avg_pool2d(canvases_of([photo]).pixels, 2)  # (1, 1, 64, 64), reaches EXTENT
        self.distortions = Distortions.of(family, max_angle)
        self.upright = self._seen(identity())

    def _seen(self, thetas: Tensor) -> Tensor:
        return sample(self.canvas.expand(len(thetas), -1, -1, -1), frame_grid(thetas, SIDE, SIDE) / EXTENT)

    def bent(self, count: int, generator: Generator) -> Batch:
        thetas = self.distortions.draw(count, generator)
        return Batch(self._seen(thetas), self.upright.expand(count, -1, -1, -1), thetas)

    def batches(self, generator: Generator) -> Iterator[Batch]:
        """Fresh batches without end."""
        while True:
            yield self.bent(BATCH, generator)


def untrained(setting: Setting, family: FamilyName, seed: int) -> SpatialTransformer:
    """The network of a panel before its first step; equal seeds give equal weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        localization = LocalizationNetwork(family, SIDE, channels=CHANNELS, hidden=HIDDEN)
        if setting.start == "random":
            nn.Linear.reset_parameters(localization.params)
    if setting.start == "outside":
        row = localization.params.family
        shifted = identity()
        shifted[:, 0, 2] = BESIDE
        with torch.no_grad():
            localization.params.bias.copy_(row.params(shifted)[0])
    return SpatialTransformer(localization, GridGenerator(SIDE, SIDE), Sampler(setting.padding, setting.kernel))


def difference(output: Tensor, upright: Tensor) -> Tensor:
    """The mean difference inside the disc that every turn keeps, over a pyramid of averages: L1."""
    rest, loss = (output - upright) * disc(SIDE).to(output.device), output.new_zeros(())
    for _ in range(LEVELS):
        loss = loss + rest.abs().mean()
        rest = functional.avg_pool2d(rest, 2)
    return loss / LEVELS


def loss_of(model: nn.Module, batch: Batch) -> Tensor:
    output, _ = model(batch.bent)
    return difference(output, batch.upright)
