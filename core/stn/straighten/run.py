"""Straighten: read the photos, learn from their own distortions, test on others, within the budget."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from core.checkpoints.checkpoint import clock
from core.errors import InvalidRequest, StoreError
from core.runs.request import Inputs, Progress, Wish
from core.stn.datasets.canvas import canvases_of
from core.stn.datasets.canvas_size import EXTENT, VIEW
from core.stn.datasets.distortions import Distortions
from core.stn.datasets.images import from_png, is_flat
from core.stn.export.theta_table import theta_table
from core.stn.geometry.families import FamilyName
from core.stn.geometry.pixels import shrunk
from core.stn.learning.belief import Calibration
from core.stn.networks.spatial_transformer import GridGenerator, LocalizationNetwork, Sampler, SpatialTransformer
from core.stn.networks.weights import put_into, weights_of
from core.stn.straighten.baseline.judgement import judgement
from core.stn.straighten.baseline.lying import not_upright
from core.stn.straighten.baseline.self_match import MOST_PHOTOS, self_match_deg
from core.stn.straighten.checkpoint import from_file, origin_in, put_state, state_in, state_of
from core.stn.straighten.curve import Curve
from core.stn.straighten.evaluation import Evaluation, Trial, calibration_by, with_belief
from core.stn.straighten.exam.cross_fit import CROSS_FITTING, as_scattered, by_knowledge, cautious, cross_fitted, halves, is_due
from core.stn.straighten.exam.real_tilts import real_tilts
from core.stn.straighten.looking.doubt import FLOOR_OF_NOVELTY, FLOORS
from core.stn.straighten.observer import ErrorProbe, StraightenObserver
from core.stn.straighten.recorder import PhotoRecorder
from core.stn.straighten.request import FEWEST_TO_HOLD_OUT, StraightenRequest
from core.stn.straighten.result import StraightenResult, packed
from core.stn.straighten.self_supervision import BATCH, DECAY, RATE, RATE_CONTINUED, Batch, batches, photometric_loss
from core.training import History, Plan, train, warm_up

TESTING = 0.12  # share of the budget that is kept for the trials
TESTING_LEAST = 1.0  # seconds that are kept for them at least
TESTING_STOPPED = 3.0  # seconds for the trials of a training that was stopped
STRANGERS_SHARE, AGAIN_SHARE = 0.25, 0.25  # of the time for all trials, for those that belief is calibrated by
LEARNING = 1 / 3  # least share of the budget that must be left for the training
EXAMPLES = 6


def _read(request: StraightenRequest, inputs: Inputs) -> Generator[Progress, Any, list[np.ndarray]]:
    """The photos, uint8 (H, W, 3)."""
    photos: list[np.ndarray] = []
    for digest in request.images:
        if len(photos) % 16 == 0:
            yield Progress(phase="reading the photos", step=len(photos), total=len(request.images))
        photos.append(from_png(inputs[digest]))
    return photos


def _held_out(request: StraightenRequest) -> list[int]:
    """Indices of the photos that are kept from training."""
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
    return SpatialTransformer(localization, GridGenerator(VIEW, VIEW, EXTENT), Sampler())


def _begin_with(model: SpatialTransformer, request: StraightenRequest, inputs: Inputs) -> None:
    """Put the weights that the request names, if it names some, into the network."""
    if request.start is None:
        return
    try:
        put_into(model.localization, from_file(request.family, inputs[request.start]))
    except StoreError as error:
        raise InvalidRequest(f"the weights to start from do not fit ({error}); start anew") from error


def _random(request: StraightenRequest) -> torch.Generator:
    return torch.Generator().manual_seed(request.seed)


def _state_to_begin_with(
    model: SpatialTransformer, request: StraightenRequest, inputs: Inputs
) -> tuple[torch.optim.Optimizer, torch.Generator]:
    """The optimiser and the random numbers of the training; those that the request's start was at, if it names one."""
    optimizer, random = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY), _random(request)
    if request.start is not None:
        put_state(state_in(inputs[request.start]), optimizer, random)
    return optimizer, random


def _batches(photos: list[np.ndarray], distortions: Distortions, random: torch.Generator) -> Iterator[Batch]:
    return batches(canvases_of(photos), distortions.for_training, BATCH, random)


def _learn(
    model: SpatialTransformer, stream: Iterator[Batch], optimizer: torch.optim.Optimizer, random: torch.Generator, plan: Plan,
    observer: StraightenObserver,
) -> Generator[Progress, Wish | None, History]:  # fmt: skip
    def loss_of(_: nn.Module, batch: Batch) -> Tensor:
        return photometric_loss(model, batch)

    return (yield from train(model, stream, loss_of, plan, observer=observer, random=random, optimizer=optimizer))


