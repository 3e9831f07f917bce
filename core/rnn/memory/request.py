"""The request of memory: what the networks of a finished comparison keep of the days before, beside placebos."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from core.errors import InvalidRequest
from core.rnn.compare import CompareRequest
from core.rnn.models import TITLES
from core.runs.request import Request

PLACEBOS = (49, 199)  # with fewer than 49 no p could be small enough


class MemoryRequest(Request):
    """Which comparison, and how many placebos of how many seeds its networks are tested against."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "recurrent"
    called: ClassVar[Mapping[Any, str]] = TITLES
    stoppable: ClassVar[bool] = True

    kind: Literal["memory"] = "memory"
    comparison: CompareRequest
    networks: str  # digest of the comparison's result, which holds the trained networks
    placebos: int = PLACEBOS[0]  # shuffled orders of the days
    seeds: int = (
        1  # networks of each variant that are trained on each order, and so many of the comparison they are tested with
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.comparison.cells:
            raise InvalidRequest("the comparison has no network to look into; compare with at least one cell")
        low, high = PLACEBOS
        if not low <= self.placebos <= high:
            raise InvalidRequest(f"the number of placebos is {self.placebos}; choose between {low} and {high}")
        if not 1 <= self.seeds <= self.comparison.seeds:
            raise InvalidRequest(f"{self.seeds} seeds are to be tested; the comparison has {self.comparison.seeds}")
        return self

    @property
    def size(self) -> float:
        """Networks to train."""
        return float(len(self.comparison.cells) * self.seeds * (1 + self.placebos))

    @property
    def title(self) -> str:
        return f"Memory of the networks on {self.comparison.symbol}, {self.comparison.target_row.title}"

    @property
    def inputs(self) -> tuple[str, ...]:
        return (*self.comparison.inputs, self.networks)
