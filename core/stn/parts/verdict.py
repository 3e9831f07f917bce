"""The verdict of a parts run in words: who errs how often, what each transformer looks at, and what is too early to tell."""

from __future__ import annotations

from typing import Any

from core.runs.standing import SURE
from core.stn.learning.scoring import Difference, accuracy, difference
from core.stn.parts.looks import LOOKS, TITLES, LooksName
from core.stn.parts.result import PartsResult

FEW = 200  # pictures; below, the smallest difference that would show is named
_ALIKE = 0.05  # numbers of weights that differ by less are called as many


def rate(result: PartsResult, name: LooksName) -> str:
    """ "12.5 ± 2.1 %"; where no standard error can be given, the 95 % interval in its place."""
    measured = accuracy(result.answers[name][None], result.truth)
    if not measured.se:
        return f"{100 * measured.error:.0f} % ({100 * (1 - measured.high):.0f} to {100 * (1 - measured.low):.0f} %)"
    return f"{100 * measured.error:.1f} ± {100 * measured.se:.1f} %"


def _difference(paired: Difference) -> str:
    if not paired.se:
        return "they err on the same pictures" if not paired.mean else "the same on every picture"
    if not paired.sure:
        return f"a difference that chance could explain ({abs(paired.in_errors):.1f} standard errors)"
    return f"the former is {'better' if paired.mean < 0 else 'worse'} by {abs(paired.in_errors):.0f} standard errors"


def _weights(result: PartsResult, name: LooksName, other: LooksName) -> str:
    ours, theirs = result.parameters_of(name), result.parameters_of(other)
    return "with as many weights" if abs(theirs / ours - 1) < _ALIKE else f"with {theirs:,} weights against {ours:,}"


def _errors(result: PartsResult, contender: LooksName) -> str:
    others, early = [], result.conclusion.finding == "too early"
    for name in result.models:
        if name == contender:
            continue
        after = "" if result.by_steps else f" ({result.model_steps[name]:,} steps)"
        paired = difference(result.answers[contender][None], result.answers[name][None], result.truth)
        compared = "" if early else f": {_difference(paired)}"
        others.append(f"{TITLES[name]} {_weights(result, contender, name)} on {rate(result, name)}{after}{compared}")
    steps, seconds = result.model_steps[contender], result.model_seconds[contender]
    same = f"{steps:,} steps of each" if result.by_steps else f"{seconds:.0f} s of learning for each"
    err = "err" if LOOKS[contender].transformers > 1 else "errs"
    after = "" if result.by_steps else f" ({steps:,} steps)"
    ours = f"On {result.what}, after {same}, {TITLES[contender]} {err} on {rate(result, contender)}{after}"
    return f"{ours}; {'; '.join(others)}." if others else f"{ours}."


def found(result: PartsResult, row: Any) -> bool:
    """Whether a transformer holds a cue in surely more of the scenes than a box that never moves could."""
    count = len(result.truth)
    se = (max(row.held * (1 - row.held), 0.25 / count) / count) ** 0.5
    return bool(row.held - row.still > SURE * se)


def _of_cues(result: PartsResult, name: LooksName) -> str:
    rows = result.cue_table[result.cue_table.model == name]
    words = []
    for number, own in rows.groupby("transformer"):
        best = own.iloc[int(own.held.argmax())]
        spread = f"its place on the cue varies by ±{best.offset_sd * result.side / 2:.0f} pixels"
        held = f"the {best.cue} in {100 * best.held:.0f} % of the scenes "
        held += f"(a box that never moves: at most {100 * best.still:.0f} %; {spread})"
        words.append(f"transformer {number} {'follows' if found(result, best) else 'follows no cue: it has'} {held}")
    every = result.all_cues_held(name)
    both = f" Both cues are in some box in {100 * every:.0f} %." if every is not None and len(words) > 1 else ""
    first = f"{'; '.join(words)}.{both}"
    return first[0].upper() + first[1:]


def _of_places(result: PartsResult, name: LooksName) -> str:
    words = []
    for _, row in result.parts[result.parts.model == name].iterrows():
        spread = f"its box moves by ±{row.place_sd * result.side / 2:.0f} of {result.side} pixels"
        alike = f"its crops are {'' if row.sure else 'not surely '}more alike than those of a box that stays"
        words.append(f"transformer {row.transformer}: {spread}, {alike} (correlation {row.alike:.2f}, {row.alike_still:.2f})")
    first = "; ".join(words)
    return f"{first[0].upper()}{first[1:]}. Whether that is a part of the object is not known here: look at the crops."


def verdict(result: PartsResult) -> str:
    """A few sentences, the first of which says whether anything can be told yet."""
    if len(result.no_better) == len(result.models):
        return (
            f"Too early to tell: on {result.what} no network is surely better than always naming the largest class "
            f"({100 * result.guessing:.0f} % wrong). More time, or more pictures, would tell."
        )
    contender = result.contender
    sentences = [_errors(result, contender)]
    if result.no_better:
        names = " and ".join(TITLES[name] for name in result.no_better)
        sentences.append(f"Too early to tell for {names}: not surely better than always naming the largest class.")
    if contender in result.boxes and contender not in result.no_better:
        sentences.append(_of_cues(result, contender) if result.scenes else _of_places(result, contender))
    if len(result.truth) < FEW and not result.scenes:
        sentences.append(f"With {len(result.truth)} pictures in the test, one of them is {100 / len(result.truth):.1f} points.")
    return " ".join(sentences)
