"""The health of a straightening network by its trials: what it does to distortions that it never saw, against doing nothing."""

from __future__ import annotations

import pandas as pd

from core.stn.learning.diagnosis import Diagnosis
from core.stn.learning.trials import Gain, gain

SAME = 0.1  # of the spread of what was applied: what is recovered and spreads by less is the same for every photo
LONGER = "Train for longer, or choose photos that show which way is up."


def gain_of(trials: pd.DataFrame, turns: bool) -> Gain:
    """Of the angle errors against doing nothing, in degrees; of a family that cannot turn, of the grid errors in %."""
    if turns:
        return gain(trials.applied_deg.abs().to_numpy(), trials.angle_error.to_numpy())
    return _grid_gain(trials)


def _grid_gain(trials: pd.DataFrame) -> Gain:
    return gain(trials.grid_error_before.to_numpy(), trials.grid_error_after.to_numpy())


def laid_better(trials: pd.DataFrame) -> bool:
    """Whether the points of photos surely end nearer to where they belong than untouched."""
    return _grid_gain(trials).sure


def _against(measured: Gain, unit: str) -> str:
    error = f"{measured.after:.2f}{unit} in the median of {measured.trials} trials"
    return f"{error} where doing nothing gives {measured.before:.2f}{unit}"


def mirrors(trials: pd.DataFrame) -> bool:
    """Whether most photos come out mirrored."""
    return "mirrored" in trials and bool(trials.mirrored.mean() > 0.5)


def is_same(trials: pd.DataFrame, turns: bool) -> bool:
    """Whether theta is the same for every photo, nearly: what it recovers does not follow what was applied."""
    parts = ("deg",) if turns else ("scale", "shift_x", "shift_y")
    applied, recovered = ([trials[f"{which}_{part}"].std() for part in parts] for which in ("applied", "recovered"))
    return all(after < SAME * before for before, after in zip(applied, recovered, strict=True) if before > 0)


def judgement(training: Diagnosis, trials: pd.DataFrame, turns: bool) -> Diagnosis:
    """By the trials on photos of the training, then on photos that it never saw, at last as the training itself said."""
    learned, held_out = trials[trials.seen], trials[~trials.seen]
    unit, measured = "°" if turns else " %", gain_of(learned, turns)
    if mirrors(learned):
        return Diagnosis("bad", "It mirrors the photos.", "What begins mirrored does not turn back by itself.", "Start anew.")
    same = "Its θ is nearly the same for every photo." if is_same(learned, turns) else ""
    if not measured.sure:
        return Diagnosis("bad", f"Not better than doing nothing: {_against(measured, unit)}.", same, LONGER)
    if same:
        return Diagnosis("bad", same, f"The gain is that of one correction for all: {_against(measured, unit)}.", LONGER)
    if not laid_better(learned):
        return Diagnosis(
            "bad", f"Turned right and laid wrong: {_against(_grid_gain(learned), ' % of the short side')}.", "", LONGER
        )
    if len(held_out) and not gain_of(held_out, turns).sure:
        words = f"Not better than doing nothing on photos it never saw: {_against(gain_of(held_out, turns), unit)}."
        return Diagnosis("watch", words, "It has learned these photos, not which way is up.", "Train on more photos.")
    if training.level != "good":
        return training
    gained = f"a gain of {measured.in_errors:.0f} standard errors"
    return Diagnosis("good", f"Better than doing nothing: {_against(measured, unit)}, {gained}.")
