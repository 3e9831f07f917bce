"""Whether the trials of a finished run are better than a baseline that needs no network, by more than chance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.stn.learning.diagnosis import Diagnosis
from core.stn.learning.scoring import SURE


@dataclass(frozen=True)
class Gain:
    """The errors of a baseline less those of a network, paired by trial; in the unit of the errors."""

    mean: float
    se: float
    before: float  # the median error of the baseline
    after: float  # the median error of the network
    trials: int

    @property
    def in_errors(self) -> float:
        """How many standard errors the gain is above zero; infinite where every trial gained as much."""
        return self.mean / self.se if self.se else math.copysign(math.inf, self.mean) if self.mean else 0.0

    @property
    def sure(self) -> bool:
        """Better by two standard errors, and in the median as well: a few large errors undone are not enough."""
        return self.trials > 1 and self.in_errors >= SURE and self.after < self.before


def gain(baseline: np.ndarray, errors: np.ndarray) -> Gain:
    """Of errors (N,) against those of a baseline on the same trials; trials without a number are left out."""
    paired = np.asarray(baseline, float) - np.asarray(errors, float)
    measured = np.isfinite(paired)
    paired, trials = paired[measured], int(measured.sum())
    if not trials:
        return Gain(math.nan, math.nan, math.nan, math.nan, 0)
    se = float(paired.std(ddof=1) / math.sqrt(trials)) if trials > 1 else 0.0
    before, after = (float(np.median(np.asarray(values, float)[measured])) for values in (baseline, errors))
    return Gain(float(paired.mean()), se, before, after, trials)


def judged(training: Diagnosis | None, better: bool, than: str) -> Diagnosis:
    """The health of a network after its test: never good where it is not better than its baseline, else that of its training.

    `than` says both: "8.1 % where always naming the largest class errs on 50.0 %".
    """
    if not better:
        return Diagnosis("bad", f"Not surely better than its baseline: {than}.", *_reason(training))
    if training is None or training.level == "good":
        return Diagnosis("good", f"Healthy: {than}.")
    return training


def _reason(training: Diagnosis | None) -> tuple[str, str]:
    if training is None or training.level == "good":
        return "", "Train for longer, or on more."
    return training.symptom, training.change
