"""What is watched while a network learns to straighten: a film, how far off it is by now, how it fares, its latest weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from torch import Generator, Tensor, nn

from core.stn.distortions import Distortions
from core.stn.families import FamilyName
from core.stn.film import Film
from core.stn.health import Watch
from core.stn.modules import SpatialTransformer
from core.stn.straighten import look, sides_for
from core.stn.thetas import identity, rotation_deg
from core.stn.trials import UNSEEN, bend, grid_error, turn_between
from core.stn.views import canvases_of, views
from core.stn.weights import to_file, weights_of
from core.training import History, Seen

QUESTIONS = 8  # fixed distortions that the error so far is measured on
ASK_SECONDS = 1.0  # least time between two measurements
CHECKPOINT_SECONDS = 5.0  # least time between two files of weights


class Observer:
    """Sees one network learn; everything it measures is on distortions that training does not draw."""

    def __init__(self, model: SpatialTransformer, film: Film, questions: Questions) -> None:
        self.film, self.questions = film, questions
        self.watch = Watch(model.localization, lambda images, theta: model.sampler(images, model.grid(theta)), questions.views)
        self._checkpoint_at = CHECKPOINT_SECONDS

    def __call__(self, model: nn.Module, history: History) -> Seen:
        """Everything that is due now, for the next Progress."""
        assert isinstance(model, SpatialTransformer)
        numbers: dict[str, float] = {}
        pictures: dict[str, bytes] = {}
        if (error := self.questions.ask(model, history)) is not None:
            numbers["error"] = error
        if shot := self.film.observe(model, history):
            numbers |= shot.told | {f"applied_{name}": value for name, value in self.film.applied.items()}
            pictures["straightening"] = self.film.picture(shot)
        return Seen(pictures, numbers, self.watch.see(history).words, self._checkpoint(model, history))

    def _checkpoint(self, model: SpatialTransformer, history: History) -> bytes | None:
        if history.seconds < self._checkpoint_at:
            return None
        self._checkpoint_at = history.seconds + CHECKPOINT_SECONDS
        return to_file(self.questions.family, weights_of(model.localization))


class Questions:
    """A few photos bent by fixed distortions: how far off is the network by now?"""

    def __init__(self, photos: Sequence[np.ndarray], distortions: Distortions, family: FamilyName, seed: int) -> None:
        self.family = family
        self._distortions = distortions
        self._bends = distortions.draw(QUESTIONS, Generator().manual_seed(seed + 2 * UNSEEN))
        bent = [bend(photos[number % len(photos)], theta) for number, theta in enumerate(self._bends)]
        self._canvases = canvases_of(bent)
        self._asked: list[dict[str, float]] = []

    @property
    def views(self) -> Tensor:
        """The bent photos as the network sees them first: (QUESTIONS, 1, VIEW, VIEW)."""
        return views(self._canvases, identity(QUESTIONS))

    @property
    def answers(self) -> pd.DataFrame:
        """The median error by step and second: degrees for families that turn, else % of the short side."""
        return pd.DataFrame(self._asked, columns=["step", "seconds", "error"])

    def ask(self, model: SpatialTransformer, history: History) -> float | None:
        """The median error now, at most once a second."""
        if self._asked and history.seconds - self._asked[-1]["seconds"] < ASK_SECONDS:
            return None
        training = model.training
        model.eval()
        thetas = look(model.localization, self._canvases, sides=sides_for(self._distortions.max_angle))
        model.train(training)
        error = float(np.median(self._errors(thetas)))
        self._asked.append({"step": history.steps, "seconds": history.seconds, "error": error})
        return error

    def _errors(self, thetas: Tensor) -> list[float]:
        if not self._distortions.max_angle:
            return [grid_error(bent, theta) for bent, theta in zip(self._bends, thetas, strict=True)]
        applied, recovered = rotation_deg(self._bends), -rotation_deg(thetas)
        return [turn_between(*angles) for angles in torch.stack([applied, recovered], dim=1).tolist()]
