"""Add: networks learn to add two digits, each for the same time, then are tested on the same pairs."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch

from core.checkpoints.checkpoint import clock
from core.drive import in_turn
from core.runs.request import Inputs, Progress
from core.stn.add.adders import TITLES, AdderName
from core.stn.add.network import adder, answers, steadiness
from core.stn.add.pairs import Pairs, pairs_of, sums_of
from core.stn.add.recorder import SHOWN, PairRecorder
from core.stn.add.request import AddRequest
from core.stn.add.result import AddResult
from core.stn.datasets.digits import Digits, mnist, shipped
from core.stn.datasets.labelled import Labelled
from core.stn.datasets.splits import UNSEEN
from core.stn.geometry.pixels import pixels_of
from core.stn.learning.recipe import cross_entropy
from core.stn.networks.classifiers import Classifier
from core.stn.networks.stored import Weights, merged
from core.stn.networks.weights import weights_of
from core.system.device import in_words, learning_device
from core.training import History, Plan, train

BATCH = 128
RATE = 3e-3
LOCALIZING = 0.5  # rate of the localisers, as a share of it; at 0.1 two transformers look at the same thing
AVERAGE = 0.998  # decay of the mean of the weights
LEARNING = 0.9  # share of a model's time; the rest is for testing
TESTED, FEWEST_TESTED = 10_000, 2_000  # pairs of test digits at the end
TESTED_A_SECOND = 600  # of the budget, so that a short one is not outlasted by its test


def _digits(request: AddRequest, inputs: Inputs) -> Digits:
    return mnist([inputs[digest] for digest in request.mnist]) if request.mnist else shipped()


@dataclass(frozen=True)
class Measured:
    """Everything that was measured of one model."""

    answers: np.ndarray  # (TESTED,)
    history: History
    recorder: PairRecorder
    steadiness: pd.DataFrame
    weights: Weights
    seconds: float


def _groups(model: Classifier) -> list[dict[str, Any]]:
    """The localisers learn more slowly than the rest."""
    localizers = list(model.transformers.parameters()) if model.transformers is not None else []
    taken = set(map(id, localizers))
    rest = {"params": [weight for weight in model.parameters() if id(weight) not in taken]}
    return [rest, {"params": localizers, "lr": LOCALIZING}] if localizers else [rest]


def _train_and_test(request: AddRequest, name: AdderName, data: Labelled, pairs: Pairs) -> Generator[Progress, None, Measured]:
    """One model: its training, then its test; Progress is that of the model alone."""
    began = clock()
    seconds = None if request.steps else LEARNING * request.budget
    plan = Plan(steps=request.steps, seconds=seconds, lr=RATE, average=AVERAGE)
    model, recorder = adder(name, request.family, request.seed), PairRecorder(pairs, TITLES[name], plan)
    random, history = torch.Generator().manual_seed(request.seed), History()
    batches = sums_of(data, BATCH, random, plan.shares(history))
    recorder.keep(model, History())
    phase = f"{TITLES[name]} learns to add"
    yield from train(
        model, batches, cross_entropy, plan,
        phase=phase, observer=recorder, groups=_groups(model), random=random, history=history,
        device=learning_device(),
    )  # fmt: skip
    yield Progress(phase=f"{TITLES[name]} is tested", step=history.steps, total=history.steps)
    recorder.keep(model, history)
    return Measured(
        answers=answers(model, pairs),
        history=history,
        recorder=recorder,
        steadiness=steadiness(model, pairs, name),
        weights=weights_of(model),
        seconds=clock() - began,
    )


def _overall(request: AddRequest, number: int, progress: Progress) -> Progress:
    """The Progress of one model, the `number`th from 0, as that of all models."""
    count = len(request.models)
    update: dict[str, Any] = {"step": round(1000 * (number + progress.fraction)), "total": 1000 * count}
    update["seconds_left"] = (progress.seconds_left or 0.0) + (count - number - 1) * request.budget
    if progress.numbers:
        update["numbers"] = progress.numbers | {"learned": float(progress.step)}
    return progress.model_copy(update=update)


def _losses(name: AdderName, history: History) -> pd.DataFrame:
    """Seconds are shared evenly by the steps."""
    steps = np.array(history.loss_steps)
    seconds = steps * history.seconds / max(1, history.steps)
    return pd.DataFrame({"model": name, "step": steps, "seconds": seconds, "value": history.loss})


def _errors(name: AdderName, recorder: PairRecorder) -> pd.DataFrame:
    errors = [view.error for view in recorder.views]
    return pd.DataFrame({"model": name, "step": recorder.steps, "seconds": recorder.seconds, "value": errors})


def _result(request: AddRequest, measured: dict[AdderName, Measured], pairs: Pairs, seconds: float) -> AddResult:
    return AddResult(
        family=request.family,
        source=request.source,
        device=in_words(learning_device()),
        models=request.models,
        model_seconds={name: one.seconds for name, one in measured.items()},
        model_steps={name: one.history.steps for name, one in measured.items()},
        seconds=seconds,
        truth=pairs.sums.numpy(),
        answers={name: one.answers for name, one in measured.items()},
        losses=pd.concat([_losses(name, one.history) for name, one in measured.items()], ignore_index=True),
        errors=pd.concat([_errors(name, one.recorder) for name, one in measured.items()], ignore_index=True),
        steadiness=pd.concat([one.steadiness for one in measured.values()], ignore_index=True),
        example_digits=pairs.digits[:SHOWN].numpy(),
        examples=pixels_of(pairs.images[:SHOWN]),
        films={name: film for name, one in measured.items() if (film := one.recorder.film) is not None},
        film_thetas={name: film for name, one in measured.items() if (film := one.recorder.film_thetas) is not None},
        film_seconds={name: one.recorder.seconds for name, one in measured.items()},
        weights=merged({name: one.weights for name, one in measured.items()}),
    )


def pairs_in(request: AddRequest) -> int:
    """How many pairs are tested: the same for all models, and fewer in a budget below 17 seconds."""
    if request.steps:
        return TESTED
    return round(min(TESTED, max(FEWEST_TESTED, TESTED_A_SECOND * request.budget)))


def check(request: AddRequest, inputs: Inputs) -> None:
    """ImageError when the four files are not MNIST."""
    _digits(request, inputs)


def run(request: AddRequest, inputs: Inputs) -> Generator[Progress, None, AddResult]:
    """Every model in turn learns and is tested, each within `budget` seconds; all are tested on the same pairs."""
    began = clock()
    yield Progress(phase="reading the digits")
    digits = _digits(request, inputs)
    unseen = torch.Generator().manual_seed(UNSEEN + request.seed)
    pairs = pairs_of(Labelled.of(digits.test), pairs_in(request), unseen)
    models = (_train_and_test(request, name, Labelled.of(digits.train), pairs) for name in request.models)
    measured = yield from in_turn(models, partial(_overall, request))
    return _result(request, dict(zip(request.models, measured, strict=True)), pairs, clock() - began)
