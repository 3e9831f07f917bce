"""The verdict of a classification in words: who errs how often, and whether that is more than chance.

From the answers alone (see `scoring`). A difference counts from two standard errors on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

import numpy as np

from core.stn.learning.comparing import alike_of
from core.stn.learning.scoring import (
    Accuracy,
    accuracy,
    balanced_error,
    better_than_always,
    difference,
    fewest_for_sure,
    is_lopsided,
    largest_share,
)  # fmt: skip
from core.stn.networks.spec import TITLES, ModelName

FEW = 200  # images; below, the verdict says on how many of them networks must differ before that can be sure
_PLAIN: tuple[ModelName, ...] = ("cnn", "fcn", "modern-cnn")  # the first one that took part is the one to beat
_SPATIAL: tuple[ModelName, ...] = ("st-cnn", "st-fcn")
_ALIKE = 0.05  # parameter counts that differ by less are called as many


def reference_of(models: tuple[ModelName, ...]) -> ModelName | None:
    """The plain network that the others are compared to; None where there is none."""
    return next((name for name in _PLAIN if name in models), None)


def contender_of(models: tuple[ModelName, ...]) -> tuple[ModelName, ModelName | None]:
    """The network that the verdict is about, the first with transformers if there is one, and what it is compared to."""
    reference = reference_of(models)
    contender = next((name for name in _SPATIAL if name in models), models[0])
    if reference is None or reference == contender:
        others = [name for name in models if name != contender]
        contender, reference = contender, others[0] if others else None
    return contender, reference


def rate(measured: Accuracy) -> str:
    """ "1.4 ± 0.1 %"; where no standard error can be given, the interval in its place."""
    if measured.se:
        return f"{100 * measured.error:.1f} ± {100 * measured.se:.1f} %"
    return f"{100 * measured.error:.0f} % ({100 * (1 - measured.high):.0f} to {100 * (1 - measured.low):.0f} %)"


def _compared(answers: np.ndarray, others: np.ndarray, truth: np.ndarray) -> str:
    paired = difference(answers, others, truth)
    if paired.se == 0:
        return alike_of(answers, others, truth, "images")
    if not paired.sure:
        apart = f"{100 * abs(paired.mean):.1f} points ({abs(paired.in_errors):.1f} standard errors)"
        return f"a difference of {apart}, which chance alone could explain"
    return f"{'better' if paired.mean < 0 else 'worse'} by {abs(paired.in_errors):.0f} standard errors"


def _steps(steps: Mapping[ModelName, int], one: ModelName, other: ModelName) -> str:
    """ " (75 steps against 60)", " (75 steps each)"; nothing where they are not given."""
    if one not in steps or other not in steps:
        return ""
    same = steps[one] == steps[other]
    return f" ({steps[one]:,} steps each)" if same else f" ({steps[one]:,} steps against {steps[other]:,})"


def _contender(
    answers: Mapping[ModelName, np.ndarray],
    truth: np.ndarray,
    parameters: Mapping[ModelName, int],
    what: str,
    contender: ModelName,
    reference: ModelName | None,
    steps: Mapping[ModelName, int],
    early: bool,
) -> str:
    ours = f"On {what} the {TITLES[contender]} errs on {rate(accuracy(answers[contender], truth))}"
    if reference is None:
        return f"{ours}."
    close = abs(parameters[contender] / parameters[reference] - 1) < _ALIKE
    weights = "with as many weights" if close else f"with {parameters[reference]:,} weights against {parameters[contender]:,}"
    theirs = f"the {TITLES[reference]} {weights} on {rate(accuracy(answers[reference], truth))}"
    if early:
        return f"{ours}, {theirs}{_steps(steps, contender, reference)}."
    compared = _compared(answers[contender], answers[reference], truth)
    return f"{ours}, {theirs}: {compared}{_steps(steps, contender, reference)}."


def _modern(
    answers: Mapping[ModelName, np.ndarray],
    truth: np.ndarray,
    contender: ModelName,
    reference: ModelName | None,
    steps: Mapping[ModelName, int],
    early: bool,
) -> list[str]:
    if "modern-cnn" not in answers or "modern-cnn" in (contender, reference):
        return []
    modern = rate(accuracy(answers["modern-cnn"], truth))
    compared = "" if early else f": {_compared(answers['modern-cnn'], answers[contender], truth)}"
    return [
        f"Beside the {TITLES[contender]}, the modern CNN errs on {modern}{compared}{_steps(steps, 'modern-cnn', contender)}."
    ]


def _doubts(answers: Mapping[ModelName, np.ndarray], truth: np.ndarray) -> list[str]:
    """What the figures cannot say: that a network learned anything, and which differences so few images can show at all."""
    doubts = []
    guessing = [TITLES[name] for name, given in answers.items() if not better_than_always(given, truth)]
    if guessing:
        named = " and ".join(f"the {name}" for name in guessing)
        doubts.append(
            f"It is not sure that {named} learned more than always naming the most frequent class, "
            f"which is wrong on {100 * (1 - largest_share(truth)):.0f} %; more images or more time would tell."
        )
    pairs = [difference(given, next(iter(answers.values())), truth) for given in list(answers.values())[1:]]
    if pairs and len(truth) < FEW and not any(paired.sure for paired in pairs):
        least = f"at least {fewest_for_sure(len(truth))} of these {len(truth)} images"
        doubts.append(f"A difference can be sure only where one network errs more often than the other on {least}.")
    return doubts


def _balanced(answers: Mapping[ModelName, np.ndarray], truth: np.ndarray) -> list[str]:
    """Where one class is most of the images: how often each network errs when all classes count alike."""
    if not is_lopsided(truth):
        return []
    errors = [f"the {TITLES[name]} errs on {100 * balanced_error(given, truth):.0f} %" for name, given in answers.items()]
    share = f"{100 * largest_share(truth):.1f} % of these images are of one class"
    alike = "so that naming it always seems good: with every class counted alike (balanced error)"
    return [f"{share}, {alike}, {', '.join(errors)}."]


def _not_moved(still: Collection[ModelName], others: int) -> list[str]:
    """Whose transformers are where they began, so that what they show is the image itself."""
    one = "its transformer has not moved" + (": this difference is not its doing" if others else "")
    return [f"The {TITLES[name]} learned without it: {one}." for name in still]


def verdict(
    answers: Mapping[ModelName, np.ndarray],
    truth: np.ndarray,
    parameters: Mapping[ModelName, int],
    what: str,
    steps: Mapping[ModelName, int] = MappingProxyType({}),
    still: Collection[ModelName] = (),
    early: bool = False,
) -> str:
    """A few sentences about answers (draws, N) by model; `what` names the test images ("1,000 test digits").

    `steps` are those of the trainings, `still` the networks whose transformers have not moved; where it is too `early` to
    compare them, it is not said by how many standard errors one is better.
    """
    models = tuple(answers)
    contender, reference = contender_of(models)
    compared = _contender(answers, truth, parameters, what, contender, reference, steps, early)
    beside = [*_balanced(answers, truth), *_modern(answers, truth, contender, reference, steps, early)]
    return " ".join([compared, *beside, *_not_moved(still, len(models) - 1), *_doubts(answers, truth)])
