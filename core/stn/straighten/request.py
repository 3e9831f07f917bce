"""Rectify: train a spatial transformer on your own upright photos until it can straighten them, however they are turned.

Self-supervised (see `selfsupervision`): the photos are their own targets, and the network is never told theta.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
import torch
from pydantic import field_validator, model_validator
from torch import Tensor, nn

from core.errors import InvalidRequest, StoreError
from core.runs.request import Inputs, Progress, Request, Wish
from core.runs.result import Result
from core.stn.datasets.canvas import VIEW, canvases_of
from core.stn.datasets.distortions import Distortions
from core.stn.datasets.images import MOST_PICTURES, from_png
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.pixels import small
from core.stn.networks.spatial_transformer import GridGenerator, LocalizationNetwork, Sampler, SpatialTransformer
from core.stn.networks.weights import put_into, weights_of
from core.stn.straighten.checkpoint import from_file
from core.stn.straighten.evaluation import Exam, Trial
from core.stn.straighten.recorder import Film, Observer, Questions
from core.stn.straighten.result import RectifyResult, packed
from core.stn.straighten.self_supervision import Lesson, lessons, photometric_loss
from core.training import History, Plan, train

BATCH = 64
RATE, RATE_CONTINUED, DECAY = 2e-3, 1e-3, 0.5
TESTING = 0.12  # share of the budget that is kept for the trials
TESTING_STOPPED = 3.0  # seconds for the trials of a training that was stopped
LEARNING = 1 / 3  # least share of the budget that must be left for the training
HELD_OUT = 0.2  # share of the photos that training does not see
FEWEST_TO_HOLD_OUT = 5
EXAMPLES = 6
FLATTEST = 2.0  # grey levels: a photo whose standard deviation is below this shows nothing to straighten


class RectifyRequest(Request):
    """Which photos, which family of transformations, how far they may be turned, and how long to learn."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "spatial"
    result: ClassVar[type[Result]] = RectifyResult
    stoppable: ClassVar[bool] = True

    kind: Literal["rectify"] = "rectify"
    images: tuple[str, ...]  # digests of upright photos, as PNG
    names: tuple[str, ...]
    family: FamilyName = "similarity"
    max_angle: float = 45.0  # degrees: photos are turned by up to ± this, where the family can turn
    budget: float = 30.0  # seconds for everything: reading, learning, testing
    seed: int = 0
    held_out: float = HELD_OUT  # from five photos on: share that is kept from training, and tested on too
    start: str | None = None  # digest of the weights to start from (`weights.to_file`); None: the identity

    @field_validator("held_out", mode="before")
    @classmethod
    def _share(cls, given: Any) -> Any:
        """Once a switch: requests that were exported then still hold it."""
        return HELD_OUT * given if isinstance(given, bool) else given

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.images:
            raise InvalidRequest("there is no photo to learn from; upload at least one or choose a sample")
        if len(self.images) > MOST_PICTURES:
            raise InvalidRequest(f"{len(self.images):,} photos are too many; choose at most {MOST_PICTURES:,}")
        if len(self.names) != len(self.images):
            raise InvalidRequest(f"{len(self.images)} photos came with {len(self.names)} names; give one name for each photo")
        if not 0 < self.max_angle <= 180:
            raise InvalidRequest(f"the largest angle is {self.max_angle:g}°; choose one above 0° and at most 180°")
        if not 3 <= self.budget <= 600:
            raise InvalidRequest(f"the time to learn is {self.budget:g} s; choose between 3 and 600 seconds")
        if not 0 <= self.seed < 2**63:
            raise InvalidRequest(f"the seed is {self.seed}; choose a whole number that is not negative")
        if not 0 <= self.held_out <= 0.5:
            raise InvalidRequest(f"the share of photos held out is {self.held_out:g}; choose one from 0 to 0.5")
        return self

    @property
    def title(self) -> str:
        what = self.names[0] if len(self.names) == 1 else f"{len(self.names)} photos"
        reach = f", ±{self.max_angle:g}°" if self.distortions.max_angle else ""
        return f"Straighten {what} by {FAMILIES[self.family].title}{reach}{', continued' if self.start else ''}"

    @property
    def inputs(self) -> tuple[str, ...]:
        return (*self.images, self.start) if self.start else self.images

    @property
    def distortions(self) -> Distortions:
        """What the photos are bent by."""
        return Distortions.of(self.family, self.max_angle)

    def continued(self, start: str) -> RectifyRequest:
        return self.model_copy(update={"start": start})

    def check(self, inputs: Inputs) -> None:
        """InvalidRequest for a photo of one flat colour, which looks the same however it is turned, and for unfit weights."""
        for digest, name in zip(self.images, self.names, strict=True):
            if from_png(inputs[digest]).std(axis=(0, 1)).max() < FLATTEST:
                raise InvalidRequest(f"{name} is one flat colour and looks the same however it is turned; choose another photo")
        if self.start:
            _begin_with(untrained(self.family, self.seed), self, inputs)

    def run(self, inputs: Inputs) -> Generator[Progress, Wish | None, RectifyResult]:
        """Read, learn, test: within `budget` seconds, or less when it is stopped."""
        began = time.monotonic()
        photos = yield from _read(self, inputs)
        unknown = _held_out(self)
        known = [photo for index, photo in enumerate(photos) if index not in unknown]
        model = untrained(self.family, self.seed)
        _begin_with(model, self, inputs)
        batches = _batches(self, known, self.distortions)
        self._check_time_left(time.monotonic() - began)
        yield Progress(phase="setting up the network")
        torch.optim.AdamW(model.parameters())  # its first use loads for a second; here, before the clock of the training starts
        seconds = max(LEARNING * self.budget, (1 - TESTING) * self.budget - (time.monotonic() - began))
        film = Film(known[0], self.distortions, seconds)
        observer = Observer(model, film, Questions(known, self.distortions, self.family, self.seed))
        history = yield from _learn(model, batches, observer, RATE_CONTINUED if self.start else RATE)
        film.finish(model, history)
        exam = Exam(photos, self.names, unknown, self.distortions, self.seed)
        until = time.monotonic() + TESTING_STOPPED if history.stopped else began + self.budget
        trials = yield from exam.sit(model.localization, until)
        return _result(self, model, history, trials, observer, time.monotonic() - began)

    def _check_time_left(self, reading: float) -> None:
        """InvalidRequest when reading took so many seconds that too few are left to learn."""
        if (1 - TESTING) * self.budget - reading < LEARNING * self.budget:
            photos = "1 photo" if len(self.images) == 1 else f"{len(self.images):,} photos"
            took = f"reading {photos} took {reading:.1f} of the {self.budget:g} seconds"
            raise InvalidRequest(f"{took}; choose a longer time or fewer photos")


