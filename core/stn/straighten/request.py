"""Straighten: train a spatial transformer on your own upright photos until it can straighten them, however they are turned.

Self-supervised (see `self_supervision`): the photos are their own targets; the loss does not use theta.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from pydantic import field_validator, model_validator

from core.errors import InvalidRequest
from core.runs.request import Request
from core.stn.datasets.decoding.uploads import MOST_PICTURES
from core.stn.datasets.distortions import Distortions
from core.stn.geometry.families import FAMILIES, FamilyName

HELD_OUT = 0.2  # share of the photos that training does not see
FEWEST_TO_HOLD_OUT = 5  # photos: of fewer, all are learned from
SIDES = 6  # a photo that may stand on its head is looked at from so many sides


def sides_for(max_angle: float) -> int:
    """From how many sides to look at photos that are turned by up to ± so many degrees."""
    return SIDES if max_angle > 90 else 1


class StraightenRequest(Request):
    """Which photos, which family of transformations, how far they may be turned, and how long to learn."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "spatial"
    stoppable: ClassVar[bool] = True
    timed: ClassVar[bool] = True

    kind: Literal["straighten"] = "straighten"
    images: tuple[str, ...]  # digests of upright photos, as PNG
    names: tuple[str, ...]
    family: FamilyName = "similarity"
    max_angle: float = 45.0  # degrees: photos are turned by up to ± this, where the family can turn
    budget: float = 30.0  # seconds for everything: reading, learning, testing
    seed: int = 0
    held_out: float = HELD_OUT  # from five photos on: share that is kept from training, and tested on too
    start: str | None = None  # digest of the weights to start from (`checkpoint.to_file`); None: the identity

    @field_validator("held_out", mode="before")
    @classmethod
    def _share(cls, given: Any) -> Any:
        """Takes True and False as well: in requests of older exports this field was a switch."""
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
    def size(self) -> float:
        """Seconds for everything."""
        return self.budget

    @property
    def title(self) -> str:
        what = self.names[0] if len(self.names) == 1 else f"{len(self.names)} photos"
        reach = f", ±{self.max_angle:g}°" if self.distortions.max_angle else ""
        more = f", continued for {self.budget:g} s" if self.start else ""
        return f"Straighten {what} by {FAMILIES[self.family].title}{reach}{more}"

    @property
    def inputs(self) -> tuple[str, ...]:
        return (*self.images, self.start) if self.start else self.images

    @property
    def distortions(self) -> Distortions:
        """What the photos are bent by."""
        return Distortions.of(self.family, self.max_angle)
