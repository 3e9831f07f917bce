"""The traps: six ways to fool oneself with forecasts, made on one ticker, each beside the honest number.

The networks here break the rules of the lab on purpose; nothing else uses them. The test is the last fifth of the days.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import date
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from core.errors import InvalidRequest
from core.rnn.dataset.series import series_of
from core.rnn.dataset.target import Target
from core.rnn.traps.result import TITLES, TrapsResult
from core.rnn.traps.run import Found, assembled, each_part, material, test_days_of
from core.runs.request import Inputs, Progress, Request
from core.runs.result import Result

FEWEST = 600  # closes
TEST_SHARE = 5  # one part of so many
MOST_SEEDS = 5


class TrapsRequest(Request):
    """Which prices, and how many networks of each kind."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "recurrent"
    result: ClassVar[type[Result]] = TrapsResult

    kind: Literal["traps"] = "traps"
    symbol: str
    source: Literal["sample", "yahoo", "csv"] = "sample"
    prices: str  # digest
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
        return self

    @property
    def title(self) -> str:
        return f"Six traps on {self.symbol}"

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.prices,)

    def check(self, inputs: Inputs) -> None:
        """Look at the prices before the run: InvalidRequest, SeriesTooShort or PriceError when it could not succeed."""
        material(self, inputs)

    def run(self, inputs: Inputs) -> Generator[Progress, None, TrapsResult]:
        """Walk into every trap, one after the other, then judge the same networks honestly."""
        from core.rnn.traps.best_of_many import drawn
        from core.rnn.traps.price_levels import learned
        from core.rnn.traps.reads_the_future import read_the_future

        prices = material(self, inputs)
        series, test_days = series_of(prices, Target()), test_days_of(prices)
        seeds = range(self.seed, self.seed + self.seeds)
        parts = 1 + 4 * self.seeds
        yield Progress(phase=TITLES["future"], total=parts)
        first = len(series) - test_days
        futures = yield from each_part("future", [read_the_future(series, first, seed) for seed in seeds], 0, parts)
        leaking = yield from each_part(
            "scaler", [learned(prices.close, "all-days", test_days, seed) for seed in seeds], self.seeds, parts
        )
        honest = yield from each_part(
            "scaler", [learned(prices.close, "training-days", test_days, seed) for seed in seeds], 2 * self.seeds, parts
        )
        mixed = yield from each_part(
            "shuffle", [learned(prices.close, "shuffled", test_days, seed) for seed in seeds], 3 * self.seeds, parts
        )
        [lottery] = yield from each_part("luck", [drawn(series, first, self.seed)], 4 * self.seeds, parts)
        return assembled(self, prices, Found(futures, leaking, honest, mixed, lottery))
