"""Observes a straighten run: one photo, the error so far, the health of the network.

Everything is measured under distortions that training does not draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Generator, Tensor

from core.stn.datasets.canvas import canvases_of
from core.stn.datasets.canvas_size import VIEW
from core.stn.datasets.distortions import Distortions
from core.stn.datasets.splits import UNSEEN
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import frame_grid, identity, rotation_deg, turn_between
from core.stn.geometry.warping import warp
from core.stn.learning.health import HealthMonitor
from core.stn.networks.spatial_transformer import SpatialTransformer
from core.stn.straighten.evaluation import grid_error
from core.stn.straighten.looking.familiar import familiar_of
from core.stn.straighten.looking.looks import Looking, look
from core.stn.straighten.looking.view import views
from core.stn.straighten.recorder import PhotoRecorder
from core.training import History, Observation, untouched

PROBES = 8  # fixed distortions that the error so far is measured on
PROBE_SECONDS = 1.0  # least time between two measurements


class ErrorProbe:
    """Measures the median error on the same few bent photos again and again."""

    def __init__(self, photos: Sequence[np.ndarray], distortions: Distortions, seed: int) -> None:
        self._distortions = distortions
        self._bends = distortions.draw(PROBES, Generator().manual_seed(seed + 2 * UNSEEN))
        bent = [warp(photos[number % len(photos)], theta) for number, theta in enumerate(self._bends)]
        self._canvases, self._familiar = canvases_of(bent), familiar_of(canvases_of([*photos[:PROBES]]))
        self.rows: list[dict[str, float]] = []

    @property
    def views(self) -> Tensor:
        """The bent photos as the network sees them first: (PROBES, 1, VIEW, VIEW)."""
        return views(self._canvases, identity(PROBES))

    @property
    def errors(self) -> pd.DataFrame:
        """The median error by step and second: degrees for families that turn, else % of the short side."""
        return pd.DataFrame(self.rows, columns=["step", "seconds", "error"])

    def measure(self, model: SpatialTransformer, history: History) -> float | None:
        """The median error now; None where the last measurement is less than a second old."""
        if self.rows and history.seconds - self.rows[-1]["seconds"] < PROBE_SECONDS:
            return None
        with untouched(model):
            thetas = look(model.localization, self._canvases, Looking.of(self._distortions), self._familiar)
        error = float(np.median(self._errors(thetas)))
        self.rows.append({"step": history.steps, "seconds": history.seconds, "error": error})
        return error

    def _errors(self, thetas: Tensor) -> list[float]:
        if not self._distortions.max_angle:
            return [grid_error(bent, theta) for bent, theta in zip(self._bends, thetas, strict=True)]
        applied, recovered = rotation_deg(self._bends), -rotation_deg(thetas)
        return [turn_between(*angles) for angles in torch.stack([applied, recovered], dim=1).tolist()]


class StraightenObserver:
    """Observes one network."""

    def __init__(self, model: SpatialTransformer, recorder: PhotoRecorder, probe: ErrorProbe) -> None:
        self.recorder, self.probe = recorder, probe
        self.monitor = HealthMonitor(
            model.localization, lambda images, theta: sample(images, frame_grid(theta, VIEW, VIEW)), probe.views
        )

    def observe(self, model: SpatialTransformer, history: History) -> Observation:
        """Everything that is due now, for the next Progress."""
        error = self.probe.measure(model, history)
        photo = self.recorder.observe(model, history)
        numbers = dict(photo.numbers) if error is None else {"error": error, **photo.numbers}
        note = self.monitor.diagnose(history).words
        return Observation(photo.pictures, numbers, note)

    def state(self) -> Any:
        return {"recorder": self.recorder.state(), "errors": self.probe.rows, "monitor": self.monitor.state()}

    def restore(self, state: Any) -> None:
        self.recorder.restore(state["recorder"])
        self.probe.rows = state["errors"]
        self.monitor.restore(state["monitor"])
