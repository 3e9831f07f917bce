"""What to take from a straightening: whether photos lie better after it than untouched, by its trials."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import pandas as pd

from core.runs.conclusion import Conclusion, Finding
from core.runs.standing import SURE
from core.stn.learning.diagnosis import PATIENCE, Diagnosis
from core.stn.learning.trials import Gain
from core.stn.straighten.baseline.judgement import gain_of, is_same, laid_better, mirrors

HARDLY, PARTLY = 0.9, 0.5  # of the error without the network: what leaves more of it does hardly anything, or a part
STRAIGHT = 2.0  # degrees, or % of the short side: what is off by more is not straight


class Straightened(Protocol):
    """What is read of a result of a straightening."""

    @property
    def trials(self) -> pd.DataFrame: ...
    @property
    def turns(self) -> bool: ...
    @property
    def steps(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def gain(self) -> Gain: ...
    @property
    def judgement(self) -> Diagnosis: ...


def _sizes(gain: Gain, turns: bool) -> tuple[str, str]:
    """The errors with and without the network."""
    unit = "°" if turns else " % of the picture"
    digits = 2 if gain.after < 10 else 1
    return f"{gain.after:.{digits}f}{unit}", f"{gain.before:.1f}{'°' if turns else ' %'}"


def conclusion(result: Straightened) -> Conclusion:
    """The headline by the trials on photos of the training, then by those on photos that it never saw."""
    finding, headline = _found(result)
    gain, judgement = result.gain, result.judgement
    settled = finding == "better" and gain.after <= STRAIGHT
    return Conclusion(finding, headline, tuple(_support(result, judgement)), None if settled else "longer")


def _found(result: Straightened) -> tuple[Finding, str]:
    gain, learned = result.gain, result.trials[result.trials.seen]
    error, nothing = _sizes(gain, result.turns)
    both = f"{error} median, untouched {nothing}"
    if mirrors(learned):
        return "worse", "it mirrors the photos"
    if not gain.sure:
        if result.steps < PATIENCE:
            return "too early", f"too early to tell after {result.steps:,} steps: {both}"
        if gain.in_errors <= -SURE:
            return "worse", f"worse than doing nothing: {both}"
        return "no better", f"no better than doing nothing: {both}"
    if result.steps < PATIENCE and gain.after > PARTLY * gain.before:
        return "too early", f"too early to tell after {result.steps:,} steps: {both}"
    if gain.after > HARDLY * gain.before:
        return "no better", f"hardly better than doing nothing: {both}"
    if is_same(learned, result.turns):
        return "no better", f"one correction for every photo: {both}"
    if not laid_better(learned):
        return "no better", f"turned right, but laid wrong: {both}"
    of = " angle" if result.turns else ""
    median = f"{error} median{of} error, untouched {nothing}"
    held_out = result.trials[~result.trials.seen]
    if len(held_out) and not (unseen := gain_of(held_out, result.turns)).sure:
        new, untouched = _sizes(unseen, result.turns)
        return "no better", f"{median}, but not surely on photos it never saw: {new}, untouched {untouched}"
    if gain.after > STRAIGHT:
        return "better", f"better, but not yet straight: {both}"
    return "better", median


def _support(result: Straightened, judgement: Diagnosis) -> Iterable[str]:
    gain = result.gain
    if gain.trials > 1 and gain.se:
        unit = "°" if result.turns else " %"
        yield (
            f"Over {gain.trials} trials it gains {gain.mean:.2f} ± {gain.se:.2f}{unit} in the mean, of the "
            f"{gain.mean_before:.2f}{unit} that doing nothing gives in the mean"
        )
    yield f"It learned for {result.steps:,} steps; one training, so how much another seed would change is not in these numbers"
    if judgement.level != "good" and (words := " ".join(filter(None, (judgement.why, judgement.change)))):
        yield words.removesuffix(".")
