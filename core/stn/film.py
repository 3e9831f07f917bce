"""The film of a training: one bent photo, straightened by the network at up to 24 stages of its learning."""

from __future__ import annotations

import numpy as np
from PIL import Image
from torch import nn

from core.stn.anatomy import outline
from core.stn.images import to_jpeg
from core.stn.modules import SpatialTransformer
from core.stn.straighten import LOOKS, apply_theta, look
from core.stn.thetas import Parts, theta_of
from core.stn.trials import bend
from core.stn.views import canvases_of
from core.training import History

STAGES = 24
SIDE = 192  # pixels: longest side of a frame
PICTURE_SECONDS = 0.5  # least time between two pictures for the screen


class Film:
    """Watches a training of so many seconds; keeps frames closely at first, when most is learned, then ever less often."""

    def __init__(self, photo: np.ndarray, max_angle: float, seconds: float) -> None:
        small = Image.fromarray(photo)
        small.thumbnail((SIDE, SIDE))
        self.upright = np.array(small)
        bent = theta_of(Parts(rotation_deg=0.8 * max_angle, scale_x=1.1, scale_y=1.1, shift_x=0.1, shift_y=-0.08))
        self.distorted = bend(self.upright, bent.float())
        self.canvas = canvases_of([self.distorted])
        self.seconds = seconds
        self.frames: list[np.ndarray] = []
        self.thetas: list[np.ndarray] = []
        self.times: list[float] = []
        self._shown = -PICTURE_SECONDS

    def observe(self, model: nn.Module, history: History) -> dict[str, bytes]:
        """Keep a frame when one is due; a picture for the screen at most twice a second, else nothing."""
        assert isinstance(model, SpatialTransformer)
        stage_due = len(self.frames) < STAGES - 1 and history.seconds >= self._due(len(self.frames))
        picture_due = history.seconds - self._shown >= PICTURE_SECONDS
        if not stage_due and not picture_due:
            return {}
        frame, theta = self._straighten(model)
        if stage_due:
            self._keep(frame, theta, history.seconds)
        if not picture_due:
            return {}
        self._shown = history.seconds
        return {"straightening": to_jpeg(np.concatenate([outline(self.distorted, theta), frame], axis=1))}

    def finish(self, model: SpatialTransformer, history: History) -> None:
        """Keep the last frame, of the finished network."""
        frame, theta = self._straighten(model)
        self._keep(frame, theta, history.seconds)

    def _due(self, stage: int) -> float:
        return self.seconds * (stage / STAGES) ** 2

    def _straighten(self, model: SpatialTransformer) -> tuple[np.ndarray, np.ndarray]:
        training = model.training
        model.eval()
        theta = look(model.localization, self.canvas, LOOKS)[0]
        model.train(training)
        straight = apply_theta(self.distorted, theta)
        return straight.image, straight.theta

    def _keep(self, frame: np.ndarray, theta: np.ndarray, seconds: float) -> None:
        self.frames.append(frame)
        self.thetas.append(theta)
        self.times.append(seconds)
