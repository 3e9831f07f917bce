"""Align: 5 to 100 images of one kind, no labels; find each image's theta so that they lie on top of each other.

The mathematics is in `congealing`.
"""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from core.errors import InvalidRequest
from core.runs.request import Request
from core.stn.align.freedoms import FREEDOMS
from core.stn.geometry.families import FAMILIES, FamilyName

FEWEST, MOST = 5, 100  # images


class AlignRequest(Request):
    """Which images, which family of transformations, how far they may be turned, and how long it may take."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "spatial"
    stoppable: ClassVar[bool] = True
    timed: ClassVar[bool] = True

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
    def size(self) -> float:
        """Seconds for everything, at most."""
        return self.budget

    @property
    def title(self) -> str:
        return f"Align {len(self.images)} images by {FAMILIES[self.family].title}, ±{self.max_angle:g}°"

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.images
