"""Locate: make the scenes, learn where the object that they share is, test."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from core.checkpoints.checkpoint import clock
from core.errors import InvalidRequest
from core.runs.request import Inputs, Progress
from core.stn.datasets.images import Picture, is_flat, read_image
from core.stn.locate.baselines import BASELINES
from core.stn.locate.boxes import FOUND, overlap
from core.stn.locate.crop_encoder import Encoder, pretrained
from core.stn.locate.cut_out import objects_of
from core.stn.locate.network import Locator, untrained
from core.stn.locate.recorder import BoxRecorder
from core.stn.locate.request import LocateRequest
from core.stn.locate.result import LocateResult
from core.stn.locate.scenes import OBJECT, SCENE, ZOOM, Material, Scenes, held_back, scenes_of, shifted
from core.stn.locate.triplets import Crops, cut, first_round, random_crops, triplet_loss, vote
from core.stn.networks.weights import weights_of
from core.system.device import in_words, learning_device, placed
from core.training import History, Plan, train, warm_up

STEPS = 800  # more gain nothing
BATCH = 100  # scenes in a step
RANDOM_CROPS = 8  # of a scene in a step
VOTE_ALONE, VOTE_FADING = 0.7, 0.15  # shares of the steps in which the vote alone counts, and in which it counts ever less
VOTE_AT_END = 0.1  # its weight at the end; without, some boxes drift off to where everything is black
VOTE_COST = 10.0  # weight of the distance to the voted box in the loss
RATE = 4e-3
UNSEEN_SCENES = 400  # scenes of the test, made of what was not learned from
TIMED = 4  # images that are timed before all are looked at
SHOWN = 12  # of these are kept to be looked at
DARKEST = 8.0  # grey levels: a darker picture cannot be found on black


def _pictures(request: LocateRequest, inputs: Inputs) -> list[Picture]:
    """Each picture once: a copy of one that was learned from would be no test."""
    named = dict(zip(request.objects, request.names, strict=True))
    return [read_image(name, inputs[digest], longest=None) for digest, name in named.items()]


def _scenes(request: LocateRequest, inputs: Inputs, generator: torch.Generator) -> tuple[Scenes, Scenes]:
    """The scenes to learn from, and others for the test."""
    material = Material.of_pictures(_pictures(request, inputs)) if request.objects else Material.of_digit(request.digit)
    donors, decoys = (material.donors, material.decoys) if request.clutter else (None, False)
    learned = scenes_of(material.objects, request.images, donors, generator, decoys)
    return learned, scenes_of(material.others, UNSEEN_SCENES, donors, generator, decoys)


@dataclass(frozen=True)
class Batch:
    """What one step learns from: some scenes, moved, random crops of each, and how much the vote counts."""

    scenes: Tensor  # (B, 1, 84, 84)
    moved: Tensor  # (B, 3): by how much their boxes have moved
    voted: Tensor  # (B, 3): the boxes that the vote gave them before they were moved
    random_codes: Tensor  # (B, RANDOM_CROPS, D): codes of random crops of them
    vote: float  # 1: only the vote counts, 0: only the triplets


def vote_at(share: float) -> float:
    """How much the vote counts after a share of the training: 1 at first, VOTE_AT_END at last."""
    return min(1.0, max(VOTE_AT_END, 1 - (share - VOTE_ALONE) / VOTE_FADING))


def moves_of(voted: Tensor, generator: torch.Generator) -> Tensor:
    """By how many pixels (B, 2) to move scenes so that the voted boxes (B, 3) come to lie anywhere.

    Else a network learns by heart where the object lies in each of a hundred scenes, and finds it in no other.
    """
    corners = (voted[:, 1:] - voted[:, :1] + 1) * SCENE / 2
    return (torch.rand(len(voted), 2, generator=generator) * (SCENE - OBJECT) - corners).round().long()


def _batches(
    request: LocateRequest, images: Tensor, crops: Crops, voted: Tensor, shares: Iterable[float], generator: torch.Generator
) -> Iterator[Batch]:
    for share in shares:
        chosen = torch.randperm(len(images), generator=generator)[:BATCH]
        random_codes = torch.randint(crops.codes.shape[1], (len(chosen), RANDOM_CROPS), generator=generator)
        weight = vote_at(share) if request.voting else 0.0
        shift = moves_of(voted[chosen], generator) if request.voting else torch.zeros(len(chosen), 2, dtype=torch.long)
        moved = torch.cat([torch.zeros(len(chosen), 1), shift * 2 / SCENE], dim=1)
        yield Batch(shifted(images[chosen], shift), moved, voted[chosen], crops.codes[chosen[:, None], random_codes], weight)


def _learn(
    request: LocateRequest, model: Locator, images: Tensor, crops: Crops, voted: Tensor, plan: Plan, recorder: BoxRecorder
) -> Generator[Progress, None, History]:
    device, history = learning_device(), History()
    encoder, random = placed(pretrained(), device), torch.Generator().manual_seed(request.seed)
    batches = _batches(request, images, crops, voted, plan.shares(history), random)

    def loss_of(locator: nn.Module, batch: Batch) -> Tensor:
        boxes = locator(batch.scenes)
        pull = VOTE_COST * (boxes - batch.voted - batch.moved).abs().mean()
        if batch.vote == 1:
            return pull
        codes = encoder.code(cut(batch.scenes, boxes))
        return (1 - batch.vote) * triplet_loss(codes, batch.random_codes) + batch.vote * pull

    return (yield from train(model, batches, loss_of, plan, observer=recorder, random=random, history=history, device=device))


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
    request: LocateRequest, model: Locator, history: History, recorder: BoxRecorder, voted: Tensor, unseen: Scenes,
    seconds: float,
) -> LocateResult:  # fmt: skip
    grey, truth = unseen.grey, unseen.boxes.numpy()
    with torch.inference_mode():
        boxes = model(grey).numpy()
    return LocateResult(
        what=request.what,
        clutter=request.clutter,
        voting=request.voting,
        device=in_words(learning_device()),
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
        unseen_overlaps=overlap(boxes, truth),
        unseen_baselines={name: overlap(boxes_of(grey).numpy(), truth) for name, boxes_of in BASELINES.items()},
        unseen_images=unseen.images[:SHOWN].movedim(1, -1).numpy(),
        unseen_boxes=boxes[:SHOWN],
        unseen_truth=truth[:SHOWN],
        held_back=int(held_back(len(set(request.objects))).sum()) if request.objects else None,
    )


def check(request: LocateRequest, inputs: Inputs) -> None:
    """InvalidRequest for a picture that is of one colour or nearly black: on black there would be nothing to find."""
    for picture in _pictures(request, inputs):
        [small] = objects_of([picture], OBJECT)  # (C, 28, 28)
        if is_flat(picture.pixels) or small.mean() < DARKEST:
            raise InvalidRequest(f"{picture.name} is nearly black or of one colour; choose a brighter picture with more to see")


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
    began = clock()
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
    seconds = max(1.0, 0.95 * request.budget - (clock() - began))
    plan = Plan(steps=request.steps or STEPS, seconds=None if request.steps else seconds, lr=RATE)
    recorder, model = BoxRecorder(scenes, plan), untrained(request.seed)
    recorder.keep(model, History())
    history = yield from _learn(request, model, images, crops, voted, plan, recorder)
    recorder.keep(model, history)
    return _result(request, model, history, recorder, voted, unseen, clock() - began)
