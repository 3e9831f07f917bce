"""Rectify: train a spatial transformer on your own upright photos until it can straighten them, however they are turned.

Self-supervised (see `selfsupervision`): the photos are their own targets, and the network is never told theta.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from typing import ClassVar, Literal, Self

import numpy as np
import pandas as pd
import torch
from pydantic import model_validator
from torch import Tensor, nn

from core.errors import InvalidRequest
from core.runs.request import Inputs, Progress, Request, Result
from core.stn.distortions import Distortions
from core.stn.families import FAMILIES, FamilyName
from core.stn.film import Film
from core.stn.images import MOST_PICTURES, from_png
from core.stn.modules import GridGenerator, LocalizationNetwork, Sampler, SpatialTransformer
from core.stn.selfsupervision import Lesson, lessons, photometric_loss
from core.stn.straighten import weights_of
from core.stn.trials import Exam, Trial
from core.stn.views import VIEW, canvases_of
from core.training import History, Plan, train

BATCH = 64
TESTING = 0.12  # share of the budget that is kept for the trials
LEARNING = 1 / 3  # least share of the budget that must be left for the training
HELD_OUT = 0.2  # share of the photos that training does not see
FEWEST_TO_HOLD_OUT = 5
EXAMPLES = 6
FLATTEST = 2.0  # grey levels: a photo whose standard deviation is below this shows nothing to straighten


class RectifyResult(Result):
    """A network that straightens, how it learned, and how well it does on distortions it never saw."""

    family: FamilyName
    max_angle: float
    names: tuple[str, ...]
    seconds: float
    steps: int
    weights: dict[str, np.ndarray]
    loss_steps: list[int]
    loss: list[float]
    trials: pd.DataFrame  # name, seen, applied_deg, recovered_deg, angle_error, pixel_error_before, pixel_error_after
    example_names: list[str]
    example_thetas: np.ndarray  # (N, 2, 3): straightening, normalised coordinates of each frame
    upright: dict[str, np.ndarray]  # "0", "1", …: uint8 (H, W, 3)
    distorted: dict[str, np.ndarray]
    straightened: dict[str, np.ndarray]
    film_distorted: np.ndarray  # uint8 (H, W, 3)
    film: np.ndarray  # uint8 (stages, H, W, 3): the same photo, straightened ever better
    film_thetas: np.ndarray  # (stages, 2, 3)
    film_seconds: list[float]

    @property
    def scores(self) -> dict[str, float | int | None]:
        """Medians over the trials; photos that training saw and photos it did not see are told apart."""
        seen, unseen = self.trials[self.trials.seen], self.trials[~self.trials.seen]
        return {
            "angle_error_deg": _median(seen.angle_error),
            "angle_error_p90_deg": float(seen.angle_error.quantile(0.9)),
            "angle_error_before_deg": _median(seen.applied_deg.abs()),
            "pixel_error_before": _median(seen.pixel_error_before),
            "pixel_error_after": _median(seen.pixel_error_after),
            "unseen_images_angle_error_deg": _median(unseen.angle_error) if len(unseen) else None,
            "trials": len(self.trials),
            "seen_trials": len(seen),
            "unseen_trials": len(unseen),
            "steps": self.steps,
            "seconds": self.seconds,
        }

    @property
    def headline(self) -> str:
        return f"{_median(self.trials[self.trials.seen].angle_error):.2f}° median angle error"


def _median(values: pd.Series) -> float:
    return float(values.median())


class RectifyRequest(Request):
    """Which photos, which family of transformations, how far they may be turned, and how long to learn."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "spatial"
    result: ClassVar[type[Result]] = RectifyResult

    kind: Literal["rectify"] = "rectify"
    images: tuple[str, ...]  # digests of upright photos, as PNG
    names: tuple[str, ...]
    family: FamilyName = "similarity"
    max_angle: float = 45.0  # degrees: photos are turned by up to ± this
    budget: float = 30.0  # seconds for everything: reading, learning, testing
    seed: int = 0
    held_out: bool = True  # from five photos on, keep a fifth from training and test on them too

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
        return self

    @property
    def title(self) -> str:
        what = self.names[0] if len(self.names) == 1 else f"{len(self.names)} photos"
        return f"Straighten {what} by {FAMILIES[self.family].title}, ±{self.max_angle:g}°"

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.images

    def check(self, inputs: Inputs) -> None:
        """InvalidRequest for a photo of one flat colour: it looks the same however it is turned."""
        for digest, name in zip(self.images, self.names, strict=True):
            if from_png(inputs[digest]).std(axis=(0, 1)).max() < FLATTEST:
                raise InvalidRequest(f"{name} is one flat colour and looks the same however it is turned; choose another photo")

    def run(self, inputs: Inputs) -> Generator[Progress, None, RectifyResult]:
        """Read, learn, test: within `budget` seconds."""
        began = time.monotonic()
        photos = yield from _read(self, inputs)
        unknown = _held_out(self)
        known = [index for index in range(len(photos)) if index not in unknown]
        distortions = Distortions.of(self.family, self.max_angle)
        model = untrained(self.family, self.seed)
        batches = _batches(self, [photos[index] for index in known], distortions)
        self._check_time_left(time.monotonic() - began)
        yield Progress(phase="setting up the network")
        torch.optim.AdamW(model.parameters())  # its first use loads for a second; here, before the clock of the training starts
        seconds = max(LEARNING * self.budget, (1 - TESTING) * self.budget - (time.monotonic() - began))
        film = Film(photos[known[0]], self.max_angle, seconds)
        history = yield from _learn(model, batches, film)
        film.finish(model, history)
        exam = Exam(photos, self.names, unknown, distortions, self.seed)
        trials = yield from exam.sit(model.localization, until=began + self.budget)
        return _result(self, model, history, trials, film, time.monotonic() - began)

    def _check_time_left(self, reading: float) -> None:
        """InvalidRequest when reading took so many seconds that too few are left to learn."""
        if (1 - TESTING) * self.budget - reading < LEARNING * self.budget:
            photos = "1 photo" if len(self.images) == 1 else f"{len(self.images):,} photos"
            took = f"reading {photos} took {reading:.1f} of the {self.budget:g} seconds"
            raise InvalidRequest(f"{took}; choose a longer time or fewer photos")


