"""The path of theta: where a classifier's transformers look, on the same images, at up to 24 stages of its training, and how
they fare meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from core.stn.datasets.images import to_jpeg
from core.stn.drawing.sheets import before_and_after, montage
from core.stn.geometry.families import FAMILIES
from core.stn.geometry.pixels import pixels_of
from core.stn.learning.health import Diagnosis, Watch, worst
from core.stn.networks.classifiers import Classifier
from core.training import History, Seen

STAGES = 24
SHOWN = 6  # images whose thetas are kept
PICTURE_SECONDS = 0.5  # least time between two pictures for the screen
_ENLARGED = 3  # screen pixels per pixel of the live picture


class Path:
    """Watches a training of so many seconds; stages come closely at first, when most is learned, then ever less often."""

    def __init__(self, images: Tensor, seconds: float, title: str) -> None:
        """`images` (N, C, side, side), 0 to 1, are looked at again and again; the title names the picture."""
        self.images, self.seconds, self.title = images, seconds, title
        self.rows: list[dict[str, float | str]] = []
        self.thetas: list[np.ndarray] = []  # each (transformers, SHOWN, *theta)
        self.steps: list[int] = []  # of the training, at each stage
        self._pictured = -PICTURE_SECONDS
        self._watches: list[Watch] = []

    @property
    def health(self) -> Diagnosis | None:
        """How the transformer that fares worst has come through; None for a network without one."""
        return worst([watch.diagnosis for watch in self._watches]) if self._watches else None

    def observe(self, model: nn.Module, history: History) -> Seen:
        """Keep a stage when one is due; a picture at most twice a second; a word on how the transformers fare."""
        assert isinstance(model, Classifier)
        if model.transformers is None:
            return Seen()
        if len(self.steps) < STAGES - 1 and history.seconds >= self._due(len(self.steps)):
            self.keep(model, history)
        self._watches = self._watches or _watches(model, self.images)
        for watch in self._watches:
            watch.see(history)
        note = self.health.words if self.health else ""
        if history.seconds - self._pictured < PICTURE_SECONDS:
            return Seen(note=note)
        self._pictured = history.seconds
        return Seen(pictures={self.title: to_jpeg(self._picture(model))}, note=note)

    def keep(self, model: Classifier, history: History) -> None:
        """One stage: mean and spread of every predicted parameter over all images, and the thetas of the first ones."""
        if model.transformers is None:
            return
        family = FAMILIES[model.spec.family]
        with _watching(model):
            thetas = model.transformers.thetas(self.images)
        for number, theta in enumerate(thetas):
            params = family.params(theta)
            means, spreads = params.mean(dim=0).tolist(), params.std(dim=0).tolist()
            for name, mean, spread in zip(family.parameters, means, spreads, strict=True):
                self.rows.append(self._row(history, number, name, mean, spread))
        self.thetas.append(torch.stack([theta[:SHOWN] for theta in thetas]).numpy())
        self.steps.append(history.steps)

    def _row(self, history: History, number: int, name: str, mean: float, spread: float) -> dict[str, float | str]:
        return {
            "stage": len(self.steps),
            "step": history.steps,
            "transformer": number + 1,
            "parameter": name,
            "mean": mean,
            "sd": spread,
        }

    def _due(self, stage: int) -> float:
        return self.seconds * (stage / STAGES) ** 2

    def _picture(self, model: Classifier) -> np.ndarray:
        """The first images above what the transformers make of them, uint8 (rows, columns, 3)."""
        images = self.images[:SHOWN]
        with _watching(model):
            seen = model.seen(images)
        return montage(before_and_after(pixels_of(images), pixels_of(seen)), _ENLARGED)


def _watches(model: Classifier, images: Tensor) -> list[Watch]:
    """One for each transformer; in depth for the first, since the others look at what it shows."""
    transformers = model.transformers
    assert transformers is not None
    looking = transformers.localizers if transformers.arrangement == "parallel" else transformers.localizers[:1]
    return [Watch(localizer, transformers.look, images, model.body.parameters()) for localizer in looking]


@contextmanager
def _watching(model: nn.Module) -> Iterator[None]:
    training = model.training
    model.eval()
    with torch.inference_mode():
        yield
    model.train(training)