def _examples(trials: list[Trial]) -> dict[str, np.ndarray]:
    pictures: dict[str, np.ndarray] = {}
    for number, trial in enumerate(trials):
        kinds = {"upright": trial.upright, "distorted": trial.distorted, "straightened": trial.straight.image}
        pictures |= {f"{kind}/{number}": shrunk(image) for kind, image in kinds.items()}
    return pictures


def _frames(recorder: PhotoRecorder) -> dict[str, np.ndarray]:
    frames = {f"film/{number:02d}": view.straight.image for number, view in enumerate(recorder.views)}
    return frames | {"film/given": recorder.distorted}


@dataclass(frozen=True)
class Exam:
    """The test of a run: on the photos of the run, and on what shows when not to believe it."""

    trials: list[Trial]
    strangers: pd.DataFrame
    again: pd.DataFrame
    tilts: pd.DataFrame
    new_photos: pd.DataFrame
    familiar: np.ndarray

    def calibration(self, table: pd.DataFrame, turns: bool) -> Calibration:
        """By all trials, of which `table` are those of the run; new photos count as much as those that were learned from.

        Trials by a second network that has not even learned its own half count once each: they are hardly more than strangers.
        """
        run = pd.concat([table, self.again, self.tilts])
        is_new = run.name.isin(table[~table.seen].name)
        own = run[~is_new]
        knew, guessed = by_knowledge(self.new_photos)
        counted = cautious(pd.concat([run[is_new], as_scattered(knew, own.scatter.median())]), len(own))
        floors = (*FLOORS, FLOOR_OF_NOVELTY) if len(self.new_photos) else FLOORS
        return calibration_by([own, self.strangers, counted, guessed], turns, floors)


def _result(
    request: StraightenRequest,
    model: SpatialTransformer,
    history: History,
    exam: Exam,
    lying: tuple[str, ...],
    observer: StraightenObserver,
    before: Curve,
    seconds: float,
) -> StraightenResult:
    shown, recorder = exam.trials[:EXAMPLES], observer.recorder
    thetas = np.stack([trial.straight.theta for trial in shown])
    table, turns = pd.DataFrame([trial.row for trial in exam.trials]), request.distortions.max_angle > 0
    calibration = exam.calibration(table, turns)
    curve = before.then(history.steps, history.loss_steps, history.loss, observer.probe.errors)

    def believed(others: pd.DataFrame) -> pd.DataFrame:
        return with_belief(others, turns, calibration) if len(others) else others

    return StraightenResult(
        family=request.family,
        max_angle=request.max_angle,
        names=request.names,
        seconds=seconds,
        steps=curve.steps,
        stopped=history.stopped,
        weights=weights_of(model.localization),
        loss_steps=curve.loss_steps,
        loss=curve.loss,
        trials=with_belief(table, turns, calibration),
        errors=curve.errors,
        went_on=curve.went_on,
        learned_seconds=curve.seconds,
        path=recorder.path,
        applied=recorder.applied,
        health=judgement(observer.monitor.diagnosis, table, turns),
        example_names=[trial.name for trial in shown],
        example_thetas=thetas,
        thetas=theta_table([trial.name for trial in shown], thetas, [trial.upright.shape[1::-1] for trial in shown]),
        pictures=packed(_examples(shown) | _frames(recorder)),
        film_thetas=np.stack([view.straight.theta for view in recorder.views]),
        film_seconds=recorder.seconds,
        not_upright=lying,
        strangers=believed(exam.strangers),
        tilts=believed(exam.tilts),
        new_photos=believed(exam.new_photos),
        calibration=calibration,
        familiar=exam.familiar,
    )


def _check_way_up(photo: np.ndarray, name: str, max_angle: float) -> None:
    turn = self_match_deg(photo, max_angle)
    if turn is not None:
        cause = f"{name} looks the same when it is turned by {turn:.0f}°: nobody can say how far it was turned"
        raise InvalidRequest(f"{cause}; choose another photo, or turn it by less than ±{turn / 2:.0f}°")


