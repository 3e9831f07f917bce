"""How a collapse run goes: the same small training in every panel, turn by turn, each measured on the same images."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import pandas as pd
from torch import Generator as Random

from core.drive import relayed
from core.errors import ImageError, TrainingDiverged
from core.runs.request import Inputs, Progress, Wish
from core.stn.collapse.network import Bender, loss_of, untrained
from core.stn.collapse.observer import PanelObserver, broken_in_words
from core.stn.collapse.reasons import broke_at
from core.stn.collapse.request import CollapseRequest
from core.stn.collapse.result import CollapseResult
from core.stn.collapse.settings import Setting
from core.stn.datasets.images import from_png, is_flat
from core.stn.learning.side_by_side import interleave
from core.stn.networks.spatial_transformer import SpatialTransformer
from core.system.device import in_words, learning_device
from core.training import History, Plan, train


def check(request: CollapseRequest, inputs: Inputs) -> None:
    """ImageError for a photo of one flat colour, on which nothing can be learned."""
    if is_flat(from_png(inputs[request.image])):
        raise ImageError(f"{request.name} is one flat colour, on which nothing can be learned; choose another photo")


def _trained(
    request: CollapseRequest, setting: Setting, model: SpatialTransformer, bender: Bender, observer: PanelObserver
) -> Generator[Progress, Wish | None, History]:
    """One panel to its end, or until its loss is no longer a number."""
    random, history = Random().manual_seed(request.seed), History()
    plan = Plan(steps=request.steps, lr=setting.rate, report_seconds=0.0)
    try:
        yield from train(
            model, bender.batches(random), loss_of, plan,
            observer=observer, random=random, history=history, device=learning_device(),
        )  # fmt: skip
    except TrainingDiverged as error:
        observer.diverged = str(error)
        model.eval()
    observer.measure(model, history)
    return history


def run(request: CollapseRequest, inputs: Inputs) -> Generator[Progress, Wish | None, CollapseResult]:
    """Train all panels, a step of one after a step of another."""
    yield Progress(phase="setting up the networks")
    bender = Bender(from_png(inputs[request.image]), request.family, request.max_angle)
    models = {letter: untrained(setting, request.family, request.seed) for letter, setting in request.named.items()}
    observers = {letter: PanelObserver(letter, model, bender, request.steps, request.seed) for letter, model in models.items()}
    trainings = {
        letter: _trained(request, setting, models[letter], bender, observers[letter])
        for letter, setting in request.named.items()
    }

    def overall(progress: Progress) -> Progress:
        numbers = dict(progress.numbers)
        for letter, one in observers.items():
            now = one.seen.flows[-1]
            numbers |= {f"{name} {letter}": getattr(now, name) for name in ("outside", "dead", "error")}
        steps = sum(int(numbers.get(f"step {letter}", 0)) for letter in observers)
        return progress.model_copy(
            update={
                "numbers": numbers,
                "pictures": {letter: one.picture for letter, one in observers.items()},
                "note": broken_in_words(list(observers.values())),
                "step": steps,
                "total": request.steps * len(observers),
            }
        )

    learned = yield from relayed(interleave(trainings, "learning, panel by panel"), overall)
    return _result(request, observers, any(history.stopped for history in learned.histories.values()))


def _result(request: CollapseRequest, observers: dict[str, PanelObserver], stopped: bool) -> CollapseResult:
    any_observer = next(iter(observers.values()))
    flows = [pd.DataFrame(one.seen.flows).assign(panel=letter) for letter, one in observers.items()]
    return CollapseResult(
        name=request.name,
        family=request.family,
        device=in_words(learning_device()),
        settings=request.named,
        measures=pd.concat(flows, ignore_index=True),
        empty=any_observer.empty,
        health={letter: one.diagnosis for letter, one in observers.items()},
        broke_at={letter: at for letter, one in observers.items() if (at := broke_at(one.course)) is not None},
        given=any_observer.given,
        frames={letter: np.stack(one.seen.frames) for letter, one in observers.items()},
        thetas={letter: np.stack(one.seen.thetas) for letter, one in observers.items()},
        planned_steps=request.steps if stopped else 0,
    )
