"""Locate: make the scenes, learn where the object that they share is, test."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from core.errors import InvalidRequest
from core.runs.request import Inputs, Progress
from core.stn.datasets.images import from_png, is_flat
from core.stn.datasets.labels import squares
from core.stn.locate.boxes import FOUND, overlap
from core.stn.locate.crop_encoder import Encoder, pretrained
from core.stn.locate.network import Locator, untrained
from core.stn.locate.recorder import BoxRecorder
from core.stn.locate.request import LocateRequest
from core.stn.locate.result import LocateResult
from core.stn.locate.scenes import OBJECT, SCENE, ZOOM, Material, Scenes, scenes_of, shifted
from core.stn.locate.triplets import Crops, cut, first_round, random_crops, triplet_loss, vote
from core.stn.networks.weights import weights_of
from core.training import History, Plan, train, warm_up

STEPS = 800  # more gain nothing
BATCH = 100  # scenes in a step
RANDOM_CROPS = 8  # of a scene in a step
VOTE_ALONE, VOTE_FADING = 0.7, 0.15  # shares of the steps in which the vote alone counts, and in which it counts ever less
VOTE_AT_END = 0.1  # its weight at the end; without, some boxes drift off to where everything is black
VOTE_COST = 10.0  # weight of the distance to the voted box in the loss
SHIFT = 8  # pixels: while the vote alone counts, scenes are moved by up to so many, afresh for every step
RATE = 4e-3
UNSEEN_SCENES = 100  # scenes that training never saw
TIMED = 4  # images that are timed before all are looked at
DARKEST = 8.0  # grey levels: a darker picture cannot be found on black


def _scenes(request: LocateRequest, inputs: Inputs, generator: torch.Generator) -> tuple[Scenes, Scenes]:
    """The scenes to learn from, and others for the test."""
    pictures = [from_png(inputs[digest]) for digest in request.objects]
    material = Material.of_pictures(pictures) if pictures else Material.of_digit(request.digit)
    donors = material.donors if request.clutter else None
    learned = scenes_of(material.objects, request.images, donors, generator)
    return learned, scenes_of(material.others, UNSEEN_SCENES, donors, generator)


@dataclass(frozen=True)
class Batch:
    """What one step learns from: some scenes, moved a little, random crops of each, and how much the vote counts."""

    scenes: Tensor  # (B, 1, 84, 84)
    moved: Tensor  # (B, 3): by how much their boxes have moved
    chosen: Tensor  # (B,): their indices
    random_codes: Tensor  # (B, RANDOM_CROPS, D): codes of random crops of them
    vote: float  # 1: only the vote counts, 0: only the triplets


def vote_at(share: float) -> float:
    """How much the vote counts after a share of the training: 1 at first, VOTE_AT_END at last."""
    return min(1.0, max(VOTE_AT_END, 1 - (share - VOTE_ALONE) / VOTE_FADING))


def _batches(request: LocateRequest, images: Tensor, crops: Crops, plan: Plan) -> Iterator[Batch]:
    generator = torch.Generator().manual_seed(request.seed)
    for share in plan.shares():
        chosen = torch.randperm(len(images), generator=generator)[:BATCH]
        random_codes = torch.randint(crops.codes.shape[1], (len(chosen), RANDOM_CROPS), generator=generator)
        weight = vote_at(share) if request.voting else 0.0
        reach = SHIFT if weight == 1 else 0
        shift = torch.randint(-reach, reach + 1, (len(chosen), 2), generator=generator)
        moved = torch.cat([torch.zeros(len(chosen), 1), shift * 2 / SCENE], dim=1)
        yield Batch(shifted(images[chosen], shift), moved, chosen, crops.codes[chosen[:, None], random_codes], weight)


def _learn(
    model: Locator, batches: Iterator[Batch], voted: Tensor, plan: Plan, recorder: BoxRecorder
) -> Generator[Progress, None, History]:
    encoder = pretrained()

    def loss_of(_: nn.Module, batch: Batch) -> Tensor:
        boxes = model(batch.scenes)
        pull = VOTE_COST * (boxes - voted[batch.chosen] - batch.moved).abs().mean()
        if batch.vote == 1:
            return pull
        codes = encoder.code(cut(batch.scenes, boxes))
        return (1 - batch.vote) * triplet_loss(codes, batch.random_codes) + batch.vote * pull

    return (yield from train(model, batches, loss_of, plan, observe=recorder.observe))


def _table(recorder: BoxRecorder, voted: np.ndarray) -> pd.DataFrame:
    """A row an image; places in pixels, the middle of the box."""
    final, truth = recorder.views[-1], recorder.truth
    middle = np.broadcast_to(np.array([ZOOM, 0.0, 0.0], np.float32), truth.shape)
    half = recorder.pixels.shape[1] / 2
    ious = overlap(final, truth)
    return pd.DataFrame(
        {
            "image": np.arange(len(truth)),
            "x": half * (1 + final[:, 1]),
            "y": half * (1 + final[:, 2]),
            "side": 2 * half * final[:, 0],
            "true_x": half * (1 + truth[:, 1]),
            "true_y": half * (1 + truth[:, 2]),
            "iou_before": overlap(middle, truth),
            "iou_voted": overlap(voted, truth),
            "iou": ious,
            "found": ious > FOUND,
        }
    )


def _result(
    request: LocateRequest, model: Locator, history: History, recorder: BoxRecorder, voted: Tensor, unseen: np.ndarray,
    seconds: float,
) -> LocateResult:  # fmt: skip
    return LocateResult(
        what=request.what,
        clutter=request.clutter,
        voting=request.voting,
        seconds=seconds,
        steps=history.steps,
        weights=weights_of(model),
        loss_steps=history.loss_steps,
        loss=history.loss,
        images=recorder.pixels,
        truth=recorder.truth,
        boxes=recorder.views[-1],
        film=recorder.film,
        film_steps=recorder.steps,
        film_overlaps=recorder.overlaps,
        table=_table(recorder, voted.numpy()),
        unseen_overlaps=unseen,
    )


def check(request: LocateRequest, inputs: Inputs) -> None:
    """InvalidRequest for a picture that is of one colour or nearly black: on black there would be nothing to find."""
    for digest, name in zip(request.objects, request.names, strict=True):
        [small] = squares([from_png(inputs[digest])], OBJECT)  # (C, 28, 28)
        if is_flat(small.transpose(1, 2, 0)) or small.mean() < DARKEST:
            raise InvalidRequest(f"{name} is nearly black or of one colour; choose a brighter picture with more to see")


def _check_time(request: LocateRequest, images: Tensor, encoder: Encoder) -> None:
    """InvalidRequest where random crops of all images, and their vote, would take longer than there is for everything."""
    few, generator = images[:TIMED], torch.Generator().manual_seed(0)
    random_crops(few[:1], encoder, generator)  # makes ready what is made once
    began = time.process_time()
    crops = random_crops(few, encoder, generator)
    cropped = time.process_time()
    vote(crops, generator)
    pairs = first_round(len(images)) * len(images) / (first_round(len(few)) * len(few))
    seconds = (cropped - began) / len(few) * len(images) + (time.process_time() - cropped) * pairs
    if seconds > request.budget:
        took = f"looking at random crops of {len(images)} images would take {seconds:.0f} of the {request.budget:g} seconds"
        fewer = max(5, int(len(images) * request.budget / seconds / 2))
        raise InvalidRequest(f"{took}; choose a longer time or at most {fewer} images")


def run(request: LocateRequest, inputs: Inputs) -> Generator[Progress, None, LocateResult]:
    """Make the scenes, let random crops vote, learn, test on other scenes."""
    began = time.monotonic()
    yield Progress(phase="making the scenes")
    generator = torch.Generator().manual_seed(request.seed)
    scenes, unseen = _scenes(request, inputs, generator)
    images, encoder = scenes.grey, pretrained()
    warm_up()
    yield Progress(phase="looking at random crops")
    if request.steps is None:
        _check_time(request, images, encoder)
    crops = random_crops(images, encoder, generator)
    voted = vote(crops, generator)
    seconds = max(1.0, 0.95 * request.budget - (time.monotonic() - began))
    plan = Plan(steps=request.steps or STEPS, seconds=None if request.steps else seconds, lr=RATE)
    recorder, model = BoxRecorder(scenes, plan), untrained(request.seed)
    recorder.keep(model, History())
    history = yield from _learn(model, _batches(request, images, crops, plan), voted, plan, recorder)
    recorder.keep(model, history)
    with torch.inference_mode():
        unseen_overlaps = overlap(model(unseen.grey).numpy(), unseen.boxes.numpy())
    return _result(request, model, history, recorder, voted, unseen_overlaps, time.monotonic() - began)
