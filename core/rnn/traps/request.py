"""The request of the traps: six common mistakes in evaluating forecasts, made on one ticker, beside the honest evaluation.

These networks break the rules of the lab on purpose; nothing else uses them. The test is the last fifth of the days.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from core.errors import InvalidRequest
from core.rnn.prices.sources import SourceName
from core.runs.request import Request, check_seed

MOST_SEEDS = 5


class TrapsRequest(Request):
    """Which prices, and how many networks of each kind."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "recurrent"
    stoppable: ClassVar[bool] = True

    kind: Literal["traps"] = "traps"
    symbol: str
    source: SourceName = "sample"
    prices: str  # digest
    as_they_are: bool = False  # whether somebody has said that prices which look wrong are right
    start: date | None = None  # both included; None: as far as the prices go
    end: date | None = None
    seeds: int = 3  # networks of each kind
    seed: int = 0  # of the first one

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.start and self.end and self.end <= self.start:
            raise InvalidRequest(f"the period ends on {self.end}, not after its start on {self.start}; swap the two dates")
        if not 1 <= self.seeds <= MOST_SEEDS:
            raise InvalidRequest(f"the number of seeds is {self.seeds}; choose between 1 and {MOST_SEEDS}")
        check_seed(self.seed)
        return self

    @property
    def size(self) -> float:
        """Seeds of its networks."""
        return float(self.seeds)

    @property
    def title(self) -> str:
        return f"Six traps on {self.symbol}"

    def confirmed(self, symbol: str) -> Self:
        return self.model_copy(update={"as_they_are": True})

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.prices,)
