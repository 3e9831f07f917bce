"""Networks that answered the same test: which errs less, or why it is too early to say so.

A winner is named only where both have learned: where the better one errs on at most half of what guessing errs on, and
neither ended after a few hundred steps with much still wrong. One that hardly errs after as many steps as the other is better
so far, and the steps are named. All from the test and the steps of the training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.runs.conclusion import Finding, NextStep
from core.stn.learning.diagnosis import PATIENCE
from core.stn.learning.scoring import accuracy, better_than_always, difference, largest_share

LITTLE = 0.5  # of guessing's error: with more still wrong only a little was learned
MUCH = 0.1  # of guessing's error: with less still wrong a network has learned, however few its steps
ALIKE = 1.25  # ratio of steps up to which they count as the same


@dataclass(frozen=True)
class Answered:
    """One network after its test."""

    title: str  # with its article where it needs one: "the CNN"
    answers: np.ndarray  # (draws, N)
    steps: int  # of one training; of several folds, of each
    still: bool = False  # whether it has transformers, and none has moved
    plural: bool = False

    @property
    def errs(self) -> str:
        return f"{self.title} {'err' if self.plural else 'errs'}"

    def error(self, truth: np.ndarray) -> float:
        return accuracy(self.answers, truth).error

    def rate(self, truth: np.ndarray) -> str:
        """ "15.6 ± 0.8 %"; where no standard error can be given, the 95 % interval in its place."""
        return rate_of(self.answers, truth)


def rate_of(answers: np.ndarray, truth: np.ndarray) -> str:
    """ "15.6 ± 0.8 %" of answers (draws, N) are wrong; where no standard error can be given, the 95 % interval."""
    measured = accuracy(answers, truth)
    if measured.se:
        return f"{100 * measured.error:.1f} ± {100 * measured.se:.1f} %"
    return f"{100 * measured.error:.0f} % ({100 * (1 - measured.high):.0f} to {100 * (1 - measured.low):.0f} %)"


def alike_of(answers: np.ndarray, others: np.ndarray, truth: np.ndarray, images: str) -> str:
    """Of two networks whose errors differ by the same on every image, so that no standard error can be given: how they err."""
    if mean := difference(answers, others, truth).mean:
        return f"{'better' if mean < 0 else 'worse'} by as much on every one of the {images}"
    return f"they err on the same {images}" if accuracy(answers, truth).error else f"neither errs on any of the {images}"


@dataclass(frozen=True)
class Outcome:
    """What the test says: for a `Conclusion`."""

    finding: Finding
    headline: str
    next_step: NextStep | None


def outcome(networks: Sequence[Answered], truth: np.ndarray) -> Outcome:
    """Of the first network against the second, or against guessing; the others stand beside them. truth is (N,)."""
    first, guessing = networks[0], 1 - largest_share(truth)
    errors = f"{_errors(networks, truth)} wrong, guessing {100 * guessing:.0f} %"
    unsure = [one for one in networks if not better_than_always(one.answers, truth)]
    after = _after(networks)
    if len(unsure) == len(networks):
        if min(one.steps for one in networks) < PATIENCE:
            return Outcome("too early", f"too early to tell: no better than guessing {after} ({errors})", "longer")
        return Outcome("no better", f"no better than guessing: {errors}, {after}", "longer")
    if min(one.error(truth) for one in networks) > LITTLE * guessing:
        which = " which is better" if len(networks) > 1 else ""
        return Outcome("too early", f"too early to tell{which}: {errors}, {after}", "longer")
    if len(networks) == 1:
        return Outcome("better", errors, "another seed")
    pair = networks[:2]
    learned = [one.error(truth) <= MUCH * guessing for one in pair]
    short = any(one.steps < PATIENCE and not well for one, well in zip(pair, learned, strict=True))
    so_far = short and any(learned) and steps_alike(pair)
    if short and not so_far:
        return Outcome("too early", f"too early to tell which is better: {errors}, {after}", _more(networks))
    if first.still and first.steps < PATIENCE:
        unmoved = f"too early to tell what a transformer adds, as it has not moved: {errors}, {after}"
        return Outcome("too early", unmoved, "longer")
    return _compared(first, networks[1], truth, errors, after, so_far)


def _compared(first: Answered, second: Answered, truth: np.ndarray, errors: str, after: str, so_far: bool) -> Outcome:
    paired = difference(first.answers, second.answers, truth)
    if not paired.sure:
        return Outcome("no better", f"no sure difference: {errors}", "longer")
    less = paired.mean < 0
    unlike = "" if steps_alike((first, second)) else f" in the same time, {after}"
    finding: Finding = "better" if less else "worse"
    step: NextStep = "longer" if so_far else _more((first, second)) if unlike else "another seed"
    unlike = f" so far, {after}" if so_far else unlike
    still = ", though no transformer has moved" if first.still else ""
    headline = f"{first.errs} {'less' if less else 'more'} than {second.title}{unlike}{still}: {errors}"
    return Outcome(finding, headline, step)


def _more(networks: Sequence[Answered]) -> NextStep:
    """As many steps for all as the one with most had, where that is enough; else more time."""
    most = max(one.steps for one in networks)
    return "longer" if steps_alike(networks) or most < PATIENCE else most


def steps_alike(networks: Sequence[Answered]) -> bool:
    """Whether all took about as many steps."""
    steps = [one.steps for one in networks]
    return max(steps) <= ALIKE * min(steps)


def _errors(networks: Sequence[Answered], truth: np.ndarray) -> str:
    words = []
    for one in networks:
        doubt = "" if better_than_always(one.answers, truth) else " (no better than guessing)"
        words.append(f"{one.title.removeprefix('the ')} {one.rate(truth)}{doubt}")
    return ", ".join(words)


def _after(networks: Sequence[Answered]) -> str:
    """ "after 140 steps each", "after 878 and 140 steps" """
    steps = [f"{one.steps:,}" for one in networks]
    if len(set(steps)) == 1:
        return f"after {steps[0]} steps{' each' if len(steps) > 1 else ''}"
    return f"after {', '.join(steps[:-1])} and {steps[-1]} steps"


def learned_little(answers: np.ndarray, truth: np.ndarray) -> bool:
    """Whether answers (draws, N) have more than half of the errors of guessing."""
    return accuracy(answers, truth).error > LITTLE * (1 - largest_share(truth))
