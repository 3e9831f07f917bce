"""The result of a registration: theta, how far it is believed, the film, the landscape of the loss, and the other ways."""

from __future__ import annotations

from dataclasses import asdict
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from core.runs.conclusion import Conclusion, Finding
from core.runs.result import Result, rows_of
from core.runs.standing import Standing
from core.stn.geometry.families import FamilyName
from core.stn.geometry.in_words import Moved, moved_by
from core.stn.geometry.kinds import in_frame
from core.stn.learning.belief import BELIEVED
from core.stn.learning.diagnosis import Diagnosis
from core.stn.register.measures import MeasureName

DESCENT, NOTHING = "gradient descent", "doing nothing"


class RegisterResult(Result):
    """Where the moving picture lies over the fixed one. S stages, n numbers of theta."""

    family: FamilyName
    measure: MeasureName
    seconds: float
    theta: np.ndarray  # (*kind.shape), square coordinates: the fixed picture's to the moving picture's
    truth: np.ndarray  # of any kind, if it is known; else (0,)
    likeness: float  # mean correlation of the details, where both pictures are
    return_pixels: float  # how far the corners are moved there and back, by a registration each way
    belief: float  # the probability that the corner error is at most `evidence.RIGHT`
    overlap: float  # share of the fixed picture that the moving one covers
    ways: pd.DataFrame  # way, corner_error (pixels; NaN where the truth is not known), unlikeness (1 - correlation), seconds
    moving: np.ndarray  # uint8 (H', W', 3)
    fixed: np.ndarray  # uint8 (H, W, 3)
    laid: np.ndarray  # uint8 (H, W, 3): the moving picture over the fixed one's frame
    inside: np.ndarray  # bool (H, W): where it is
    film: np.ndarray  # uint8 (S, h, w, 3): the moving picture as it comes to lie
    film_levels: list[int]  # pixels of the longer side on the level of each stage
    film_steps: list[int]  # of descent on its level
    film_seconds: list[float]
    film_losses: list[float]
    slopes: pd.DataFrame  # stage, number, value, slope: each ∂L/∂θ
    curves: pd.DataFrame  # axis, by, what, offset, loss, slope: see `landscape`
    basins: pd.DataFrame  # axis, by, what, low, high, width

    @property
    def believed(self) -> bool:
        return self.belief >= BELIEVED

    @property
    def frame_theta(self) -> np.ndarray:
        """Theta as `warp --theta` takes it: of matrices in the moving picture's normalised coordinates."""
        height, width = self.moving.shape[:2]
        return in_frame(self.theta, width, height)

    @cached_property
    def moved(self) -> Moved | None:
        """What theta does to the moving picture; None where it is singular."""
        return moved_by(self.theta)

    @property
    def in_words(self) -> str:
        where = "" if self.theta.shape == (2, 3) else " at the centre"
        return self.moved.words + where if self.moved else "laid onto a line: θ is singular"

    @property
    def errors(self) -> dict[str, float]:
        """The corner error in pixels by way; nothing unless the truth is known."""
        measured = self.ways[self.ways.corner_error.notna()]
        return dict(zip(measured.way, measured.corner_error, strict=True))

    @cached_property
    def judgement(self) -> Diagnosis:
        """Its health: whether it is believed, and why not."""
        details = f"the details correlate by {self.likeness:.2f}"
        there = f"there and back points move by {self.return_pixels:.1f} pixels"
        if self.believed:
            return Diagnosis("good", f"Believed ({100 * self.belief:.0f} %): {details}, and {there}.")
        return Diagnosis(
            "bad",
            f"Not believed ({100 * self.belief:.0f} %): {details}, and {there}.",
            "Pictures of one scene, laid rightly, correlate in their details, and both ways agree.",
            "Try another family, a larger angle, or points to begin with, and pictures of one thing.",
        )

    @property
    def standing(self) -> Standing:
        errors, unlike = self.errors, dict(zip(self.ways.way, self.ways.unlikeness, strict=True))
        error, unit = (errors, "pixels at the corners") if errors else (unlike, "1 − correlation")
        return Standing(error[DESCENT], unit, error[NOTHING], NOTHING, *self.judgement.health)

    @property
    def scores(self) -> dict[str, Any]:
        return {
            "theta": self.frame_theta.tolist(),
            "moved": asdict(self.moved) if self.moved else None,
            "in_words": self.in_words,
            "believed": self.believed,
            "belief": self.belief,
            "likeness": self.likeness,
            "return_pixels": self.return_pixels,
            "overlap": self.overlap,
            "health": self.judgement.word,
            "seconds": self.seconds,
            "ways": rows_of(self.ways),
        }

    @property
    def headline(self) -> str:
        doubt = "" if self.believed else "not believed: "
        sure = f"details correlate by {self.likeness:.2f}, there and back {self.return_pixels:.1f} pixels"
        if errors := self.errors:
            sure = f"{errors[DESCENT]:.2f} pixels off at the corners, untouched {errors[NOTHING]:.1f}"
        return f"{doubt}{self.in_words}; {sure}"

    @cached_property
    def conclusion(self) -> Conclusion:
        """By whether it is believed and, where the truth is known, whether it lies nearer than untouched."""
        errors, words = self.errors, self.judgement.words.removesuffix(".")
        worse = bool(errors) and errors[DESCENT] >= errors[NOTHING]
        finding: Finding = "worse" if worse else "better" if self.believed else "no better"
        return Conclusion(finding, self.headline, (words,))
