"""Align: 5 to 100 images of one kind, no labels; find each image's theta so that they lie on top of each other.

The mathematics is `congealing`. Here: what can be asked, what is told, and the film of the mean image becoming sharp.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
import torch
from pydantic import model_validator
from torch import Tensor, nn

from core.errors import InvalidRequest
from core.runs.request import Inputs, Progress, Request, Result
from core.stn.congealing import STEPS, Alignment, Levels, congeal
from core.stn.families import FAMILIES, FamilyName
from core.stn.images import from_png, to_jpeg
from core.stn.poses import FREEDOMS, Poses, of_family, theta_of_poses
from core.stn.sampling import warp
from core.stn.stacks import Stack, sharpness, shrunk, to_pixels, variance
from core.stn.thetas import for_frame, identity, parts
from core.training import History

if TYPE_CHECKING:
    from core.runs.export import Format

FEWEST, MOST = 5, 100  # images
LONGEST = 256  # pixels: longest side of the mean images
SMALL = 192  # of the images before and after
FILM_SIDE, STAGES = 128, 24
SHOWING = 0.15  # share of the budget that is kept for the pictures
FLATTEST = 2.0  # grey levels: an image whose standard deviation is below this shows nothing to align
ALREADY = 1e-5  # variance: a stack below this is one image many times; half a grey level is 4e-6
THETA = ("a11", "a12", "a13", "a21", "a22", "a23")


class AlignResult(Result):
    """The pose of every image, the stack before and after, and how the mean image became sharp."""

    family: FamilyName
    seconds: float
    steps: int
    variance_before: float  # of brightness from 0 to 1
    variance_after: float
    sharpness_before: float  # gradient energy of the mean image
    sharpness_after: float
    images: pd.DataFrame  # name, angle_deg, scale, shift_x, shift_y, residual, ok, why, a11 … a23, and turned_deg if known
    thetas: np.ndarray  # (N, 2, 3): from the common view to each image, normalised coordinates of each frame
    before: dict[str, np.ndarray]  # "0", "1", …: uint8 (H, W, 3)
    after: dict[str, np.ndarray]
    mean_before: np.ndarray  # uint8 (H, W, 3)
    mean_after: np.ndarray
    film: np.ndarray  # uint8 (stages, H, W, 3): the mean image becoming sharp
    film_variance: list[float]
    film_seconds: list[float]

    @property
    def exports(self) -> dict[str, Format]:
        from core.stn.film_export import ALIGN

        return ALIGN

    @property
    def scores(self) -> dict[str, Any]:
        """The stack before and after, and a row for every image; the spread of the angles where they are known."""
        rows = self.images[["name", "angle_deg", "scale", "residual", "ok", "why"]].to_dict("records")
        thetas = self.thetas.tolist()
        told = {
            "variance_before": self.variance_before,
            "variance_after": self.variance_after,
            "sharpness_before": self.sharpness_before,
            "sharpness_after": self.sharpness_after,
            "failed": self.failed,
            "seconds": self.seconds,
            "images": [row | {"theta": theta} for row, theta in zip(rows, thetas, strict=True)],
        }
        return told | self.spread

    @property
    def spread(self) -> dict[str, float]:
        """How much the angles scatter, median absolute deviation in degrees; nothing unless they are known."""
        if "turned_deg" not in self.images:
            return {}
        turned = self.images.turned_deg.to_numpy()
        left = turned - self.images.angle_deg.to_numpy()
        return {"angle_spread_before_deg": spread_of(turned), "angle_spread_after_deg": spread_of(left)}

    @property
    def failed(self) -> int:
        return int((~self.images.ok).sum())

    @property
    def already(self) -> bool:
        """Whether the images lay on top of each other to begin with."""
        return self.variance_before < ALREADY

    @property
    def gain(self) -> float:
        """By which share the variance fell."""
        return 0.0 if self.already else 1 - self.variance_after / self.variance_before

    @property
    def headline(self) -> str:
        failed = f", {self.failed} of {len(self.images)} failed" if self.failed else ""
        return "they lie on top of each other already" if self.already else f"variance down by {self.gain:.0%}{failed}"


def spread_of(angles_deg: np.ndarray) -> float:
    """The median absolute deviation of angles in degrees, whole turns left out."""
    middle = np.angle(np.exp(1j * np.deg2rad(angles_deg)).mean(), deg=True)
    away = (angles_deg - middle + 180) % 360 - 180
    return float(np.median(np.abs(away - np.median(away))))


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


class Film:
    """Watches the poses while they are learned; keeps the mean image at up to STAGES stages."""

    def __init__(self, photos: list[np.ndarray], family: FamilyName) -> None:
        self.stack = Stack.of(photos, FILM_SIDE)
        self.family = family
        self.frames: list[np.ndarray] = []
        self.variances: list[float] = []
        self.seconds: list[float] = []
        self.keep(identity(len(photos)), 0.0)

    def observe(self, model: nn.Module, history: History) -> dict[str, bytes]:
        """Keep a frame when one is due, evenly over the steps; the screen sees the same."""
        assert isinstance(model, Poses)
        if len(self.frames) >= STAGES - 1 or history.steps * (STAGES - 2) < (len(self.frames) - 1) * sum(STEPS):
            return {}
        with torch.no_grad():
            self.keep(theta_of_poses(of_family(model(), self.family)), history.seconds)
        return {"The mean image so far": to_jpeg(self.frames[-1])}

    def keep(self, thetas: Tensor, seconds: float) -> None:
        """The mean image through thetas (N, 2, 3), in square coordinates."""
        seen = self.stack.seen(thetas)
        self.frames.append(to_pixels(seen.mean(dim=0)))
        self.variances.append(variance(seen))
        self.seconds.append(seconds)


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
