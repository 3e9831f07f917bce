"""The recorder of an alignment: the mean image of the stack at up to 24 stages, evenly over the steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from core.stn.align.congealing import STEPS
from core.stn.align.poses import Poses, of_family, theta_of_poses
from core.stn.align.stack import Stack, variance
from core.stn.datasets.images import to_jpeg
from core.stn.geometry.families import FamilyName
from core.stn.geometry.pixels import picture_of
from core.stn.geometry.theta import identity
from core.stn.learning.recorder import Recorder
from core.training import History, Observation, Plan

SIDE = 128  # pixels: longest side of a recorded mean image


def _evenly(stage: int, stages: int) -> float:
    """The share of the steps from which a stage is due; the first and the last are kept before and after the descent."""
    return (stage - 1) / (stages - 2)


@dataclass(frozen=True)
class MeanImage:
    """The mean of the stack at one moment, uint8 (H, W, 3), and how much the images differ."""

    pixels: np.ndarray
    variance: float


class MeanRecorder(Recorder[Poses, MeanImage]):
    """Its first stage are the images as they are."""

    def __init__(self, photos: list[np.ndarray], family: FamilyName) -> None:
        super().__init__(Plan(steps=sum(STEPS)), due=_evenly)
        self._stack, self._family = Stack.of(photos, SIDE), family
        self.add(self.through(identity(len(photos))), History())

    def through(self, thetas: Tensor) -> MeanImage:
        """The mean image through thetas (N, 2, 3), in square coordinates."""
        views = self._stack.views(thetas)
        return MeanImage(picture_of(views.mean(dim=0)), variance(views))

    def look(self, model: Poses) -> MeanImage:
        return self.through(theta_of_poses(of_family(model(), self._family)))

    def show(self, model: Poses) -> Observation:
        return Observation({"The mean image so far": to_jpeg(self.look(model).pixels)})
