"""The result of a locate run: a box for each scene."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from core.runs.result import Result
from core.stn.learning.diagnosis import Diagnosis
from core.stn.learning.trials import gain, judged
from core.stn.locate.boxes import FOUND


class LocateResult(Result):
    """Where the network looks in every image, how it learned that, and how well it fits the object's own box."""

    what: str  # "sevens", or what the uploads are
    clutter: bool
    voting: bool
    seconds: float
    steps: int
    weights: dict[str, np.ndarray]
    loss_steps: list[int]
    loss: list[float]
    images: np.ndarray  # uint8 (N, 84, 84, C)
    truth: np.ndarray  # (N, 3): boxes (s, x, y), see `locate.boxes`
    boxes: np.ndarray  # (N, 3): at the end
    film: np.ndarray  # (stages, N, 3)
    film_steps: list[int]
    film_overlaps: np.ndarray  # (stages, N): intersection over union
    table: pd.DataFrame  # image, x, y, side (pixels), true_x, true_y, iou_before, iou_voted, iou, found
    unseen_overlaps: np.ndarray  # (M,): of scenes that training never saw

    @property
    def scores(self) -> dict[str, float | int | str]:
        """Found means an intersection over union above FOUND with the object's own 28 × 28 pixels."""
        ious = self.table.iou
        return {
            "success": float(self.table.found.mean()),
            "baseline": self.found_in_the_middle,
            "baseline_is": "always looking at the middle",
            "health": self.judgement.word,
            "iou_mean": float(ious.mean()),
            "iou_median": float(ious.median()),
            "success_voted": float((self.table.iou_voted > FOUND).mean()),
            "success_unseen": float((self.unseen_overlaps > FOUND).mean()),
            "steps": self.steps,
            "seconds": self.seconds,
            "images": len(self.table),
        }

    @property
    def found_in_the_middle(self) -> float:
        """The share of the images, 0 to 1, in which a box in the middle has found the object."""
        return float((self.table.iou_before > FOUND).mean())

    @cached_property
    def judgement(self) -> Diagnosis:
        """Its health: whether its boxes lie better than one in the middle, on scenes that it learned from."""
        missed = gain(1 - self.table.iou_before.to_numpy(), 1 - self.table.iou.to_numpy())
        share, middle = float(self.table.found.mean()), self.found_in_the_middle
        than = f"found in {share:.0%} of the images where a box in the middle finds {middle:.0%}"
        return judged(None, missed.sure and share > middle, than)

    @property
    def headline(self) -> str:
        middle = int((self.table.iou_before > FOUND).sum())
        return f"found in {self.table.found.sum()} of {len(self.table)} images, a box in the middle in {middle}"
