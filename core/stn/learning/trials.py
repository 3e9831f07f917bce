"""Whether the trials of a finished run are better than a baseline that needs no network, by more than chance."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.runs.standing import SURE
from core.stn.learning.diagnosis import Diagnosis


@dataclass(frozen=True)
class Gain:
    """The errors of a baseline less those of a network, paired by trial; in the unit of the errors."""

    mean: float
    se: float
    before: float  # the median error of the baseline
    after: float  # the median error of the network
    trials: int
    mean_before: float  # the mean error of the baseline
    failed: int = 0  # trials in which the network alone gave no number

    @property
    def in_errors(self) -> float:
        """How many standard errors the gain is above zero; infinite where every trial gained as much."""
        return self.mean / self.se if self.se else math.copysign(math.inf, self.mean) if self.mean else 0.0

    @property
    def sure(self) -> bool:
        """Better by two standard errors, and in the median as well: a few large errors undone are not enough.

        Never where the network failed to answer in a trial.
        """
        return self.trials > 1 and not self.failed and self.in_errors >= SURE and self.after < self.before


def gain(baseline: np.ndarray, errors: np.ndarray) -> Gain:
    """Of errors (N,) against those of a baseline on the same trials; trials without a number are left out."""
    baseline, errors = np.asarray(baseline, float), np.asarray(errors, float)
    paired = baseline - errors
    measured, failed = np.isfinite(paired), int((np.isfinite(baseline) & ~np.isfinite(errors)).sum())
    paired, trials = paired[measured], int(measured.sum())
    if not trials:
        return Gain(math.nan, math.nan, math.nan, math.nan, 0, math.nan, failed)
    se = float(paired.std(ddof=1) / math.sqrt(trials)) if trials > 1 else 0.0
    before, after = (float(np.median(values[measured])) for values in (baseline, errors))
    return Gain(float(paired.mean()), se, before, after, trials, float(np.mean(baseline[measured])), failed)


def judged(training: Diagnosis | None, better: bool, than: str, little: bool = False) -> Diagnosis:
    """The health of a network after its test: never good where it is not better than its baseline, else that of its training.

    `than` says both: "8.1 % where always naming the largest class errs on 50.0 %"; `little`: it is better, but not by much.
    """
    symptom = f"Not surely better than its baseline: {than}."
    if not better and training is not None and training.symptom == symptom:
        return training  # judged before
    if not better:
        return Diagnosis("bad", symptom, *_reason(training))
    if little and (training is None or training.level == "good"):
        return Diagnosis("watch", f"{LITTLE}: {than}.", "", "Train for longer, or on more.")
    if training is None or training.level == "good":
        return Diagnosis("good", f"Better than its baseline: {than}.")
    return training


LITTLE = "Little learned so far"
TRAINED_ONCE = "Each network was trained once: ± is over what was tested, and how much another seed would change is not in it"


def learned_on(device: str) -> tuple[str, ...]:
    """A sentence for a device other than the processor, which is named by no words."""
    return (f"The learning was done on {device}",) if device else ()


def notes_of(judgement: Mapping[Any, Diagnosis], no_better: Collection[Any]) -> tuple[str, ...]:
    """What was watched in the training of each network, where it was not well; of one that is no better than guessing,
    or not by much, what a headline says already is left out."""
    notes = []
    for name, diagnosis in judgement.items():
        if diagnosis.level != "good" and not diagnosis.symptom.startswith(LITTLE):
            symptom = "" if name in no_better else diagnosis.symptom
            parts = (symptom, diagnosis.why, diagnosis.change)
            notes.append(" ".join(filter(None, parts)).removesuffix("."))
    return tuple(dict.fromkeys(filter(None, notes)))


def _reason(training: Diagnosis | None) -> tuple[str, str]:
    if training is None or training.level == "good":
        return "", "Train for longer, or on more."
    return training.symptom, training.change
