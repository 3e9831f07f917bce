"""The recorder of a registration: on each level of the pyramid what the best theta shows, its numbers, and ∂L/∂θ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from core.stn.datasets.images import to_jpeg
from core.stn.geometry.families import Family
from core.stn.learning.recorder import Recorder
from core.stn.register.measures import Measure
from core.stn.register.pictures import Level, laid
from core.stn.register.views import checkerboard
from core.training import Observation, Plan

STAGES = 5  # on each level


class Descending(Protocol):
    """What is recorded: `descent.Thetas`, whose numbers (B, n) are those of thetas of a family."""

    family: Family
    numbers: Tensor


@dataclass(frozen=True)
class Seen:
    """One moment of the best of some thetas."""

    pixels: np.ndarray  # uint8 (H, W, 3): the moving picture through it
    theta: np.ndarray  # (*kind.shape), square coordinates
    names: list[str]  # of the numbers of its family
    numbers: np.ndarray  # (n,)
    slopes: np.ndarray  # (n,): the derivative of the loss by each
    loss: float


def _evenly(stage: int, stages: int) -> float:
    return stage / (stages - 1)


class LevelRecorder(Recorder[Any, Seen]):
    """Of one level; `moving` and `fixed` (H, W, 3), uint8, are what is shown."""

    def __init__(self, level: Level, measure: Measure, steps: int, moving: np.ndarray, fixed: np.ndarray) -> None:
        super().__init__(Plan(steps=steps), STAGES, due=_evenly)
        self._level, self._measure, self._moving, self._fixed = level, measure, moving, fixed

    def look(self, model: Descending) -> Seen:
        row = model.family
        with torch.enable_grad():
            numbers = model.numbers.detach().requires_grad_()
            losses = self._level.loss(self._measure, row.theta(numbers))
            [slopes] = torch.autograd.grad(losses.sum(), numbers)
        best = int(losses.argmin())
        theta = row.theta(numbers.detach())[best].numpy()
        pixels, _ = laid(self._moving, theta, (self._fixed.shape[0], self._fixed.shape[1]))
        return Seen(
            pixels,
            theta,
            list(row.parameters),
            numbers.detach()[best].numpy(),
            slopes[best].numpy(),
            float(losses[best].detach()),
        )

    def show(self, model: Descending) -> Observation:
        return Observation({"One over the other": to_jpeg(checkerboard(self.look(model).pixels, self._fixed))})
