"""The recorder of a locate run: where the network looks in every scene, at up to 24 stages of its learning."""

from __future__ import annotations

import numpy as np

from core.stn.datasets.images import to_jpeg
from core.stn.drawing.sheets import whole_rows
from core.stn.learning.recorder import Recorder
from core.stn.locate.boxes import overlap
from core.stn.locate.network import Locator
from core.stn.locate.pictures import COLUMNS, sheet
from core.stn.locate.scenes import Scenes
from core.training import Observation, Plan

SHOWN = 12  # scenes on the live picture


class BoxRecorder(Recorder[Locator, np.ndarray]):
    """Keeps the boxes (N, 3)."""

    def __init__(self, scenes: Scenes, plan: Plan) -> None:
        super().__init__(plan)
        self.scenes, self._grey = scenes, scenes.grey
        self.pixels = scenes.images.movedim(1, -1).numpy()  # (N, 84, 84, C)
        self.truth = scenes.boxes.numpy()

    def look(self, model: Locator) -> np.ndarray:
        boxes: np.ndarray = model(self._grey).numpy()
        return boxes

    def show(self, model: Locator) -> Observation:
        count = whole_rows(min(SHOWN, len(self.pixels)), COLUMNS)
        return Observation({"where it looks": to_jpeg(sheet(self.pixels, self.look(model), self.truth, count))})

    @property
    def film(self) -> np.ndarray:
        """The boxes of all stages: (stages, N, 3)."""
        return np.stack(self.views)

    @property
    def overlaps(self) -> np.ndarray:
        """Intersection over union (stages, N) with the objects' own boxes."""
        return overlap(self.film, self.truth)
