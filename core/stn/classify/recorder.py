"""Observes a classifier in training: the thetas of its transformers on the same test images, and their health."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.stn.datasets.images import to_jpeg
from core.stn.drawing.sheets import before_and_after, montage
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.kernels import KERNELS
from core.stn.geometry.pixels import pixels_of
from core.stn.learning.diagnosis import Diagnosis, without_gradient, worst
from core.stn.learning.health import HealthMonitor
from core.stn.learning.recorder import Recorder, Stage
from core.stn.networks.classifiers import Classifier, Transformers
from core.training import History, Observation, Plan

SHOWN = 6  # images whose thetas are kept
_ENLARGED = 3  # screen pixels per pixel of the live picture


class ThetaRecorder(Recorder[Classifier, list[Tensor]]):
    """Keeps the thetas (N, …) of every transformer; only for networks that have transformers."""

    def __init__(self, images: Tensor, family: FamilyName, plan: Plan, title: str) -> None:
        """`images` (N, C, side, side), 0 to 1, are looked at again and again; the title names the picture."""
        super().__init__(plan)
        self.images, self._family, self._title = images, FAMILIES[family], title

    def look(self, model: Classifier) -> list[Tensor]:
        assert model.transformers is not None
        return model.transformers.thetas(self.images)

    def show(self, model: Classifier) -> Observation:
        """The first images above what the transformers make of them."""
        images = self.images[:SHOWN]
        rows = before_and_after(pixels_of(images), pixels_of(model.view(images)))
        return Observation({self._title: to_jpeg(montage(rows, _ENLARGED))})

    @property
    def thetas(self) -> np.ndarray:
        """Those of the first images: (stages, transformers, SHOWN, …)."""
        return np.stack([torch.stack([theta[:SHOWN] for theta in thetas]).numpy() for thetas in self.views])

    @property
    def rows(self) -> list[dict[str, float | str]]:
        """Mean and spread of every predicted parameter over all images, stage by stage."""
        return [row for number, stage in enumerate(self.stages) for row in self._rows_of(number, stage)]

    def _rows_of(self, number: int, stage: Stage[list[Tensor]]) -> list[dict[str, float | str]]:
        rows: list[dict[str, float | str]] = []
        for transformer, theta in enumerate(stage.view, start=1):
            params = self._family.params(theta)
            means, spreads = params.mean(dim=0).tolist(), params.std(dim=0).tolist()
            for name, mean, spread in zip(self._family.parameters, means, spreads, strict=True):
                moment = {"stage": number, "step": stage.step, "transformer": transformer}
                rows.append({**moment, "parameter": name, "mean": mean, "sd": spread})
        return rows


def _monitors(transformers: Transformers, images: Tensor, rest: list[nn.Parameter]) -> list[HealthMonitor]:
    """One for each transformer; in depth for the first, since the others look at what it shows."""
    localizers = transformers.localizers if transformers.arrangement == "parallel" else transformers.localizers[:1]
    return [HealthMonitor(localizer, transformers.look, images, rest) for localizer in localizers]


class ClassifierObserver:
    """Observes one network that has transformers."""

    def __init__(self, model: Classifier, recorder: ThetaRecorder) -> None:
        assert model.transformers is not None
        self.recorder = recorder
        self._kernel = KERNELS[model.spec.kernel]
        self._monitors = _monitors(model.transformers, recorder.images, list(model.body.parameters()))

    @property
    def health(self) -> Diagnosis:
        """The most serious diagnosis among the transformers."""
        if not self._kernel.learns:
            return without_gradient(self._kernel.name)
        return worst(monitor.diagnosis for monitor in self._monitors)

    def observe(self, model: Classifier, history: History) -> Observation:
        """A picture when one is due, and the diagnosis as the note."""
        picture = self.recorder.observe(model, history)
        for monitor in self._monitors:
            monitor.diagnose(history)
        return Observation(picture.pictures, note=self.health.words)

    def state(self) -> Any:
        return {"recorder": self.recorder.state(), "monitors": [monitor.state() for monitor in self._monitors]}

    def restore(self, state: Any) -> None:
        self.recorder.restore(state["recorder"])
        for monitor, own in zip(self._monitors, state["monitors"], strict=True):
            monitor.restore(own)

    def keep(self, model: Classifier, history: History) -> None:
        """The last picture and the last diagnosis, after the training."""
        self.recorder.keep(model, history)
        for monitor in self._monitors:
            monitor.measure(history)
