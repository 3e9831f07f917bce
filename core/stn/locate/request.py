"""Locate: find the object that many images have in common, without labels and without boxes, by an attention transformer.

Jaderberg et al. 2015, appendix A.2 (co-localisation). The transformer cuts a square out of every image; the triplet loss asks
that the cuts look alike and unlike random crops (see `triplets`). Scenes are digits, or uploaded pictures, in clutter.
"""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from core.errors import InvalidRequest
from core.runs.request import Request

FEWEST, MOST = 5, 500  # scenes


class LocateRequest(Request):
    """Which object, in clutter or alone, in how many images, and how long to learn."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "spatial"
    stoppable: ClassVar[bool] = True
    timed: ClassVar[bool] = True

    kind: Literal["locate"] = "locate"
    digit: int = 7  # not used where there are `objects`
    objects: tuple[str, ...] = ()  # digests of pictures of the same thing, as PNG
    names: tuple[str, ...] = ()
    clutter: bool = True
    voting: bool = True  # random crops say where to begin; without, the paper's loss alone
    images: int = 100
    steps: int | None = None  # ended by these alone, equal seeds give equal results; else by time, or after STEPS
    budget: float = 60.0  # seconds for everything
    seed: int = 0

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not 0 <= self.digit <= 9:
            raise InvalidRequest(f"the digit is {self.digit}; choose one from 0 to 9")
        if len(self.names) != len(self.objects):
            raise InvalidRequest(f"{len(self.objects)} pictures came with {len(self.names)} names; give one name for each")
        if not FEWEST <= self.images <= MOST:
            raise InvalidRequest(f"{self.images} images will not do; choose between {FEWEST} and {MOST}")
        if self.steps is not None and not 1 <= self.steps <= 10_000:
            raise InvalidRequest(f"{self.steps} steps will not do; choose between 1 and 10,000")
        if not 3 <= self.budget <= 600:
            raise InvalidRequest(f"the time to learn is {self.budget:g} s; choose between 3 and 600 seconds")
        if not 0 <= self.seed < 2**63:
            raise InvalidRequest(f"the seed is {self.seed}; choose a whole number that is not negative")
        return self

    @property
    def what(self) -> str:
        """What there is to find."""
        if not self.objects:
            return f"the digit {self.digit}"
        return self.names[0] if len(self.names) == 1 else f"{len(self.names)} pictures"

    @property
    def size(self) -> float:
        """Seconds for everything, at most."""
        return self.budget

    @property
    def title(self) -> str:
        return f"Locate {self.what} in {self.images} images, {'in clutter' if self.clutter else 'alone'}"

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.objects
