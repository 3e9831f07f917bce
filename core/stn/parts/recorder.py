"""The recorder of a network that learns parts: its error on pictures of the test, and where it looks, by stages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from core.stn.datasets.images import to_jpeg
from core.stn.datasets.labelled import Labelled
from core.stn.drawing.sheets import whole_rows
from core.stn.learning.recorder import Recorder
from core.stn.parts.network import PartsNetwork, answers
from core.stn.parts.pictures import COLUMNS, SHOWN, sheet, thumbnails
from core.training import Observation, Plan

PROBED = 100  # pictures of the test that the error is measured on while it learns
STAGES = 12


@dataclass(frozen=True)
class Stage:
    """One moment."""

    error: float  # % of PROBED pictures
    boxes: np.ndarray | None  # (SHOWN, n, 3); None without transformers


class PartsRecorder(Recorder[PartsNetwork, Stage]):
    """Looks at the same pictures again and again."""

    def __init__(self, test: Labelled, title: str, plan: Plan) -> None:
        super().__init__(plan, STAGES)
        self._pictures, self._labels, self._title = test.images[:PROBED], test.labels[:PROBED].numpy(), title
        self._shown = thumbnails(test.images[:SHOWN].numpy())

    def look(self, model: PartsNetwork) -> Stage:
        wrong = answers(model, self._pictures) != self._labels
        return Stage(100 * float(wrong.mean()), self._boxes(model))

    def show(self, model: PartsNetwork) -> Observation:
        boxes = self._boxes(model)
        if boxes is None:
            return Observation()
        count = whole_rows(len(boxes), COLUMNS)
        drawn = sheet(self._shown[:count], boxes[:count])
        return Observation({f"where the network with {self._title} looks": to_jpeg(drawn)})

    def _boxes(self, model: PartsNetwork) -> np.ndarray | None:
        return None if model.localiser is None else model.boxes(_floats(self._pictures[:SHOWN])).numpy()

    @property
    def film(self) -> np.ndarray | None:
        """The boxes of all stages: (stages, SHOWN, n, 3); None without transformers."""
        kept = [view.boxes for view in self.views if view.boxes is not None]
        return np.stack(kept) if kept else None


def _floats(images: Tensor) -> Tensor:
    return images.float() / 255
