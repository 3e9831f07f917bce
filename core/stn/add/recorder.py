"""The recorder of a network that learns to add: its error and what its transformers make of a few pairs, stage by stage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core.stn.add.pairs import Pairs
from core.stn.add.pictures import coloured
from core.stn.datasets.images import to_jpeg
from core.stn.geometry.pixels import pixels_of
from core.stn.learning.recorder import Recorder
from core.stn.networks.classifiers import Classifier
from core.training import Observation, Plan

PROBED = 500  # pairs of test digits that the error is measured on
SHOWN = 6  # pairs that are kept as examples
STAGES = 16


@dataclass(frozen=True)
class Look:
    """One moment. T transformers; None where there are none."""

    error: float  # % of PROBED pairs
    outputs: np.ndarray | None  # uint8 (SHOWN, T, 2, 42, 42)
    thetas: np.ndarray | None  # (SHOWN, T, *theta)


def _stacked(arrays: list[np.ndarray | None]) -> np.ndarray | None:
    present = [array for array in arrays if array is not None]
    return np.stack(present) if present else None


class PairRecorder(Recorder[Classifier, Look]):
    """Looks at the same pairs again and again."""

    def __init__(self, pairs: Pairs, title: str, plan: Plan) -> None:
        super().__init__(plan, STAGES)
        self._images, self._sums, self._title = pairs.images[:PROBED], pairs.sums[:PROBED].numpy(), title

    def look(self, model: Classifier) -> Look:
        images = self._images[:SHOWN]
        outputs = thetas = None
        if model.transformers is not None:
            outputs = pixels_of(model.view(images).unflatten(1, (-1, 2)))
            thetas = torch.stack(model.transformers.thetas(images), dim=1).numpy()
        wrong = model(self._images).argmax(dim=1).numpy() != self._sums
        return Look(100 * float(wrong.mean()), outputs, thetas)

    def show(self, model: Classifier) -> Observation:
        """The first pairs above what the transformers make of them."""
        images = self._images[:SHOWN]
        rows = [images[:, None], model.view(images).unflatten(1, (-1, 2))] if model.transformers else [images[:, None]]
        columns = pixels_of(torch.cat(rows, dim=1))  # (SHOWN, 1 + T, 2, 42, 42)
        picture = np.concatenate([np.concatenate([coloured(view) for view in column]) for column in columns], axis=1)
        return Observation({f"what the {self._title} makes of both digits": to_jpeg(picture)})

    @property
    def film(self) -> np.ndarray | None:
        """What the transformers made of the examples: uint8 (stages, SHOWN, T, 2, 42, 42); None without transformers."""
        return _stacked([view.outputs for view in self.views])

    @property
    def film_thetas(self) -> np.ndarray | None:
        """(stages, SHOWN, T, *theta); None without transformers."""
        return _stacked([view.thetas for view in self.views])
