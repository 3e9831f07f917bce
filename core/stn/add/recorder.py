"""What is recorded while the adders learn: errors and pictures at the stages of the training."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from core.stn.add.pairs import Pairs
from core.stn.add.pictures import coloured
from core.stn.datasets.images import to_jpeg
from core.stn.geometry.pixels import pixels_of
from core.stn.networks.classifiers import Classifier
from core.training import History, Plan

PROBED = 500  # pairs of test digits at the stages of the training
SHOWN = 6  # pairs that are kept as examples
STAGES = 16
PICTURE_SECONDS = 0.5  # least time between two pictures for the screen


class Watch:
    """Looks at the same pairs at up to 16 stages of a training: what transformers make of them, how many sums are wrong."""

    def __init__(self, pairs: Pairs, title: str, plan: Plan) -> None:
        self.images, self.sums, self.title, self.plan = pairs.images[:PROBED], pairs.sums[:PROBED].numpy(), title, plan
        self.seen: list[np.ndarray] = []  # each uint8 (SHOWN, T, 2, 42, 42)
        self.thetas: list[np.ndarray] = []  # each (SHOWN, T, *theta)
        self.steps: list[int] = []
        self.times: list[float] = []
        self.errors: list[float] = []  # %
        self._shown = -PICTURE_SECONDS

    def observe(self, model: nn.Module, history: History) -> dict[str, bytes]:
        """Keep a stage when one is due; a picture at most twice a second, else nothing."""
        assert isinstance(model, Classifier)
        by_steps = history.steps / self.plan.steps if self.plan.steps else 0.0
        share = max(by_steps, history.seconds / self.plan.seconds if self.plan.seconds else 0.0)
        if len(self.steps) < STAGES - 1 and share >= (len(self.steps) / STAGES) ** 2:
            self.keep(model, history)
        if history.seconds - self._shown < PICTURE_SECONDS:
            return {}
        self._shown = history.seconds
        return {f"what the {self.title} makes of both digits": to_jpeg(self._picture(model))}

    @torch.no_grad()
    def keep(self, model: Classifier, history: History) -> None:
        """One stage."""
        images = self.images[:SHOWN]
        if model.transformers is not None:
            self.seen.append(pixels_of(model.seen(images).unflatten(1, (-1, 2))))
            self.thetas.append(torch.stack(model.transformers.thetas(images), dim=1).numpy())
        wrong = model(self.images).argmax(dim=1).numpy() != self.sums
        self.errors.append(100 * float(wrong.mean()))
        self.steps.append(history.steps)
        self.times.append(history.seconds)

    @torch.no_grad()
    def _picture(self, model: Classifier) -> np.ndarray:
        """The first pairs above what the transformers make of them: uint8 (rows, columns, 3)."""
        images = self.images[:SHOWN]
        rows = [images[:, None], model.seen(images).unflatten(1, (-1, 2))] if model.transformers else [images[:, None]]
        columns = pixels_of(torch.cat(rows, dim=1))  # (SHOWN, 1 + T, 2, 42, 42)
        return np.concatenate([np.concatenate([coloured(view) for view in column]) for column in columns], axis=1)
