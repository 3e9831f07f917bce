"""The verdict of a parts run in words: who errs how often, and what is too early to tell. What is looked at: `looking`."""

from __future__ import annotations

from core.stn.learning.comparing import alike_of
from core.stn.learning.scoring import accuracy, difference
from core.stn.parts.looks import LOOKS, TITLES, LooksName
from core.stn.parts.result import PartsResult

FEW = 200  # pictures; below, it is said how much one of them counts
_ALIKE = 0.05  # numbers of weights that differ by less are called as many


def rate(result: PartsResult, name: LooksName) -> str:
    """ "12.5 ± 2.1 %"; where no standard error can be given, the 95 % interval in its place."""
    measured = accuracy(result.answers[name][None], result.truth)
    if not measured.se:
        return f"{100 * measured.error:.0f} % ({100 * (1 - measured.high):.0f} to {100 * (1 - measured.low):.0f} %)"
    return f"{100 * measured.error:.1f} ± {100 * measured.se:.1f} %"


def _difference(result: PartsResult, contender: LooksName, name: LooksName) -> str:
    answers, others = result.answers[contender][None], result.answers[name][None]
    paired = difference(answers, others, result.truth)
    if not paired.se:
        return alike_of(answers, others, result.truth, "pictures")
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
        compared = "" if early else f": {_difference(result, contender, name)}"
        others.append(f"{TITLES[name]} {_weights(result, contender, name)} on {rate(result, name)}{after}{compared}")
    steps, seconds = result.model_steps[contender], result.model_seconds[contender]
    same = f"{steps:,} steps of each" if result.by_steps else f"{seconds:.0f} s of learning for each"
    err = "err" if LOOKS[contender].transformers > 1 else "errs"
    after = "" if result.by_steps else f" ({steps:,} steps)"
    ours = f"On {result.what}, after {same}, {TITLES[contender]} {err} on {rate(result, contender)}{after}"
    return f"{ours}; {'; '.join(others)}." if others else f"{ours}."


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
    if len(result.truth) < FEW and not result.scenes:
        sentences.append(f"With {len(result.truth)} pictures in the test, one of them is {100 / len(result.truth):.1f} points.")
    return " ".join(sentences)
