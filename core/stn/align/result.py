"""The result of an alignment: a theta for each image, and the mean image before and after."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from core.runs.conclusion import BY_WORD, Conclusion, Finding
from core.runs.result import Result
from core.runs.standing import Standing
from core.stn.geometry.families import FamilyName
from core.stn.learning.diagnosis import Diagnosis
from core.stn.learning.trials import gain, judged

ALIGNED_VARIANCE = 1e-5  # variance: a stack below this is one image many times; half a grey level is 4e-6
EVIDENCE = ("likeness", "rival")
THETA = ("a11", "a12", "a13", "a21", "a22", "a23")


def spread_of(angles_deg: np.ndarray) -> float:
    """The median absolute deviation of angles in degrees, whole turns left out."""
    middle = np.angle(np.exp(1j * np.deg2rad(angles_deg)).mean(), deg=True)
    away = (angles_deg - middle + 180) % 360 - 180
    return float(np.median(np.abs(away - np.median(away))))


class AlignResult(Result):
    """The pose of every image, the stack before and after, and how the mean image became sharp."""

    family: FamilyName
    seconds: float
    steps: int
    variance_before: float  # of brightness from 0 to 1
    variance_after: float
    sharpness_before: float  # gradient energy of the mean image
    sharpness_after: float
    # name, angle_deg, scale, shift_x, shift_y, residual, ok, why, a11 … a23; apart_before, apart_after: how far from the mean
    # of the others (`stack.apart`); likeness, rival, rival_deg (`evidence.Evidence`); turned_deg if known
    images: pd.DataFrame
    thetas: np.ndarray  # (N, 2, 3): from the common view to each image, normalised coordinates of each frame
    before: dict[str, np.ndarray]  # "0", "1", …: uint8 (H, W, 3)
    after: dict[str, np.ndarray]
    mean_before: np.ndarray  # uint8 (H, W, 3)
    mean_after: np.ndarray
    film: np.ndarray  # uint8 (stages, H, W, 3): the mean image becoming sharp
    film_variance: list[float]
    film_seconds: list[float]

    @property
    def scores(self) -> dict[str, Any]:
        """The stack before and after, and a row for every image; the spread of the angles where they are known."""
        evidence = [name for name in EVIDENCE if name in self.images]  # older results have none
        rows = self.images[["name", "angle_deg", "scale", "residual", *evidence, "ok", "why"]].to_dict("records")
        thetas = self.thetas.tolist()
        scores = {
            "baseline": self.variance_before,
            "baseline_is": "doing nothing",
            "health": self.judgement.word,
            "variance_before": self.variance_before,
            "variance_after": self.variance_after,
            "sharpness_before": self.sharpness_before,
            "sharpness_after": self.sharpness_after,
            "flagged": self.flagged,
            "seconds": self.seconds,
            "images": [row | {"theta": theta} for row, theta in zip(rows, thetas, strict=True)],
        }
        return scores | self.spread

    @property
    def standing(self) -> Standing:
        return Standing(self.variance_after, "variance", self.variance_before, "doing nothing", *self.judgement.health)

    @property
    def spread(self) -> dict[str, float]:
        """How much the angles scatter, median absolute deviation in degrees; nothing unless they are known."""
        if "turned_deg" not in self.images:
            return {}
        turned = self.images.turned_deg.to_numpy()
        left = turned - self.images.angle_deg.to_numpy()
        return {"angle_spread_before_deg": spread_of(turned), "angle_spread_after_deg": spread_of(left)}

    @cached_property
    def judgement(self) -> Diagnosis:
        """Its health: whether the images lie nearer to the mean of the others than untouched, and than laid otherwise.

        Unknown for older results.
        """
        than = f"variance {self.variance_after:.4f} where doing nothing leaves {self.variance_before:.4f}"
        if "apart_before" not in self.images:
            return Diagnosis("watch", f"How sure it is was not measured: {than}.")
        nearer = gain(self.images.apart_before.to_numpy(), self.images.apart_after.to_numpy())
        if nearer.sure and not self._agree:
            likeness, rival = (float(self.images[name].median()) for name in EVIDENCE)
            how_like = f"they are as like one another ({likeness:.2f}) as laid otherwise ({rival:.2f})"
            return Diagnosis("bad", f"The images have nothing in common: {how_like}; {than}.", "", "Take images of one kind.")
        return judged(None, nearer.sure, than)

    @property
    def _agree(self) -> bool:
        """Whether the images are surely more like one another than they would be laid otherwise; also where nobody measured it.

        The variance falls among noise as well: it is that of the very images that were laid on each other.
        """
        if "rival" not in self.images:
            return True
        return gain(1 - self.images.rival.to_numpy(), 1 - self.images.likeness.to_numpy()).sure

    @property
    def flagged(self) -> int:
        """How many images do not agree with the others; `why` says of each what speaks against it."""
        return int((~self.images.ok).sum())

    @property
    def already_aligned(self) -> bool:
        """Whether the images lay on top of each other to begin with."""
        return self.variance_before < ALIGNED_VARIANCE

    @property
    def gain(self) -> float:
        """By which share the variance fell."""
        return 0.0 if self.already_aligned else 1 - self.variance_after / self.variance_before

    @property
    def headline(self) -> str:
        if self.already_aligned:
            return "they lie on top of each other already"
        flagged = f", {self.flagged} of {len(self.images)} flagged" if self.flagged else ""
        found = f"variance down by {100 * self.gain:.0f} %" if self.gain > 0 else "variance not lower than untouched"
        known = self.spread
        angles = (
            f", angles scatter by {known['angle_spread_after_deg']:.1f}° in place of {known['angle_spread_before_deg']:.1f}°"
            if known
            else ""
        )
        return f"{self._doubted}{found}{angles}{flagged}"

    @cached_property
    def conclusion(self) -> Conclusion:
        """By whether the images lie surely nearer to the mean of the others, and than laid otherwise."""
        if self.already_aligned:
            return Conclusion("measured", self.headline)
        judgement = self.judgement
        support = [f"{len(self.images)} images, {self.steps:,} steps in {self.seconds:.0f} s"]
        if self.spread:
            support.append(
                "The angles are known, as the lab turned the images itself: scatter is the median absolute deviation"
            )
        if judgement.level != "good":
            support.append(judgement.words.removesuffix("."))
        finding: Finding = "no better" if judgement.level == "bad" else BY_WORD[judgement.word]
        return Conclusion(finding, self.headline, tuple(support), "longer" if finding != "better" else None)

    @property
    def _doubted(self) -> str:
        """What stands before a number that is no result; empty where it is one, or nobody measured it."""
        if self.judgement.level != "bad":
            return ""
        return "no better than doing nothing: " if self._agree else "no better than laid otherwise: "
