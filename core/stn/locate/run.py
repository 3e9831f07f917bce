"""Localisation: make the scenes, learn where what they share is, test."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from core.errors import InvalidRequest
from core.runs.request import Inputs, Progress
from core.stn.datasets.images import from_png
from core.stn.datasets.labels import squares
from core.stn.locate.crop_encoder import pretrained
from core.stn.locate.network import Locator, untrained
from core.stn.locate.recorder import Watch
from core.stn.locate.request import LocateRequest
from core.stn.locate.result import FOUND, LocateResult
from core.stn.locate.scenes import OBJECT, SCENE, ZOOM, Material, Scenes, overlap, scenes_of, shifted
from core.stn.locate.triplets import Crops, cut, random_crops, triplet_loss, vote
from core.training import History, Plan, train, warm_up

STEPS = 800  # more gain nothing
BATCH = 100  # scenes in a step
RIVALS = 8  # random crops of a scene in a step
LED, LETTING_GO = 0.7, 0.15  # shares of the steps in which the vote alone counts, and in which it comes to count less
REIN = 0.1  # what is left of it at the end; without, some boxes drift off to where everything is black
LEAD = 10.0  # what a distance of 1 from the voted box costs
SHIFT = 8  # pixels: while the vote leads, scenes are moved by up to so many, afresh for every step
RATE = 4e-3
UNSEEN = 100  # scenes that training never saw
FLATTEST, DARKEST = 2.0, 8.0  # grey levels: less contrast or light than this is nothing to find on black


def _scenes(request: LocateRequest, inputs: Inputs, generator: torch.Generator) -> tuple[Scenes, Scenes]:
    """The scenes to learn from, and others that are only looked at in the end."""
    pictures = [from_png(inputs[digest]) for digest in request.objects]
    material = Material.of_pictures(pictures) if pictures else Material.of_digit(request.digit)
    litter = material.donors if request.clutter else None
    known = scenes_of(material.objects, request.images, litter, generator)
    return known, scenes_of(material.others, UNSEEN, litter, generator)


@dataclass(frozen=True)
class Lesson:
    """One step: some scenes, moved a little, random crops of each, and how much the vote counts."""

    scenes: Tensor  # (B, 1, 84, 84)
    moved: Tensor  # (B, 3): by how much their boxes have moved
    chosen: Tensor  # (B,): which they are
    rivals: Tensor  # (B, RIVALS, D): how random crops of them look to the encoder
    lead: float  # 1: only the vote counts, 0: only the triplets


def lead_at(share: float) -> float:
    """How much the vote counts after a share of the steps: 1 at first, at last REIN."""
    return min(1.0, max(REIN, 1 - (share - LED) / LETTING_GO))


def _lessons(request: LocateRequest, images: Tensor, crops: Crops, plan: Plan) -> Iterator[Lesson]:
    generator, began = torch.Generator().manual_seed(request.seed), time.monotonic()
    for step in count():
        chosen = torch.randperm(len(images), generator=generator)[:BATCH]
        rivals = torch.randint(crops.codes.shape[1], (len(chosen), RIVALS), generator=generator)
        by_time = (time.monotonic() - began) / plan.seconds if plan.seconds else 0.0
        share = max(step / (plan.steps or STEPS), by_time)
        lead = lead_at(share) if request.voting else 0.0
        reach = SHIFT if lead == 1 else 0
        shift = torch.randint(-reach, reach + 1, (len(chosen), 2), generator=generator)
        moved = torch.cat([torch.zeros(len(chosen), 1), shift * 2 / SCENE], dim=1)
        yield Lesson(shifted(images[chosen], shift), moved, chosen, crops.codes[chosen[:, None], rivals], lead)


def _learn(
    request: LocateRequest, model: Locator, images: Tensor, crops: Crops, voted: Tensor, watch: Watch, began: float
) -> Generator[Progress, None, History]:
    encoder = pretrained()

    def loss_of(_: nn.Module, lesson: Lesson) -> Tensor:
        boxes = model(lesson.scenes)
        pull = LEAD * (boxes - voted[lesson.chosen] - lesson.moved).abs().mean()
        if lesson.lead == 1:
            return pull
        codes = encoder.code(cut(lesson.scenes, boxes))
        return (1 - lesson.lead) * triplet_loss(codes, lesson.rivals) + lesson.lead * pull

    seconds = max(1.0, 0.95 * request.budget - (time.monotonic() - began))
    plan = Plan(steps=request.steps or STEPS, seconds=None if request.steps else seconds, lr=RATE)
    return (yield from train(model, _lessons(request, images, crops, plan), loss_of, plan, observe=watch.observe))


def _result(
    request: LocateRequest, model: Locator, history: History, watch: Watch, voted: Tensor, unseen: np.ndarray,
    seconds: float,
) -> LocateResult:  # fmt: skip
    return LocateResult(
        what=request.what,
        clutter=request.clutter,
        voting=request.voting,
        seconds=seconds,
        steps=history.steps,
        weights={name: weight.detach().numpy() for name, weight in model.state_dict().items()},
        loss_steps=history.loss_steps,
        loss=history.loss,
        images=watch.pixels,
        truth=watch.scenes.boxes.numpy(),
        boxes=watch.boxes[-1],
        film=np.stack(watch.boxes),
        film_steps=watch.steps,
        film_overlaps=watch.overlaps(),
        table=_table(watch, voted),
        unseen_overlaps=unseen,
    )


def _table(watch: Watch, voted: Tensor) -> pd.DataFrame:
    """A row an image; places in pixels, the middle of the box."""
    truth = watch.scenes.boxes
    middle = torch.tensor([[ZOOM, 0.0, 0.0]]).expand_as(truth)
    final = torch.from_numpy(watch.boxes[-1])
    half = watch.pixels.shape[1] / 2
    ious = overlap(final, truth).numpy()
    return pd.DataFrame(
        {
            "image": np.arange(len(truth)),
            "x": half * (1 + final[:, 1].numpy()),
            "y": half * (1 + final[:, 2].numpy()),
            "side": 2 * half * final[:, 0].numpy(),
            "true_x": half * (1 + truth[:, 1].numpy()),
            "true_y": half * (1 + truth[:, 2].numpy()),
            "iou_before": overlap(middle, truth).numpy(),
            "iou_voted": overlap(voted, truth).numpy(),
            "iou": ious,
            "found": ious > FOUND,
        }
    )


def check(request: LocateRequest, inputs: Inputs) -> None:
    """InvalidRequest for a picture that is of one colour or nearly black: on black there would be nothing to find."""
    for digest, name in zip(request.objects, request.names, strict=True):
        small = squares([from_png(inputs[digest])], OBJECT)
        if small.std(axis=(2, 3)).max() < FLATTEST or small.mean() < DARKEST:
            raise InvalidRequest(f"{name} is nearly black or of one colour; choose a brighter picture with more to see")


def run(request: LocateRequest, inputs: Inputs) -> Generator[Progress, None, LocateResult]:
    """Make the scenes, let random crops vote, learn, look at scenes never seen."""
    began = time.monotonic()
    yield Progress(phase="making the scenes")
    generator = torch.Generator().manual_seed(request.seed)
    scenes, unseen = _scenes(request, inputs, generator)
    images, encoder = scenes.grey, pretrained()
    warm_up()
    yield Progress(phase="looking at random crops")
    crops = random_crops(images, encoder, generator)
    voted = vote(crops, generator)
    watch = Watch(scenes, request.steps or STEPS)
    model = untrained(request.seed)
    watch.keep(model, 0)
    history = yield from _learn(request, model, images, crops, voted, watch, began)
    watch.keep(model, history.steps)
    with torch.inference_mode():
        missed = overlap(model(unseen.grey), unseen.boxes).numpy()
    return _result(request, model, history, watch, voted, missed, time.monotonic() - began)