def _read(request: RectifyRequest, inputs: Inputs) -> Generator[Progress, None, list[np.ndarray]]:
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
    return sorted(order[: int(HELD_OUT * len(order))].tolist())


def untrained(family: FamilyName, seed: int) -> SpatialTransformer:
    """A spatial transformer that changes nothing yet; equal seeds give equal weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        localization = LocalizationNetwork(family, VIEW)
    localization.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # a fifth faster on a CPU
    return SpatialTransformer(localization, GridGenerator(VIEW, VIEW), Sampler())


def _batches(request: RectifyRequest, photos: list[np.ndarray], distortions: Distortions) -> Iterator[Lesson]:
    return lessons(canvases_of(photos), distortions.practice, BATCH, torch.Generator().manual_seed(request.seed))


def _learn(model: SpatialTransformer, batches: Iterator[Lesson], film: Film) -> Generator[Progress, None, History]:
    def loss_of(_: nn.Module, lesson: Lesson) -> Tensor:
        return photometric_loss(model, lesson)

    return (yield from train(model, batches, loss_of, Plan(seconds=film.seconds), observe=film.observe))


def _result(
    request: RectifyRequest, model: SpatialTransformer, history: History, trials: list[Trial], film: Film, seconds: float
) -> RectifyResult:
    shown = {str(number): trial for number, trial in enumerate(trials[:EXAMPLES])}
    return RectifyResult(
        family=request.family,
        max_angle=request.max_angle,
        names=request.names,
        seconds=seconds,
        steps=history.steps,
        weights=weights_of(model.localization),
        loss_steps=history.loss_steps,
        loss=history.loss,
        trials=pd.DataFrame([trial.row for trial in trials]),
        example_names=[trial.name for trial in shown.values()],
        example_thetas=np.stack([trial.straight.theta for trial in shown.values()]),
        upright={number: trial.upright for number, trial in shown.items()},
        distorted={number: trial.distorted for number, trial in shown.items()},
        straightened={number: trial.straight.image for number, trial in shown.items()},
        film_distorted=film.distorted,
        film=np.stack(film.frames),
        film_thetas=np.stack(film.thetas),
        film_seconds=film.times,
    )
