"""Align: 5 to 100 images of one kind, no labels; find each image's theta so that they lie on top of each other.

The mathematics is `congealing`. Here: what can be asked, what is told, and the film of the mean image becoming sharp.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import ClassVar, Literal, Self

import numpy as np
import pandas as pd
import torch
from pydantic import model_validator

from core.errors import InvalidRequest
from core.runs.request import Inputs, Progress, Request
from core.runs.result import Result
from core.stn.align.congealing import Alignment, Levels, congeal
from core.stn.align.poses import FREEDOMS
from core.stn.align.recorder import Film
from core.stn.align.result import THETA, AlignResult
from core.stn.align.stack import Stack, sharpness, to_pixels, variance
from core.stn.datasets.images import from_png
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.pixels import shrunk
from core.stn.geometry.theta import for_frame, identity, parts
from core.stn.geometry.warping import warp

FEWEST, MOST = 5, 100  # images
LONGEST = 256  # pixels: longest side of the mean images
SMALL = 192  # of the images before and after
SHOWING = 0.15  # share of the budget that is kept for the pictures
FLATTEST = 2.0  # grey levels: an image whose standard deviation is below this shows nothing to align


class AlignRequest(Request):
    """Which images, which family of transformations, how far they may be turned, and how long it may take."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "spatial"
    result: ClassVar[type[Result]] = AlignResult

    kind: Literal["align"] = "align"
    images: tuple[str, ...]  # digests of the images, as PNG
    names: tuple[str, ...]
    family: FamilyName = "similarity"
    max_angle: float = 45.0  # degrees: images are turned by up to ± this
    budget: float = 20.0  # seconds for everything, at most; few images need less
    seed: int = 0
    turned_deg: tuple[float, ...] | None = None  # if known, how far each was turned: only to tell how well it was found

    @model_validator(mode="after")
    def _check(self) -> Self:
        count = len(self.images)
        if count < FEWEST:
            some = "1 image is" if count == 1 else f"{count} images are"
            raise InvalidRequest(f"{some} too few to lay on top of each other; choose at least {FEWEST} of one kind")
        if count > MOST:
            raise InvalidRequest(f"{count:,} images are too many to align at once; choose at most {MOST}")
        for what, values in (("names", self.names), ("known angles", self.turned_deg or self.names)):
            if len(values) != count:
                raise InvalidRequest(f"{count} images came with {len(values)} {what}; give one for each image")
        if self.family not in FREEDOMS:
            raise InvalidRequest(f"images cannot be aligned by {self.family}; choose {', '.join(FREEDOMS)}")
        if not 0 < self.max_angle <= 180:
            raise InvalidRequest(f"the largest angle is {self.max_angle:g}°; choose one above 0° and at most 180°")
        if not 3 <= self.budget <= 600:
            raise InvalidRequest(f"the time to align is {self.budget:g} s; choose between 3 and 600 seconds")
        if not 0 <= self.seed < 2**63:
            raise InvalidRequest(f"the seed is {self.seed}; choose a whole number that is not negative")
        if not np.isfinite(self.turned_deg or 0.0).all():
            raise InvalidRequest("a known angle is not a finite number; give degrees, or none at all")
        return self

    @property
    def title(self) -> str:
        return f"Align {len(self.images)} images by {FAMILIES[self.family].title}, ±{self.max_angle:g}°"

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.images

    def check(self, inputs: Inputs) -> None:
        """InvalidRequest for an image of one flat colour: it lies equally well anywhere."""
        for digest, name in zip(self.images, self.names, strict=True):
            if from_png(inputs[digest]).std(axis=(0, 1)).max() < FLATTEST:
                raise InvalidRequest(f"{name} is one flat colour, there is nothing in it to align; leave it out")

    def run(self, inputs: Inputs) -> Generator[Progress, None, AlignResult]:
        """Read, align, show: within `budget` seconds."""
        began = time.monotonic()
        yield Progress(phase="reading the images")
        photos = [from_png(inputs[digest]) for digest in self.images]
        levels = Levels.of(photos)
        film = Film(photos, self.family)
        seconds = max(1.0, (1 - SHOWING) * self.budget - (time.monotonic() - began))
        found = yield from congeal(levels, self.family, self.max_angle, self.seed, seconds, film.observe)
        yield Progress(phase="laying the images on top of each other")
        film.keep(found.thetas, time.monotonic() - began)
        return _result(self, photos, found, film, time.monotonic() - began)


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