def _read(request: RectifyRequest, inputs: Inputs) -> Generator[Progress, Any, list[np.ndarray]]:
    """The photos, uint8 (H, W, 3)."""
    photos: list[np.ndarray] = []
    for digest in request.images:
        if len(photos) % 16 == 0:
            yield Progress(phase="reading the photos", step=len(photos), total=len(request.images))
        photos.append(from_png(inputs[digest]))
    return photos


def _held_out(request: RectifyRequest) -> list[int]:
    """Indices of the photos that training does not see."""
    if not request.held_out or len(request.images) < FEWEST_TO_HOLD_OUT:
        return []
    order = np.random.default_rng(request.seed).permutation(len(request.images))
    return sorted(order[: max(1, round(request.held_out * len(order)))].tolist())


def untrained(family: FamilyName, seed: int) -> SpatialTransformer:
    """A spatial transformer that changes nothing yet; equal seeds give equal weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        localization = LocalizationNetwork(family, VIEW)
    localization.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # a fifth faster on a CPU
    return SpatialTransformer(localization, GridGenerator(VIEW, VIEW), Sampler())


def _begin_with(model: SpatialTransformer, request: RectifyRequest, inputs: Inputs) -> None:
    """Let the network have the weights that the request names, if it names some."""
    if request.start is None:
        return
    try:
        put_into(model.localization, from_file(request.family, inputs[request.start]))
    except StoreError as error:
        raise InvalidRequest(f"the weights to start from do not fit ({error}); start anew") from error


def _batches(request: RectifyRequest, photos: list[np.ndarray], distortions: Distortions) -> Iterator[Lesson]:
    return lessons(canvases_of(photos), distortions.practice, BATCH, torch.Generator().manual_seed(request.seed))


def _learn(
    model: SpatialTransformer, batches: Iterator[Lesson], observer: Observer, rate: float
) -> Generator[Progress, Wish | None, History]:
    def loss_of(_: nn.Module, lesson: Lesson) -> Tensor:
        return photometric_loss(model, lesson)

    plan = Plan(seconds=observer.film.seconds, lr=rate, weight_decay=DECAY)
    return (yield from train(model, batches, loss_of, plan, observe=observer))


def _result(
    request: RectifyRequest,
    model: SpatialTransformer,
    history: History,
    trials: list[Trial],
    observer: Observer,
    seconds: float,
) -> RectifyResult:
    shown, film = trials[:EXAMPLES], observer.film
    return RectifyResult(
        family=request.family,
        max_angle=request.max_angle,
        names=request.names,
        seconds=seconds,
        steps=history.steps,
        stopped=history.stopped,
        weights=weights_of(model.localization),
        loss_steps=history.loss_steps,
        loss=history.loss,
        trials=pd.DataFrame([trial.row for trial in trials]),
        errors=observer.questions.answers,
        path=film.path,
        applied=film.applied,
        health=observer.watch.diagnosis,
        example_names=[trial.name for trial in shown],
        example_thetas=np.stack([trial.straight.theta for trial in shown]),
        pictures=packed(_examples(shown) | _frames(film)),
        film_thetas=np.stack([shot.straight.theta for shot in film.shots]),
        film_seconds=[shot.seconds for shot in film.shots],
    )


def _examples(trials: list[Trial]) -> dict[str, np.ndarray]:
    pictures: dict[str, np.ndarray] = {}
    for number, trial in enumerate(trials):
        kinds = {"upright": trial.upright, "distorted": trial.distorted, "straightened": trial.straight.image}
        pictures |= {f"{kind}/{number}": small(image) for kind, image in kinds.items()}
    return pictures


def _frames(film: Film) -> dict[str, np.ndarray]:
    frames = {f"film/{number:02d}": shot.straight.image for number, shot in enumerate(film.shots)}
    return frames | {"film/given": film.distorted}