def check(request: StraightenRequest, inputs: Inputs) -> None:
    """InvalidRequest for a photo that looks the same when turned, such as one of one flat colour, and for unfit weights."""
    for number, (digest, name) in enumerate(zip(request.images, request.names, strict=True)):
        photo = from_png(inputs[digest])
        if is_flat(photo):
            raise InvalidRequest(f"{name} is one flat colour and looks the same however it is turned; choose another photo")
        if number < MOST_PHOTOS and request.distortions.max_angle:
            _check_way_up(photo, name, request.distortions.max_angle)
    if request.start:
        model = untrained(request.family, request.seed)
        _begin_with(model, request, inputs)
        _state_to_begin_with(model, request, inputs)


def _check_time_left(request: StraightenRequest, reading: float) -> None:
    """InvalidRequest when reading took so many seconds that too few are left to learn."""
    if (1 - TESTING) * request.budget - reading < LEARNING * request.budget:
        photos = "1 photo" if len(request.images) == 1 else f"{len(request.images):,} photos"
        took = f"reading {photos} took {reading:.1f} of the {request.budget:g} seconds"
        raise InvalidRequest(f"{took}; choose a longer time or fewer photos")


def _new_photos(
    request: StraightenRequest, evaluation: Evaluation, until: float
) -> Generator[Progress, Wish | None, pd.DataFrame]:
    """Trials on photos of the kind by a second network, where one is due."""
    if not is_due(len(evaluation.photos) - len(evaluation.held_out), len(evaluation.held_out)):
        return pd.DataFrame()
    return (yield from cross_fitted(untrained(request.family, request.seed), halves(evaluation), until))


def _exam(
    request: StraightenRequest, model: SpatialTransformer, evaluation: Evaluation, until: float
) -> Generator[Progress, Wish | None, Exam]:
    """All trials, until the monotonic clock reaches `until`."""
    now = clock()
    new_photos = yield from _new_photos(request, evaluation, now + CROSS_FITTING / (CROSS_FITTING + TESTING) * (until - now))
    now = clock()
    strangers = yield from evaluation.strangers(model.localization, now + STRANGERS_SHARE * (until - now))
    again = yield from evaluation.again(model.localization, now + (STRANGERS_SHARE + AGAIN_SHARE) * (until - now))
    tilts = real_tilts(evaluation, model.localization) if request.distortions.max_angle else pd.DataFrame()
    trials = yield from evaluation.run(model.localization, until)
    return Exam(trials, strangers, again, tilts, new_photos, evaluation.familiar)


def _for_the_exam(request: StraightenRequest, photos: int, held_out: int) -> float:
    """Seconds of the budget that are kept for the test."""
    crossed = CROSS_FITTING if is_due(photos - held_out, held_out) else 0.0
    return max(TESTING * request.budget, TESTING_LEAST) + crossed * request.budget


def run(request: StraightenRequest, inputs: Inputs) -> Generator[Progress, Wish | None, StraightenResult]:
    """Read, learn, test: within `budget` seconds, or less where it is stopped."""
    began = clock()
    photos = yield from _read(request, inputs)
    held_out = _held_out(request)
    learned_from = [photo for index, photo in enumerate(photos) if index not in held_out]
    model = untrained(request.family, request.seed)
    _begin_with(model, request, inputs)
    _check_time_left(request, clock() - began)
    lying = not_upright(photos, request.names)
    yield Progress(phase="setting up the network", note=". ".join(lying))
    warm_up()
    optimizer, random = _state_to_begin_with(model, request, inputs)
    stream = _batches(learned_from, request.distortions, random)
    testing = _for_the_exam(request, len(photos), len(held_out))
    seconds = max(LEARNING * request.budget, request.budget - testing - (clock() - began))
    plan = Plan(seconds=seconds, lr=RATE_CONTINUED if request.start else RATE, weight_decay=DECAY)
    recorder = PhotoRecorder(learned_from[0], request.distortions, plan)
    probe = ErrorProbe(learned_from, request.distortions, request.seed)
    observer = StraightenObserver(model, recorder, probe)
    history = yield from _learn(model, stream, optimizer, random, plan, observer)
    recorder.keep(model, history)
    observer.monitor.measure(history)
    until = clock() + TESTING_STOPPED if history.stopped else began + request.budget
    evaluation = Evaluation(photos, request.names, held_out, request.distortions, request.seed)
    exam = yield from _exam(request, model, evaluation, until)
    before = Curve.in_file(inputs[request.start]) if request.start else Curve()
    origin = origin_in(inputs[request.start]) if request.start else None
    result = _result(request, model, history, exam, lying, observer, before, clock() - began)
    begun_with = {request.start: origin} if request.start and origin else {}
    return result.model_copy(update={"state": state_of(optimizer, random), "begun_with": begun_with})
