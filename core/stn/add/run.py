"""Addition: the networks learn to add two digits, each for the same time, then are tested."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from core.runs.request import Inputs, Progress
from core.stn.add.pairs import TITLES, AdderName, Pairs, adder, answers, pairs_of, steadiness, sums_of
from core.stn.add.recorder import SHOWN, Watch
from core.stn.add.request import AddRequest, source
from core.stn.add.result import AddResult
from core.stn.datasets.digits import Digits, mnist, shipped
from core.stn.datasets.labelled import Labelled
from core.stn.geometry.pixels import pixels_of
from core.stn.learning.recipe import cross_entropy
from core.stn.networks.classifiers import Classifier
from core.training import History, Plan, train

BATCH = 128
RATE = 3e-3
LOCALIZING = 0.5  # rate of the localisers, as a share of it; at 0.1 two transformers look at the same thing
AVERAGE = 0.998  # decay of the mean of the weights
LEARNING = 0.9  # share of a model's time; the rest is for testing
TESTED = 10_000  # pairs of test digits at the end
_UNSEEN = 1_000_003  # far from the seeds that training uses


def _digits(request: AddRequest, inputs: Inputs) -> Digits:
    return mnist([inputs[digest] for digest in request.mnist]) if request.mnist else shipped()


@dataclass(frozen=True)
class Taught:
    """Everything that was found out about one model."""

    answers: np.ndarray  # (TESTED,)
    history: History
    watch: Watch
    steadiness: pd.DataFrame
    weights: dict[str, np.ndarray]
    seconds: float


def _teach(
    request: AddRequest, name: AdderName, data: Labelled, pairs: Pairs, began: float
) -> Generator[Progress, None, Taught]:
    """Train and test one model; its Progress is that of the whole run."""
    started = time.monotonic()
    seconds = None if request.steps else LEARNING * request.budget
    plan = Plan(steps=request.steps, seconds=seconds, lr=RATE, average=AVERAGE)
    model, watch = adder(name, request.family, request.seed), Watch(pairs, TITLES[name], plan)
    batches = sums_of(data, BATCH, torch.Generator().manual_seed(request.seed), _Clock(plan))
    phase = f"{TITLES[name]} learns to add"
    watch.keep(model, History())
    training = train(model, batches, cross_entropy, plan, phase=phase, observe=watch.observe, groups=_groups(model))
    history = yield from _of_all(training, request, name)
    yield Progress(phase=f"{TITLES[name]} is tested", step=request.models.index(name) + 1, total=len(request.models))
    watch.keep(model, history)
    return Taught(
        answers=answers(model, pairs),
        history=history,
        watch=watch,
        steadiness=steadiness(model, pairs, name),
        weights={key: np.array(value.numpy(), order="C") for key, value in model.state_dict().items()},
        seconds=time.monotonic() - started,
    )


class _Clock:
    """The share of a training that is over, whenever a batch is asked for."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.steps, self.began = plan, -1, time.monotonic()

    def __call__(self) -> float:
        self.steps += 1
        by_steps = self.steps / self.plan.steps if self.plan.steps else 0.0
        by_time = (time.monotonic() - self.began) / self.plan.seconds if self.plan.seconds else 0.0
        return max(by_steps, by_time)


def _groups(model: Classifier) -> list[dict[str, Any]]:
    """The localisers learn more slowly than the rest."""
    localizers = list(model.transformers.parameters()) if model.transformers is not None else []
    taken = set(map(id, localizers))
    rest = {"params": [weight for weight in model.parameters() if id(weight) not in taken]}
    return [rest, {"params": localizers, "lr": LOCALIZING}] if localizers else [rest]


def _of_all(
    part: Generator[Progress, None, History], request: AddRequest, name: AdderName
) -> Generator[Progress, None, History]:
    """The Progress of one model's training as that of all models."""
    before, count = request.models.index(name), len(request.models)
    try:
        while True:
            progress = next(part)
            left = (progress.seconds_left or 0.0) + (count - before - 1) * request.budget
            numbers = progress.numbers | {"learned": float(progress.step)}
            share = round(1000 * (before + progress.fraction))
            yield progress.model_copy(
                update={"numbers": numbers, "step": share, "total": 1000 * count, "seconds_left": left}
            )  # fmt: skip
    except StopIteration as end:
        return end.value


def _result(request: AddRequest, taught: dict[AdderName, Taught], pairs: Pairs, seconds: float) -> AddResult:
    return AddResult(
        family=request.family,
        source=source(request),
        models=request.models,
        model_seconds={name: one.seconds for name, one in taught.items()},
        model_steps={name: one.history.steps for name, one in taught.items()},
        seconds=seconds,
        truth=pairs.sums.numpy(),
        answers={name: one.answers for name, one in taught.items()},
        losses=pd.concat([_losses(name, one.history) for name, one in taught.items()], ignore_index=True),
        errors=pd.concat([_errors(name, one.watch) for name, one in taught.items()], ignore_index=True),
        steadiness=pd.concat([one.steadiness for one in taught.values()], ignore_index=True),
        example_digits=pairs.digits[:SHOWN].numpy(),
        examples=pixels_of(pairs.images[:SHOWN]),
        films={name: np.stack(one.watch.seen) for name, one in taught.items() if one.watch.seen},
        film_thetas={name: np.stack(one.watch.thetas) for name, one in taught.items() if one.watch.thetas},
        film_seconds={name: one.watch.times for name, one in taught.items()},
        weights={f"{name}/{key}": value for name, one in taught.items() for key, value in one.weights.items()},
    )


def _losses(name: AdderName, history: History) -> pd.DataFrame:
    """Seconds are shared evenly by the steps."""
    steps = np.array(history.loss_steps)
    seconds = steps * history.seconds / max(1, history.steps)
    return pd.DataFrame({"model": name, "step": steps, "seconds": seconds, "value": history.loss})


def _errors(name: AdderName, watch: Watch) -> pd.DataFrame:
    return pd.DataFrame({"model": name, "step": watch.steps, "seconds": watch.times, "value": watch.errors})


def check(request: AddRequest, inputs: Inputs) -> None:
    """ImageError when the four files are not MNIST."""
    _digits(request, inputs)


def run(request: AddRequest, inputs: Inputs) -> Generator[Progress, None, AddResult]:
    """Every model in turn learns and is tested, each within `budget` seconds; all are tested on the same pairs."""
    began = time.monotonic()
    yield Progress(phase="reading the digits")
    digits = _digits(request, inputs)
    unseen = torch.Generator().manual_seed(_UNSEEN + request.seed)
    pairs = pairs_of(Labelled.of(digits.test), TESTED, unseen)
    taught: dict[AdderName, Taught] = {}
    for name in request.models:
        taught[name] = yield from _teach(request, name, Labelled.of(digits.train), pairs, began)
    return _result(request, taught, pairs, time.monotonic() - began)
