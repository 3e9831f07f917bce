"""The mean image of a stack at the stages of its alignment."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from core.stn.align.congealing import STEPS
from core.stn.align.poses import Poses, of_family, theta_of_poses
from core.stn.align.stack import Stack, to_pixels, variance
from core.stn.datasets.images import to_jpeg
from core.stn.geometry.families import FamilyName
from core.stn.geometry.theta import identity
from core.training import History

FILM_SIDE, STAGES = 128, 24


class Film:
    """Watches the poses while they are learned; keeps the mean image at up to STAGES stages."""

    def __init__(self, photos: list[np.ndarray], family: FamilyName) -> None:
        self.stack = Stack.of(photos, FILM_SIDE)
        self.family = family
        self.frames: list[np.ndarray] = []
        self.variances: list[float] = []
        self.seconds: list[float] = []
        self.keep(identity(len(photos)), 0.0)

    def observe(self, model: nn.Module, history: History) -> dict[str, bytes]:
        """Keep a frame when one is due, evenly over the steps; the screen sees the same."""
        assert isinstance(model, Poses)
        if len(self.frames) >= STAGES - 1 or history.steps * (STAGES - 2) < (len(self.frames) - 1) * sum(STEPS):
            return {}
        with torch.no_grad():
            self.keep(theta_of_poses(of_family(model(), self.family)), history.seconds)
        return {"The mean image so far": to_jpeg(self.frames[-1])}

    def keep(self, thetas: Tensor, seconds: float) -> None:
        """The mean image through thetas (N, 2, 3), in square coordinates."""
        seen = self.stack.seen(thetas)
        self.frames.append(to_pixels(seen.mean(dim=0)))
        self.variances.append(variance(seen))
        self.seconds.append(seconds)
