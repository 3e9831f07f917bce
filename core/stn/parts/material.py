"""What the networks learn from and are tested on: scenes made afresh for every step, or pictures, moved a little."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Generator, Tensor

from core.checkpoints.networks import Random
from core.runs.request import Inputs
from core.stn.datasets.distortions import Distortions
from core.stn.datasets.images import from_png
from core.stn.datasets.labelled import Labelled
from core.stn.datasets.labels import classes_of, squares
from core.stn.datasets.splits import UNSEEN, Fold, split_of
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import frame_grid
from core.stn.learning.recipe import Passes
from core.stn.parts.cues import CLASSES
from core.stn.parts.request import PartsRequest
from core.stn.parts.scenes import scenes_of

BATCH = 32  # pictures in a step
TESTED = 400  # scenes of the test
HELD_OUT = 0.25  # share of the pictures that are for the test
MOVED = Distortions(max_angle=8.0, scale=0.1, shift=0.08)  # by how much pictures are moved at most before each step
Batch = tuple[Tensor, Tensor]  # (B, C, side, side) in 0 to 1, classes (B,)


class Source(Protocol):
    """Where batches come from: the same for every network that begins with the same seed."""

    @property
    def classes(self) -> tuple[str, ...]: ...

    @property
    def test(self) -> Labelled: ...

    @property
    def tested(self) -> np.ndarray:
        """Indices of the pictures of the test; of scenes just their numbers."""

    @property
    def cues(self) -> np.ndarray:
        """(N, 2, 2) of the test, see `scenes`; (0, 2, 2) where nobody knows."""

    @property
    def learned_from(self) -> int | None:
        """How many pictures; None: without end."""

    def batches(self, seed: int) -> tuple[Iterator[Batch], Random]:
        """Batches without end, and all that they draw from."""


@dataclass(frozen=True)
class SceneSource:
    """Scenes with two cues; those of the test have other backgrounds."""

    side: int
    test: Labelled
    cues: np.ndarray
    classes: tuple[str, ...] = CLASSES
    learned_from: int | None = None

    @classmethod
    def of(cls, request: PartsRequest) -> SceneSource:
        scenes = scenes_of(TESTED, request.side, torch.Generator().manual_seed(UNSEEN + request.seed), test=True)
        return cls(request.side, Labelled(scenes.images, scenes.labels), scenes.cues.numpy())

    @property
    def tested(self) -> np.ndarray:
        return np.arange(len(self.test))

    def batches(self, seed: int) -> tuple[Iterator[Batch], Random]:
        generator = Generator().manual_seed(seed)

        def drawn() -> Iterator[Batch]:
            while True:
                scenes = scenes_of(BATCH, self.side, generator)
                yield scenes.images.float() / 255, scenes.labels

        return drawn(), generator


@dataclass(frozen=True)
class PictureSource:
    """Pictures with classes, of which some are for the test."""

    data: Labelled
    fold: Fold
    classes: tuple[str, ...]

    @classmethod
    def of(cls, request: PartsRequest, inputs: Inputs) -> PictureSource:
        classes = classes_of(request.labels)
        labels = np.array([classes.index(label) for label in request.labels])
        images = torch.from_numpy(squares([from_png(inputs[digest]) for digest in request.images], request.side))
        test = np.array(request.tested)
        own = Fold(np.flatnonzero(~test), np.flatnonzero(test)) if request.tested else None
        fold = own or split_of(labels.tolist(), HELD_OUT, request.seed)
        return cls(Labelled(images, torch.from_numpy(labels)), fold, classes)

    @property
    def test(self) -> Labelled:
        return self.data[torch.from_numpy(self.fold.test)]

    @property
    def tested(self) -> np.ndarray:
        return self.fold.test

    @property
    def cues(self) -> np.ndarray:
        return np.zeros((0, 2, 2))

    @property
    def learned_from(self) -> int | None:
        return len(self.fold.train)

    def batches(self, seed: int) -> tuple[Iterator[Batch], Random]:
        learned = self.data[torch.from_numpy(self.fold.train)]
        passes = Passes(len(learned), min(BATCH, len(learned)), Generator().manual_seed(seed))

        def drawn() -> Iterator[Batch]:
            while True:
                chosen = learned[passes.next()]
                side = chosen.images.shape[-1]
                grid = frame_grid(MOVED.draw(len(chosen), passes.generator), side, side)
                yield sample(chosen.images.float() / 255, grid, "border"), chosen.labels

        return drawn(), passes


def source_of(request: PartsRequest, inputs: Inputs) -> Source:
    return PictureSource.of(request, inputs) if request.images else SceneSource.of(request)
