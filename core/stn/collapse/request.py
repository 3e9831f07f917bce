"""The request of a collapse run: one photo, and the settings of two to four trainings on it that are otherwise the same."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from core.errors import InvalidRequest
from core.runs.request import Request, check_seed
from core.stn.collapse.settings import FEWEST, PANELS, PRESETS, Setting
from core.stn.geometry.families import FamilyName

STEPS = (2, 5_000)


class CollapseRequest(Request):
    """Which photo, by how much it is turned, how long every panel learns, and in what the panels differ."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "spatial"
    stoppable: ClassVar[bool] = True

    kind: Literal["collapse"] = "collapse"
    image: str  # digest of an upright photo, as PNG
    name: str
    family: FamilyName = "similarity"
    max_angle: float = 45.0  # degrees
    steps: int = 200  # of every panel
    seed: int = 0  # of weights and batches, the same in all panels
    panels: tuple[Setting, ...] = PRESETS["four"]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not FEWEST <= len(self.panels) <= len(PANELS):
            raise InvalidRequest(f"there are {len(self.panels)} panels; choose from {FEWEST} to {len(PANELS)}")
        if not 0 < self.max_angle <= 180:
            raise InvalidRequest(f"the largest angle is {self.max_angle:g}°; choose one above 0° and at most 180°")
        low, high = STEPS
        if not low <= self.steps <= high:
            raise InvalidRequest(f"the number of steps is {self.steps:,}; choose between {low} and {high:,}")
        check_seed(self.seed)
        return self

    @property
    def named(self) -> dict[str, Setting]:
        """The panels by their letters."""
        return dict(zip(PANELS, self.panels, strict=False))

    @property
    def size(self) -> float:
        """Hundreds of steps, of all panels."""
        return self.steps * len(self.panels) / 100

    @property
    def title(self) -> str:
        return f"Where it breaks: {self.name} in {len(self.panels)} settings"

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.image,)
