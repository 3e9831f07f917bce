"""Alignment: pose by pose until the images lie on top of each other."""

from __future__ import annotations

import time
from collections.abc import Generator

import numpy as np
import pandas as pd
import torch

from core.errors import InvalidRequest
from core.runs.request import Inputs, Progress
from core.stn.align.congealing import Alignment, Levels, congeal
from core.stn.align.recorder import Film
from core.stn.align.request import AlignRequest
from core.stn.align.result import THETA, AlignResult
from core.stn.align.stack import Stack, sharpness, to_pixels, variance
from core.stn.datasets.images import from_png
from core.stn.geometry.pixels import shrunk
from core.stn.geometry.theta import for_frame, identity, parts
from core.stn.geometry.warping import warp

LONGEST = 256  # pixels: longest side of the mean images
SMALL = 192  # of the images before and after
SHOWING = 0.15  # share of the budget that is kept for the pictures
FLATTEST = 2.0  # grey levels: an image whose standard deviation is below this shows nothing to align


def _result(request: AlignRequest, photos: list[np.ndarray], found: Alignment, film: Film, seconds: float) -> AlignResult:
    stack = Stack.of(photos, LONGEST)
    seen_before, seen_after = stack.seen(identity(len(photos))), stack.seen(found.thetas)
    framed = [for_frame(theta, photo.shape[1], photo.shape[0]) for theta, photo in zip(found.thetas, photos, strict=True)]
    thetas = torch.stack(framed).numpy()
    small = [shrunk(photo, SMALL) for photo in photos]
    return AlignResult(
        family=request.family,
        seconds=seconds,
        steps=found.steps,
        variance_before=variance(seen_before),
        variance_after=variance(seen_after),
        sharpness_before=sharpness(seen_before.mean(dim=0)),
        sharpness_after=sharpness(seen_after.mean(dim=0)),
        images=_table(request, found, thetas),
        thetas=thetas,
        before={str(number): photo for number, photo in enumerate(small)},
        after={str(number): warp(photo, theta) for number, (photo, theta) in enumerate(zip(small, thetas, strict=True))},
        mean_before=to_pixels(seen_before.mean(dim=0)),
        mean_after=to_pixels(seen_after.mean(dim=0)),
        film=np.stack(film.frames),
        film_variance=film.variances,
        film_seconds=film.seconds,
    )


def _table(request: AlignRequest, found: Alignment, thetas: np.ndarray) -> pd.DataFrame:
    """A row an image: how its content is turned, scaled and shifted against the common pose, and whether to trust that."""
    read = [parts(theta) for theta in found.thetas]
    table = pd.DataFrame(
        {
            "name": request.names,
            "angle_deg": [-part.rotation_deg for part in read],
            "scale": [abs(part.determinant) ** 0.5 for part in read],
            "shift_x": [part.shift_x for part in read],  # in half short sides of the image, to the right and down
            "shift_y": [part.shift_y for part in read],
            "residual": found.residuals,
            "ok": [not failure for failure in found.failures],
            "why": list(found.failures),
        }
    )
    table[list(THETA)] = thetas.reshape(len(thetas), 6)
    if request.turned_deg is not None:
        table["turned_deg"] = request.turned_deg
    return table


def check(request: AlignRequest, inputs: Inputs) -> None:
    """InvalidRequest for an image of one flat colour: it lies equally well anywhere."""
    for digest, name in zip(request.images, request.names, strict=True):
        if from_png(inputs[digest]).std(axis=(0, 1)).max() < FLATTEST:
            raise InvalidRequest(f"{name} is one flat colour, there is nothing in it to align; leave it out")


def run(request: AlignRequest, inputs: Inputs) -> Generator[Progress, None, AlignResult]:
    """Read, align, show: within `budget` seconds."""
    began = time.monotonic()
    yield Progress(phase="reading the images")
    photos = [from_png(inputs[digest]) for digest in request.images]
    levels = Levels.of(photos)
    film = Film(photos, request.family)
    seconds = max(1.0, (1 - SHOWING) * request.budget - (time.monotonic() - began))
    found = yield from congeal(levels, request.family, request.max_angle, request.seed, seconds, film.observe)
    yield Progress(phase="laying the images on top of each other")
    film.keep(found.thetas, time.monotonic() - began)
    return _result(request, photos, found, film, time.monotonic() - began)
