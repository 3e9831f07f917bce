"""Add: networks learn to add two digits that are turned, scaled and shifted independently, with one or two transformers.

Jaderberg et al. 2015, appendix A.1. Data: `pairs`; networks: `adders`. Every model gets the same time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from core.errors import InvalidRequest
from core.runs.request import Request, check_seed
from core.stn.add.adders import TITLES, AdderName
from core.stn.datasets.digits import FILES
from core.stn.geometry.families import FAMILIES, FamilyName


class AddRequest(Request):
    """Which digits, which models, which family of transformations, and how long each model learns."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "spatial"
    called: ClassVar[Mapping[Any, str]] = TITLES
    timed: ClassVar[bool] = True
    stoppable: ClassVar[bool] = True

    kind: Literal["add"] = "add"
    mnist: tuple[str, ...] = ()  # digests of MNIST's four files, in the order of digits.FILES; none: the shipped digits
    models: tuple[AdderName, ...] = ("fcn", "st-fcn", "2xst-fcn")
    family: FamilyName = "affine"
    budget: float = 60.0  # seconds a model, learning and test
    steps: int | None = None  # ended by steps, equal seeds give equal results
    seed: int = 0

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.models or len(set(self.models)) != len(self.models):
            raise InvalidRequest(f"the models are {', '.join(self.models) or 'none'}; name at least one, each once")
        if len(self.mnist) not in (0, len(FILES)):
            raise InvalidRequest(f"MNIST is {len(FILES)} files, not {len(self.mnist)}; fetch it or give its folder")
        if not 3 <= self.budget <= 7200:
            raise InvalidRequest(f"the time for a model is {self.budget:g} s; choose between 3 and 7,200 seconds")
        if self.steps is not None and not 1 <= self.steps <= 1_000_000:
            raise InvalidRequest(f"{self.steps:,} steps will not do; choose between 1 and 1,000,000")
        check_seed(self.seed)
        return self

    @property
    def source(self) -> str:
        """Where the digits come from."""
        return "MNIST" if self.mnist else "the shipped 5,000"

    @property
    def size(self) -> float:
        """Seconds for all models."""
        return self.budget * len(self.models)

    @property
    def title(self) -> str:
        names = ", ".join(TITLES[name] for name in self.models)
        return f"Add two digits of {self.source} by {names} ({FAMILIES[self.family].title})"

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.mnist
