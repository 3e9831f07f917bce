"""The traps: six ways to fool oneself with forecasts, made on one ticker, each beside the honest number.

The networks here break the rules of the lab on purpose; nothing else uses them. The test is the last fifth of the days.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal, Self, TypeVar

import numpy as np
import pandas as pd
from pydantic import model_validator

from core.errors import InvalidRequest, PriceError, SeriesTooShort
from core.rnn import trap_words
from core.rnn.diagnostics import lag_correlation
from core.rnn.prices import Prices
from core.rnn.series import series_of
from core.rnn.targets import Target
from core.rnn.trapped import TITLES, TRAPS, TrapName, TrapsResult
from core.runs.request import Inputs, Progress, Request, Result

if TYPE_CHECKING:
    from core.rnn.trap_future import Future
    from core.rnn.trap_levels import Levels
    from core.rnn.trap_luck import Lottery

FEWEST = 600  # closes
TEST_SHARE = 5  # one part of so many
MOST_SEEDS = 5

One = TypeVar("One")


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
        from core.rnn.trap_future import read_the_future
        from core.rnn.trap_levels import learned
        from core.rnn.trap_luck import drawn

        prices = material(self, inputs)
        series, test_days = series_of(prices, Target()), test_days_of(prices)
        seeds = range(self.seed, self.seed + self.seeds)
        parts = 1 + 4 * self.seeds
        yield Progress(phase=TITLES["future"], total=parts)
        first = len(series) - test_days
        futures = yield from _each("future", [read_the_future(series, first, seed) for seed in seeds], 0, parts)
        leaking = yield from _each(
            "scaler", [learned(prices.close, "all-days", test_days, seed) for seed in seeds], self.seeds, parts
        )
        honest = yield from _each(
            "scaler", [learned(prices.close, "training-days", test_days, seed) for seed in seeds], 2 * self.seeds, parts
        )
        mixed = yield from _each(
            "shuffle", [learned(prices.close, "shuffled", test_days, seed) for seed in seeds], 3 * self.seeds, parts
        )
        [lottery] = yield from _each("luck", [drawn(series, first, self.seed)], 4 * self.seeds, parts)
        return assembled(self, prices, Found(futures, leaking, honest, mixed, lottery))


def material(request: TrapsRequest, inputs: Inputs) -> Prices:
    """The prices of the period; InvalidRequest, SeriesTooShort or PriceError when there is nothing to be fooled by."""
    prices = Prices.from_bytes(inputs[request.prices]).between(request.start, request.end)
    if len(prices.close) < FEWEST:
        raise SeriesTooShort(
            f"{request.symbol} has {len(prices.close):,} prices in this period; the traps need at least {FEWEST}: "
            "choose an earlier start"
        )
    test_days = test_days_of(prices)
    for name, close in (("before the test", prices.close[:-test_days]), ("of the test", prices.close[-test_days:])):
        if np.ptp(close) == 0:
            raise PriceError(f"{request.symbol} does not move on any day {name}; choose another period")
    return prices


def test_days_of(prices: Prices) -> int:
    """How many of the last days are the test."""
    return len(prices.close) // TEST_SHARE


def _each(
    name: TrapName, doing: Sequence[Generator[Progress, None, One]], done: int, parts: int
) -> Generator[Progress, None, list[One]]:
    """Do one after the other; the progress is that of the whole run, in hundredths of a part."""
    found = []
    for number, one in enumerate(doing):
        phase = f"{TITLES[name]}, seed {number + 1} of {len(doing)}" if len(doing) > 1 else TITLES[name]
        try:
            while True:
                progress = next(one)
                step = round(100 * (done + number + progress.fraction))
                yield Progress(phase=phase, step=step, total=100 * parts, numbers=progress.numbers)
        except StopIteration as end:
            found.append(end.value)
    return found


@dataclass(frozen=True)
class Found:
    """What was measured, a finding a seed."""

    futures: list[Future]
    leaking: list[Levels]  # scaled by all days
    honest: list[Levels]  # scaled by the training days
    mixed: list[Levels]  # on days drawn at random
    lottery: Lottery


def assembled(request: TrapsRequest, prices: Prices, found: Found) -> TrapsResult:
    """The result: every trap in words, and the tables of the first seed."""
    days, future, mixed = prices.moments, found.futures[0], found.mixed[0]
    test = found.honest[0].split.test
    lags = lag_correlation(_forecasts(days, found.leaking), "volatility")  # of steps from day to day, not of returns
    ages = trap_words.price_ages(prices.close, test)
    traps = {
        "future": trap_words.future(found.futures),
        "scaler": trap_words.scaler(found.leaking, found.honest, days),
        "level": trap_words.level(found.leaking, lags),
        "shuffle": trap_words.shuffle(found.mixed, found.honest),
        "luck": trap_words.luck(found.lottery),
        "accuracy": trap_words.forgiving(found.leaking, ages),
    }
    return TrapsResult(
        symbol=request.symbol,
        first=prices.days[0].item(),
        last=prices.days[-1].item(),
        test_first=prices.days[test[0]].item(),
        test_days=len(test),
        seeds=request.seeds,
        traps=tuple(traps[name] for name in TRAPS),
        returns=_table(days[test], future.actual, future.flattering, future.honest),
        prices=_table(days[test], prices.close[test], found.leaking[0].forecast, found.honest[0].forecast),
        shuffled=_table(days[mixed.split.test], mixed.actual, mixed.forecast),
        scalers=_scalers(days, found),
        lags=lags,
        lottery=pd.DataFrame({"stat": found.lottery.stat, "p": found.lottery.p}),
        ages=ages,
    )


def _table(days: np.ndarray, actual: np.ndarray, flattering: np.ndarray, honest: np.ndarray | None = None) -> pd.DataFrame:
    """date, actual, flattering and, where there is one, honest; (N,) each."""
    table = pd.DataFrame({"date": days.astype("datetime64[s]"), "actual": actual, "flattering": flattering})
    return table if honest is None else table.assign(honest=honest)


def _scalers(days: np.ndarray, found: Found) -> pd.DataFrame:
    """scaler, low, high, fitted_to: which prices and days each has seen."""
    cuts = {"flattering": found.leaking[0].split, "honest": found.honest[0].split}
    rows = [(name, cut.low, cut.high, days[cut.fitted_to].astype("datetime64[s]")) for name, cut in cuts.items()]
    return pd.DataFrame(rows, columns=["scaler", "low", "high", "fitted_to"])


def _forecasts(days: np.ndarray, found: Sequence[Levels]) -> pd.DataFrame:
    """One-step forecasts of the price as `diagnostics` reads them, a seed after the other."""
    tables = [
        _table(days[one.split.test], one.actual, one.forecast).assign(model="gru", seed=seed, step=1)
        for seed, one in enumerate(found)
    ]
    return pd.concat(tables, ignore_index=True).rename(columns={"flattering": "forecast"})
