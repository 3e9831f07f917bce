"""The result of a locate run: a box for each scene."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from core.runs.result import Result
from core.runs.standing import SURE, Standing
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
    def standing(self) -> Standing:
        missed, middle = 100 * (1 - float(self.table.found.mean())), 100 * (1 - self.found_in_the_middle)
        return Standing(missed, "% of the objects are not found", middle, "always looking at the middle", self.judgement.word)

    @property
    def found_in_the_middle(self) -> float:
        """The share of the images, 0 to 1, in which a box in the middle has found the object."""
        return float((self.table.iou_before > FOUND).mean())

    @cached_property
    def better(self) -> bool:
        """Whether its boxes lie surely better than one in the middle, and find the object in more images."""
        nearer = gain(1 - self.table.iou_before.to_numpy(), 1 - self.table.iou.to_numpy())
        share = gain(self.table.iou_before.to_numpy() <= FOUND, ~self.table.found.to_numpy(bool))
        return nearer.sure and share.mean > 0 and share.in_errors >= SURE

    @cached_property
    def judgement(self) -> Diagnosis:
        """Its health: whether its boxes lie better than one in the middle, on scenes that it learned from."""
        share, middle = float(self.table.found.mean()), self.found_in_the_middle
        than = f"found in {share:.0%} of the images where a box in the middle finds {middle:.0%}"
        return judged(None, self.better, than)

    @property
    def headline(self) -> str:
        middle = int((self.table.iou_before > FOUND).sum())
        counts = f"found in {self.table.found.sum()} of {len(self.table)} images, a box in the middle in {middle}"
        return counts if self.better else f"no better than looking at the middle: {counts}"
