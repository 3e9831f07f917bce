"""The recorder of a straighten run: one bent photo, as the network straightens it at up to 24 stages of its learning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from torch import Generator, Tensor

from core.stn.datasets.canvas import canvases_of
from core.stn.datasets.distortions import Distortions
from core.stn.datasets.images import to_webp
from core.stn.drawing.grid_overlay import grid_on, margined
from core.stn.geometry.pixels import shrunk
from core.stn.geometry.theta import Parts, inverse_parts, mean_scale, parts
from core.stn.geometry.warping import warp
from core.stn.learning.recorder import Recorder
from core.stn.networks.spatial_transformer import SpatialTransformer
from core.stn.straighten.evaluation import grid_error
from core.stn.straighten.looking.familiar import familiar_of
from core.stn.straighten.looking.looks import Looking, look
from core.stn.straighten.looking.straightened import Straightened, apply_theta
from core.training import Observation, Plan

_CANDIDATES, _CHOSEN = 64, 48  # distortions that are drawn; ordered by strength, the one that is used


@dataclass(frozen=True)
class Look:
    """The photo at one moment."""

    straight: Straightened
    recovered: Parts  # what the network predicts had been done to the photo


def _strong_distortion(distortions: Distortions) -> Tensor:
    """A theta that bends a photo further than most, but not most of all; the same every time."""
    thetas = distortions.draw(_CANDIDATES, Generator().manual_seed(0))
    return thetas[sorted(range(_CANDIDATES), key=lambda number: grid_error(thetas[number]))[_CHOSEN]]


def _in_numbers(motion: Parts) -> dict[str, float]:
    """Degrees; a factor; half short sides."""
    return {"turn_deg": motion.rotation_deg, "scale": mean_scale(motion), "shift_x": motion.shift_x, "shift_y": motion.shift_y}


class PhotoRecorder(Recorder[SpatialTransformer, Look]):
    """Follows one photo under one fixed distortion that training does not draw."""

    def __init__(self, photo: np.ndarray, distortions: Distortions, plan: Plan) -> None:
        super().__init__(plan)
        self.upright = shrunk(photo)
        self.bent = _strong_distortion(distortions)
        self.distorted = warp(self.upright, self.bent)
        self._canvas = canvases_of([self.distorted])
        self._looking, self._familiar = Looking.of(distortions), familiar_of(canvases_of([self.upright]))

    @property
    def applied(self) -> dict[str, float]:
        """The distortion of the photo, with the keys of `path`."""
        return _in_numbers(parts(self.bent))

    @property
    def path(self) -> pd.DataFrame:
        """What the network predicts had been done to it, stage by stage."""
        return pd.DataFrame([{"seconds": stage.seconds} | _in_numbers(stage.view.recovered) for stage in self.stages])

    def look(self, model: SpatialTransformer) -> Look:
        theta = look(model.localization, self._canvas, self._looking, self._familiar)[0]
        return Look(apply_theta(self.distorted, theta), inverse_parts(theta))

    def show(self, model: SpatialTransformer) -> Observation:
        """The bent photo with the grid where the network looks, beside what it sees there."""
        now = self.look(model)
        sides = [grid_on(self.distorted, now.straight.theta, "clear"), margined(now.straight.image, "clear")]
        numbers = _in_numbers(now.recovered) | {f"applied_{name}": value for name, value in self.applied.items()}
        return Observation({"straightening": to_webp(np.concatenate(sides, axis=1))}, numbers)
