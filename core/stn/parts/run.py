"""Parts: the networks learn the same pictures side by side, with equal time or equally many steps, and are tested on others."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.nn import functional

from core.checkpoints.checkpoint import clock
from core.drive import relayed
from core.errors import InvalidRequest
from core.runs.request import Inputs, Progress
from core.stn.datasets.images import from_png
from core.stn.datasets.labels import check_pictures
from core.stn.learning.recipe import SMOOTHING, in_half
from core.stn.learning.side_by_side import interleave
from core.stn.networks.stored import merged
from core.stn.networks.weights import weights_of
from core.stn.parts.boxes import Alike, alike, spreads, table_of_cues
from core.stn.parts.cues import CUES
from core.stn.parts.looks import CROP, LOOKS, TITLES, LooksName, most_looks
from core.stn.parts.material import Batch, Source, source_of
from core.stn.parts.network import PartsNetwork, answers, boxes_of, build, crops_in, matched_width
from core.stn.parts.pictures import SHOWN, thumbnails
from core.stn.parts.recorder import PartsRecorder
from core.stn.parts.request import PartsRequest
from core.stn.parts.result import PartsResult
from core.system.device import in_words, learning_device
from core.training import History, Plan, train, warm_up

RATE = 4e-3
LEARNING = 0.9  # share of a network's time; the rest is for the test
KEPT = 240  # pictures of the test that are kept to be looked at
BLUR = 4  # points of a crop that are averaged before crops are compared


@dataclass(frozen=True)
class Looked:
    """What the transformers of one network look at in the pictures of the test."""

    boxes: np.ndarray  # (N, n, 3)
    crops: np.ndarray  # uint8 (SHOWN, n, C, POINTS, POINTS)
    alike: list[Alike]  # of each transformer


def networks_of(request: PartsRequest, source: Source) -> dict[LooksName, PartsNetwork]:
    """The networks in their order, the plain CNN as wide as gives it the weights of the one with most transformers."""
    channels, like, classes = source.test.images.shape[1], most_looks(request.models), len(source.classes)
    networks = {}
    for name in request.models:
        wide = {"width": matched_width(name, like, channels, request.side, classes)} if LOOKS[name].matched else {}
        networks[name] = build(name, channels, request.side, classes, request.seed, **wide)
    return networks


def _blurred(crops: np.ndarray) -> np.ndarray:
    """Crops (N, C, P, P) as grey and small: (N, p, p)."""
    grey = crops.astype(np.float32).mean(axis=1)
    small = grey.shape[-1] // BLUR
    return grey.reshape(len(grey), small, BLUR, small, BLUR).mean(axis=(2, 4))


def look(network: PartsNetwork, source: Source) -> Looked:
    boxes, images = boxes_of(network, source.test.images), source.test.images
    crops = crops_in(network, images, boxes)
    fixed = crops_in(network, images, np.broadcast_to(boxes.mean(axis=0), boxes.shape).copy())
    likenesses = [alike(_blurred(crops[:, one]), _blurred(fixed[:, one])) for one in range(boxes.shape[1])]
    return Looked(boxes, crops[:SHOWN], likenesses)


def _parts(name: LooksName, one: Looked, cues: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A row a transformer, and where the cues are known a row a transformer and cue."""
    rows = pd.DataFrame({
        "model": name,
        "transformer": np.arange(len(one.alike)) + 1,
        "place_sd": spreads(one.boxes),
        "alike": [each.moving for each in one.alike],
        "alike_still": [each.still for each in one.alike],
        "sure": [each.sure for each in one.alike],
    })  # fmt: skip
    of_cues = table_of_cues(one.boxes, cues, CUES) if len(cues) else pd.DataFrame()
    return rows, of_cues.assign(model=name) if len(of_cues) else of_cues


def _joined(tables: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _course(name: LooksName, steps: list[int], seconds: list[float], values: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"model": name, "step": steps, "seconds": seconds, "value": values})


def _losses(name: LooksName, history: History) -> pd.DataFrame:
    """Seconds are shared evenly by the steps."""
    seconds = [step * history.seconds / max(1, history.steps) for step in history.loss_steps]
    return _course(name, history.loss_steps, seconds, history.loss)


def _own_seconds(recorder: PartsRecorder, history: History, seconds: float) -> list[float]:
    """Those that this network alone has learned for: others took their turns meanwhile."""
    return [step * seconds / max(1, history.steps) for step in recorder.steps]


