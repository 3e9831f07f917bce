"""Register: descend, come back the other way, compare with what needs no descent, and look at the loss around the end."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from core.checkpoints.checkpoint import clock
from core.drive import relayed
from core.errors import InvalidRequest
from core.runs.request import Inputs, Progress
from core.stn.datasets.images import from_png, is_flat
from core.stn.geometry.pixels import shrunk
from core.stn.geometry.theta import identity
from core.stn.learning.recorder import Stage
from core.stn.register.descent import descend, in_all, steps_on
from core.stn.register.evidence import corner_error, evidence_for
from core.stn.register.landscape import landscape
from core.stn.register.measures import MEASURES
from core.stn.register.phase_correlation import phase_correlated
from core.stn.register.pictures import Level, laid, levels_of
from core.stn.register.recorder import LevelRecorder, Seen
from core.stn.register.request import RegisterRequest, theta_from
from core.stn.register.result import DESCENT, NOTHING, RegisterResult

FILMED = 192  # pixels: longest side of the film


class _Film:
    """The recorders of all levels, in their order."""

    def __init__(self, request: RegisterRequest, moving: np.ndarray, fixed: np.ndarray) -> None:
        self._measure = MEASURES[request.measure]
        self._moving, self._fixed = shrunk(moving, FILMED), shrunk(fixed, FILMED)
        self._recorders: list[LevelRecorder] = []
        self.levels: list[int] = []

    def of(self, steps: int, level: Level) -> LevelRecorder:
        recorder = LevelRecorder(level, self._measure, steps, self._moving, self._fixed)
        self._recorders.append(recorder)
        self.levels.append(level.side)
        return recorder

    @property
    def stages(self) -> list[tuple[int, Stage[Seen]]]:
        """Each with the side of its level."""
        both = zip(self.levels, self._recorders, strict=True)
        return [(side, stage) for side, recorder in both for stage in recorder.stages]


def _slopes(stages: list[tuple[int, Stage[Seen]]]) -> pd.DataFrame:
    rows = [
        {"stage": number, "number": name, "value": float(value), "slope": float(slope)}
        for number, (_, stage) in enumerate(stages)
        for name, value, slope in zip(stage.view.names, stage.view.numbers, stage.view.slopes, strict=True)
    ]
    return pd.DataFrame(rows)


def _ways(
    request: RegisterRequest, moving: np.ndarray, fixed: np.ndarray, finest: Level, theta: Tensor, seconds: float
) -> pd.DataFrame:
    """A row for each way to lay one over the other: its corner error, unlikeness and seconds."""
    truth, began = theta_from("truth", request.truth), clock()
    phase = phase_correlated(moving, fixed, request.family)
    ways = (
        (DESCENT, theta, seconds),
        ("phase correlation", torch.as_tensor(phase, dtype=torch.float32)[None], clock() - began),
        (NOTHING, identity(), 0.0),
    )
    height, width = fixed.shape[:2]
    rows = []
    for way, found, took in ways:
        error = np.nan if truth is None else corner_error(found[0].double().numpy(), truth, width, height)
        unlike = float(finest.loss(MEASURES["ncc"], found))
        rows.append({"way": way, "corner_error": error, "unlikeness": unlike, "seconds": took})
    return pd.DataFrame(rows)


def check(request: RegisterRequest, inputs: Inputs) -> None:
    """InvalidRequest for a picture of one flat colour: it lies equally well anywhere."""
    for digest, name in zip(request.images, request.names, strict=True):
        if is_flat(from_png(inputs[digest])):
            raise InvalidRequest(f"{name} is one flat colour, nothing in it can be laid over the other; choose another picture")


def run(request: RegisterRequest, inputs: Inputs) -> Generator[Progress, None, RegisterResult]:
    """Both ways by descent, each from its own starts; then what they are worth."""
    began = clock()
    yield Progress(phase="reading the pictures")
    moving, fixed = (from_png(inputs[digest]) for digest in request.images)
    measure, start, film = MEASURES[request.measure], theta_from("start", request.start), _Film(request, moving, fixed)
    levels = levels_of(moving, fixed, measure.levelled)
    there = levels_of(fixed, moving, measure.levelled)[: max(1, len(levels) - 1)]
    first, second = (steps_on(len(one)) for one in (levels, there))
    forth = descend(levels, request.family, measure, request.max_angle, start, film.of)
    theta = yield from relayed(forth, lambda now: in_all(0, first + second, now))
    seconds = clock() - began
    turned = request.max_angle if start is None else 180.0  # a start by hand may lie beyond the fan
    returning = descend(there, request.family, measure, turned, way="the way back: ")
    back = yield from relayed(returning, lambda now: in_all(first, first + second, now))
    yield Progress(phase="comparing with other ways")
    evidence = evidence_for(moving, fixed, theta, back)
    levelled = levels if measure.levelled else levels_of(moving, fixed)
    ways = _ways(request, moving, fixed, levelled[-1], theta, seconds)
    yield Progress(phase="the loss around the end")
    curves, basins = landscape(levels, measure, theta)
    stages = film.stages
    over, inside = laid(moving, theta[0].numpy(), (fixed.shape[0], fixed.shape[1]))
    truth = theta_from("truth", request.truth)
    return RegisterResult(
        family=request.family,
        measure=request.measure,
        seconds=clock() - began,
        theta=theta[0].double().numpy(),
        truth=np.zeros(0) if truth is None else truth,
        likeness=evidence.likeness,
        return_pixels=evidence.return_pixels,
        belief=evidence.belief,
        overlap=float(inside.mean()),
        ways=ways,
        moving=moving,
        fixed=fixed,
        laid=over,
        inside=inside,
        film=np.stack([stage.view.pixels for _, stage in stages]),
        film_levels=[side for side, _ in stages],
        film_steps=[stage.step for _, stage in stages],
        film_seconds=[stage.seconds for _, stage in stages],
        film_losses=[stage.view.loss for _, stage in stages],
        slopes=_slopes(stages),
        curves=curves,
        basins=basins,
    )
