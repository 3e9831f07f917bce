"""Add: networks learn to add two digits in turns, each for the same time, then are tested on the same pairs."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from core.checkpoints.checkpoint import clock
from core.drive import relayed
from core.runs.request import Inputs, Progress, Wish
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
from core.stn.learning.side_by_side import interleave
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
    learned: float  # seconds of its own turns
    recorder: PairRecorder
    steadiness: pd.DataFrame
    weights: Weights
    seconds: float  # its turns and its test

    @property
    def film_seconds(self) -> list[float]:
        """Seconds of its own turns before each stage."""
        return [seconds * self.learned / max(1e-9, self.history.seconds) for seconds in self.recorder.seconds]


def _groups(model: Classifier) -> list[dict[str, Any]]:
    """The localisers learn more slowly than the rest."""
    localizers = list(model.transformers.parameters()) if model.transformers is not None else []
    taken = set(map(id, localizers))
    rest = {"params": [weight for weight in model.parameters() if id(weight) not in taken]}
    return [rest, {"params": localizers, "lr": LOCALIZING}] if localizers else [rest]


class _Adder:
    """One model on its way."""

    def __init__(self, request: AddRequest, name: AdderName, data: Labelled, pairs: Pairs) -> None:
        self.name, self.pairs = name, pairs
        learning = None if request.steps else LEARNING * request.budget * len(request.models)  # of all: they take turns
        self._plan = Plan(steps=request.steps, seconds=learning, lr=RATE, average=AVERAGE)
        self._random, self._data, self.history = torch.Generator().manual_seed(request.seed), data, History()
        self.model, self.recorder = adder(name, request.family, request.seed), PairRecorder(pairs, TITLES[name], self._plan)

    def training(self) -> Generator[Progress, Wish | None, History]:
        self.recorder.keep(self.model, History())
        batches = sums_of(self._data, BATCH, self._random, self._plan.shares(self.history))
        return train(
            self.model, batches, cross_entropy, self._plan,
            observer=self.recorder, groups=_groups(self.model), random=self._random, history=self.history,
            device=learning_device(),
        )  # fmt: skip

    def measured(self, learned: float) -> Measured:
        """After the training, which took so many seconds of this model's turns."""
        began = clock()
        self.recorder.keep(self.model, self.history)
        return Measured(
            answers=answers(self.model, self.pairs),
            history=self.history,
            learned=learned,
            recorder=self.recorder,
            steadiness=steadiness(self.model, self.pairs, self.name),
            weights=weights_of(self.model),
            seconds=learned + clock() - began,
        )


def _losses(name: AdderName, measured: Measured) -> pd.DataFrame:
    """Seconds are shared evenly by the steps."""
    history = measured.history
    steps = np.array(history.loss_steps)
    seconds = steps * measured.learned / max(1, history.steps)
    return pd.DataFrame({"model": name, "step": steps, "seconds": seconds, "value": history.loss})


def _errors(name: AdderName, measured: Measured) -> pd.DataFrame:
    errors = [view.error for view in measured.recorder.views]
    columns = {"model": name, "step": measured.recorder.steps, "seconds": measured.film_seconds, "value": errors}
    return pd.DataFrame(columns)


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
        losses=pd.concat([_losses(name, one) for name, one in measured.items()], ignore_index=True),
        errors=pd.concat([_errors(name, one) for name, one in measured.items()], ignore_index=True),
        steadiness=pd.concat([one.steadiness for one in measured.values()], ignore_index=True),
        example_digits=pairs.digits[:SHOWN].numpy(),
        examples=pixels_of(pairs.images[:SHOWN]),
        films={name: film for name, one in measured.items() if (film := one.recorder.film) is not None},
        film_thetas={name: film for name, one in measured.items() if (film := one.recorder.film_thetas) is not None},
        film_seconds={name: one.film_seconds for name, one in measured.items()},
        weights=merged({name: one.weights for name, one in measured.items()}),
        stopped=any(one.history.stopped for one in measured.values()),
    )


def pairs_in(request: AddRequest) -> int:
    """How many pairs are tested: the same for all models, and fewer in a budget below 17 seconds."""
    if request.steps:
        return TESTED
    return round(min(TESTED, max(FEWEST_TESTED, TESTED_A_SECOND * request.budget)))


def check(request: AddRequest, inputs: Inputs) -> None:
    """ImageError when the four files are not MNIST."""
    _digits(request, inputs)


def run(request: AddRequest, inputs: Inputs) -> Generator[Progress, Wish | None, AddResult]:
    """All models learn side by side, each for `budget` seconds with its test; all are tested on the same pairs."""
    began, whole = clock(), request.size
    yield Progress(phase="reading the digits")
    digits = _digits(request, inputs)
    unseen = torch.Generator().manual_seed(UNSEEN + request.seed)
    pairs = pairs_of(Labelled.of(digits.test), pairs_in(request), unseen)
    adders = {name: _Adder(request, name, Labelled.of(digits.train), pairs) for name in request.models}

    def overall(progress: Progress) -> Progress:
        if request.steps:
            taken = sum(int(progress.numbers.get(f"step {name}", 0)) for name in request.models)
            return progress.model_copy(update={"step": taken, "total": (request.steps + 1) * len(request.models)})
        passed = min(whole, clock() - began)
        done = {"step": round(1000 * passed), "total": round(1000 * whole), "seconds_left": whole - passed}
        return progress.model_copy(update=done)

    trainings = {name: one.training() for name, one in adders.items()}
    learned = yield from relayed(interleave(trainings, "learning to add"), overall)
    measured = dict[AdderName, Measured]()
    for name, one in adders.items():
        taken = {f"step {model}": float(each.history.steps) for model, each in adders.items()}
        now = overall(Progress(phase=f"{TITLES[name]} is tested", numbers=taken))
        yield now.model_copy(update={"step": now.step + len(measured) if request.steps else now.step, "numbers": {}})
        measured[name] = one.measured(learned.seconds[name])
    return _result(request, measured, pairs, clock() - began)