def loss_by(plan: Plan, history: History) -> Callable[[Any, Batch], Tensor]:
    """The loss of a step: the sum of the errors of all that a network names the class by."""

    def loss_of(network: PartsNetwork, batch: Batch) -> Tensor:
        pictures, classes = batch
        share = plan.share(history.steps, clock() - history.began)
        with in_half(pictures.device):
            answers = network.in_learning(pictures, share)
        losses = [functional.cross_entropy(one.float(), classes, label_smoothing=SMOOTHING) for one in answers]
        return torch.stack(losses).sum()

    return loss_of


def check(request: PartsRequest, inputs: Inputs) -> None:
    """InvalidRequest for pictures that show nothing, and for a picture that is given twice."""
    first: dict[str, int] = {}
    for number, digest in enumerate(request.images):
        other = first.setdefault(digest, number)
        if other != number:
            raise InvalidRequest(f"{request.names[number]} is a copy of {request.names[other]}; leave one of them out")
    if request.images:
        check_pictures([from_png(inputs[digest]) for digest in request.images])


def run(request: PartsRequest, inputs: Inputs) -> Generator[Progress, None, PartsResult]:
    """All networks learn side by side, then each is tested, within `budget` seconds each."""
    began, budget = clock(), request.budget * len(request.models)

    def overall(progress: Progress) -> Progress:
        if request.steps:
            learned = sum(value for name, value in progress.numbers.items() if name.startswith("step "))
            return progress.model_copy(update={"step": round(learned), "total": request.steps * len(request.models)})
        passed = clock() - began
        done = {"step": round(10 * min(passed, budget)), "total": round(10 * budget)}
        return progress.model_copy(update=done | {"seconds_left": max(0.0, budget - passed)})

    yield Progress(phase="making the pictures ready")
    source = source_of(request, inputs)
    networks, device = networks_of(request, source), learning_device()
    warm_up()
    seconds = (
        None if request.steps else LEARNING * budget - (clock() - began)
    )  # they take turns: the clock of each is that of all
    plan = Plan(steps=request.steps, seconds=seconds, lr=RATE)
    recorders, trainings = {}, {}
    for name, network in networks.items():
        recorders[name] = PartsRecorder(source.test, TITLES[name], plan)
        recorders[name].keep(network, History())
        batches, random = source.batches(request.seed)
        history = History()
        trainings[name] = train(
            network, batches, loss_by(plan, history), plan,
            observer=recorders[name], random=random, history=history, device=device,
        )  # fmt: skip
    interleaved = yield from relayed(interleave(trainings, "learning"), overall)
    given, looked = {}, {}
    for name, network in networks.items():
        yield Progress(phase=f"testing {TITLES[name]}")
        recorders[name].keep(network, interleaved.histories[name])
        given[name] = answers(network, source.test.images)
        if network.localiser is not None:
            looked[name] = look(network, source)
    parts = [_parts(name, one, source.cues) for name, one in looked.items()]
    histories = interleaved.histories
    own = {name: _own_seconds(recorders[name], histories[name], interleaved.seconds[name]) for name in networks}
    films = {name: film for name, recorder in recorders.items() if (film := recorder.film) is not None}
    return PartsResult(
        scenes=not request.images,
        side=request.side,
        crop=CROP,
        classes=source.classes,
        models=request.models,
        learned_from=source.learned_from,
        own_split=bool(request.tested),
        by_steps=bool(request.steps),
        device=in_words(device),
        seconds=clock() - began,
        model_seconds=interleaved.seconds,
        model_steps={name: history.steps for name, history in histories.items()},
        truth=source.test.labels.numpy().astype(np.int16),
        names=[request.names[number] for number in source.tested] if request.images else [],
        answers={name: one.astype(np.int16) for name, one in given.items()},
        losses=_joined([_losses(name, history) for name, history in histories.items()]),
        errors=_joined([
            _course(name, one.steps, own[name], [view.error for view in one.views]) for name, one in recorders.items()
        ]),
        images=thumbnails(source.test.images[:KEPT].numpy()),
        boxes={name: one.boxes.astype(np.float32) for name, one in looked.items()},
        crops={name: one.crops for name, one in looked.items()},
        cues=source.cues.astype(np.float32),
        parts=_joined([table for table, _ in parts]),
        cue_table=_joined([table for _, table in parts if len(table)]),
        films={name: film.astype(np.float32) for name, film in films.items()},
        film_steps={name: recorders[name].steps for name in films},
        weights=merged({name: weights_of(network) for name, network in networks.items()}),
    )  # fmt: skip
