"""Register: lay one picture over another by gradient descent through the sampler, coarse to fine; see `descent`."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from core.errors import InvalidRequest
from core.runs.request import Request
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.kinds import KINDS
from core.stn.register.measures import MEASURES, MeasureName

LARGEST = 100.0  # number of a start or a truth, half the short side being 1


class RegisterRequest(Request):
    """Which picture is laid over which, by which family of transformations and which measure of likeness."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "spatial"

    kind: Literal["register"] = "register"
    images: tuple[str, str]  # digests, as PNG: the picture that moves, and the one that it is laid over
    names: tuple[str, str]
    family: FamilyName = "similarity"
    measure: MeasureName = "ncc"
    max_angle: float = 45.0  # degrees: starts are turned by up to ± this
    start: tuple[float, ...] = ()  # a theta, row by row, in square coordinates, to begin with alone; none: a fan of starts
    truth: tuple[float, ...] = ()  # if known, the theta that lays one over the other: only to tell the error

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not 0 <= self.max_angle <= 180:
            raise InvalidRequest(f"the largest angle is {self.max_angle:g}°; choose one from 0° to 180°")
        for what in ("start", "truth"):
            theta_from(what, getattr(self, what))
        return self

    @property
    def title(self) -> str:
        moving, fixed = self.names
        return f"Lay {moving} over {fixed} by {FAMILIES[self.family].title}, {MEASURES[self.measure].title}"

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.images


def theta_from(what: str, numbers: tuple[float, ...]) -> np.ndarray | None:
    """The theta, float64, that so many numbers are; None for none, InvalidRequest for numbers that are no theta."""
    shapes = {kind.numbers: kind.shape for kind in KINDS.values()}
    if not numbers:
        return None
    if len(numbers) not in shapes:
        raise InvalidRequest(f"the {what} has {len(numbers)} numbers; give 6 (a matrix), 9 (a homography) or 32 (a spline)")
    theta = np.array(numbers, np.float64).reshape(shapes[len(numbers)])
    if not np.isfinite(theta).all() or np.abs(theta).max() > LARGEST:
        raise InvalidRequest(f"the {what} has numbers that are not finite or beyond ±{LARGEST:g}; give smaller ones")
    if theta.shape == (3, 3) and theta[2, 2] <= 0:
        raise InvalidRequest(f"the {what} is a homography whose last number is {theta[2, 2]:g}; make it 1")
    return theta
