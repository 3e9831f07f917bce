"""The result of a locate run: a box for each scene."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd
from pydantic import Field

from core.runs.conclusion import Conclusion, Finding
from core.runs.result import Result
from core.runs.standing import SURE, Standing
from core.stn.learning.diagnosis import PATIENCE, Diagnosis
from core.stn.learning.trials import gain, judged, learned_on
from core.stn.locate.boxes import FOUND


def _share_found(overlaps: np.ndarray) -> float:
    """The share of the images, 0 to 1, in which the object is found."""
    return float((overlaps > FOUND).mean())


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
    unseen_overlaps: np.ndarray  # (M,): of scenes of the test, made of digits or pictures that it did not learn from
    device: str = ""  # that the network learned on, in words; of the processor none
    # of those scenes; older results have none
    unseen_baselines: dict[str, np.ndarray] = Field(default_factory=dict)  # (M,) each, by the names of `BASELINES`
    unseen_images: np.ndarray = np.zeros((0, 84, 84, 1), np.uint8)  # the first of them
    unseen_boxes: np.ndarray = np.zeros((0, 3))
    unseen_truth: np.ndarray = np.zeros((0, 3))
    held_back: int | None = None  # how many pictures were held back for them, 0: of one that was learned from; None: digits

    @property
    def scores(self) -> dict[str, float | int | str | None]:
        """Found means an intersection over union above FOUND with the object's own 28 × 28 pixels."""
        ious = self.table.iou
        return {
            "success": float(self.table.found.mean()),
            "baseline": _share_found(self.baseline_overlaps),
            "baseline_is": self.baseline,
            "baseline_iou_median": float(np.median(self.baseline_overlaps)),
            "health": self.judgement.word,
            "iou_mean": float(ious.mean()),
            "iou_median": float(ious.median()),
            "iou_median_unseen": float(np.median(self.unseen_overlaps)),
            "success_voted": _share_found(self.table.iou_voted.to_numpy()),
            "success_unseen": _share_found(self.unseen_overlaps),
            "steps": self.steps,
            "seconds": self.seconds,
            "images": len(self.table),
            "images_unseen": len(self.unseen_overlaps),
            "held_back": self.held_back,
        }

    @property
    def standing(self) -> Standing:
        missed, baseline = 100 * (1 - _share_found(self.overlaps)), 100 * (1 - _share_found(self.baseline_overlaps))
        return Standing(missed, "% of the objects are not found", baseline, self.baseline, *self.judgement.health)

    @property
    def overlaps(self) -> np.ndarray:
        """Those that it is judged by, (M,): of the scenes of the test, in older results of those that it learned from."""
        return self.unseen_overlaps if self.unseen_baselines else self.table.iou.to_numpy()

    @cached_property
    def baseline(self) -> str:
        """The better of the rules that need no network, by the mean overlap."""
        rules = self.unseen_baselines
        return max(rules, key=lambda name: float(rules[name].mean()), default="always looking at the middle")

    @property
    def baseline_overlaps(self) -> np.ndarray:
        """Its overlaps (M,) on the same scenes."""
        return self.unseen_baselines[self.baseline] if self.unseen_baselines else self.table.iou_before.to_numpy()

    @cached_property
    def better(self) -> bool:
        """Whether its boxes surely find the object in more images than those of the baseline, and overlap more in the mean.

        Not in the median: where the brightest square is right, in every second scene, it fits better than any network.
        """
        nearer = gain(1 - self.baseline_overlaps, 1 - self.overlaps)
        share = gain(self.baseline_overlaps <= FOUND, self.overlaps <= FOUND)
        return min(nearer.in_errors, share.in_errors) >= SURE

    @cached_property
    def judgement(self) -> Diagnosis:
        """Its health: whether its boxes lie better than those of the baseline, on the scenes of the test."""
        share, baseline = _share_found(self.overlaps), _share_found(self.baseline_overlaps)
        return judged(
            None, self.better, f"found in {100 * share:.0f} % of the images where {self.baseline} finds {100 * baseline:.0f} %"
        )

    @property
    def headline(self) -> str:
        ours, baseline = (int((overlaps > FOUND).sum()) for overlaps in (self.overlaps, self.baseline_overlaps))
        images = "images of the test" if self.unseen_baselines else "images"
        counts = f"found in {ours} of {len(self.overlaps)} {images}, {self.baseline} in {baseline}"
        if self.better:
            return counts
        if self.steps < PATIENCE:
            return f"too early to tell after {self.steps:,} steps: {counts}"
        return f"no better than {self.baseline}: {counts}"

    @cached_property
    def conclusion(self) -> Conclusion:
        """By whether it surely finds the object in more images of the test than the better rule that needs no network."""
        learned = f"It learned for {self.steps:,} steps from {len(self.table)} images, once: one seed"
        device = learned_on(self.device)
        found = "Found is an overlap above ½ with the object's own square"
        if self.better:
            return Conclusion("better", self.headline, (found, learned, *device))
        finding: Finding = "too early" if self.steps < PATIENCE else "no better"
        return Conclusion(finding, self.headline, (found, learned, *device), "longer")
