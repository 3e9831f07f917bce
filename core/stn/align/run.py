"""Align: read the images, find the pose of each, lay them on top of each other."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import pandas as pd
import torch

from core.checkpoints.checkpoint import clock
from core.errors import InvalidRequest
from core.runs.request import Inputs, Progress
from core.stn.align.congealing import Alignment, Levels, congeal
from core.stn.align.recorder import MeanRecorder
from core.stn.align.request import AlignRequest
from core.stn.align.result import THETA, AlignResult
from core.stn.align.stack import Stack, apart, sharpness, variance
from core.stn.datasets.images import from_png, is_flat
from core.stn.geometry.pixels import picture_of, shrunk
from core.stn.geometry.theta import for_frame, identity, parts
from core.stn.geometry.warping import warp
from core.training import History

LONGEST = 256  # pixels: longest side of the mean images
SMALL = 192  # of the images before and after
SHOWING = 0.15  # share of the budget that is kept for the pictures


def _table(request: AlignRequest, alignment: Alignment, thetas: np.ndarray) -> pd.DataFrame:
    """A row an image: how its content is turned, scaled and shifted against the common pose, and whether to trust that."""
    poses = [parts(theta) for theta in alignment.thetas]
    table = pd.DataFrame(
        {
            "name": request.names,
            "angle_deg": [-part.rotation_deg for part in poses],
            "scale": [abs(part.determinant) ** 0.5 for part in poses],
            "shift_x": [part.shift_x for part in poses],  # in half short sides of the image, to the right and down
            "shift_y": [part.shift_y for part in poses],
            "residual": alignment.residuals,
            "likeness": alignment.evidence.likeness,
            "rival": alignment.evidence.rival,
            "rival_deg": alignment.evidence.rival_deg,
            "ok": [not reason for reason in alignment.why],
            "why": list(alignment.why),
        }
    )
    table[list(THETA)] = thetas.reshape(len(thetas), 6)
    if request.turned_deg is not None:
        table["turned_deg"] = request.turned_deg
    return table


def _result(
    request: AlignRequest, photos: list[np.ndarray], alignment: Alignment, recorder: MeanRecorder, seconds: float
) -> AlignResult:
    stack = Stack.of(photos, LONGEST)
    before, after = stack.views(identity(len(photos))), stack.views(alignment.thetas)
    framed = [for_frame(theta, photo.shape[1], photo.shape[0]) for theta, photo in zip(alignment.thetas, photos, strict=True)]
    thetas = torch.stack(framed).numpy()
    small = [shrunk(photo, SMALL) for photo in photos]
    return AlignResult(
        family=request.family,
        seconds=seconds,
        steps=alignment.steps,
        variance_before=variance(before),
        variance_after=variance(after),
        sharpness_before=sharpness(before.mean(dim=0)),
        sharpness_after=sharpness(after.mean(dim=0)),
        images=_table(request, alignment, thetas).assign(apart_before=apart(before), apart_after=apart(after)),
        thetas=thetas,
        before={str(number): photo for number, photo in enumerate(small)},
        after={
            str(number): warp(photo, theta) for number, (photo, theta) in enumerate(zip(small, alignment.thetas, strict=True))
        },
        mean_before=picture_of(before.mean(dim=0)),
        mean_after=picture_of(after.mean(dim=0)),
        film=np.stack([view.pixels for view in recorder.views]),
        film_variance=[view.variance for view in recorder.views],
        film_seconds=recorder.seconds,
    )


def check(request: AlignRequest, inputs: Inputs) -> None:
    """InvalidRequest for an image of one flat colour: it lies equally well anywhere."""
    for digest, name in zip(request.images, request.names, strict=True):
        if is_flat(from_png(inputs[digest])):
            raise InvalidRequest(f"{name} is one flat colour, there is nothing in it to align; leave it out")


def run(request: AlignRequest, inputs: Inputs) -> Generator[Progress, None, AlignResult]:
    """Read, align, show: within `budget` seconds."""
    began = clock()
    yield Progress(phase="reading the images")
    photos = [from_png(inputs[digest]) for digest in request.images]
    levels = Levels.of(photos)
    recorder = MeanRecorder(photos, request.family)
    seconds = max(1.0, (1 - SHOWING) * request.budget - (clock() - began))
    alignment = yield from congeal(levels, request.family, request.max_angle, request.seed, seconds, recorder)
    yield Progress(phase="laying the images on top of each other")
    recorder.add(recorder.through(alignment.thetas), History(steps=alignment.steps, seconds=clock() - began))
    return _result(request, photos, alignment, recorder, clock() - began)
