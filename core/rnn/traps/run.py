"""How the traps are run: each mistake and its honest counterpart, seed by seed."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from core.drive import relayed, until_stopped
from core.errors import PriceError, SeriesTooShort
from core.rnn.dataset.series import series_of
from core.rnn.dataset.target import VOLATILITY, target_of
from core.rnn.evaluation.diagnostics import lag_correlation
from core.rnn.prices.prices import Prices, price_axis
from core.rnn.prices.quality.breaks import taken_as_they_are
from core.rnn.traps import explanations
from core.rnn.traps.request import TrapsRequest
from core.rnn.traps.result import TITLES, TRAPS, TrapName, TrapsResult
from core.runs.request import Inputs, Progress, Wish

if TYPE_CHECKING:  # they bring torch, which `check` does without
    from core.rnn.traps.best_of_many import Lottery
    from core.rnn.traps.price_levels import Levels, Variant
    from core.rnn.traps.reads_the_future import Future

FEWEST = 600  # closes
TEST_SHARE = 5  # the test is one part of so many

One = TypeVar("One")


def prices_of_period(request: TrapsRequest, inputs: Inputs) -> Prices:
    """The prices of the period; InvalidRequest, SeriesTooShort or PriceError where the traps cannot be run on it."""
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
    """The number of test days: the last fifth."""
    return len(prices.close) // TEST_SHARE


def as_part(
    name: TrapName, doing: Generator[Progress, None, One], done: int, parts: int, which: str = ""
) -> Generator[Progress, None, One]:
    """A generator as a part of the whole run: its progress in hundredths of a part, after so many that are done."""

    def overall(progress: Progress) -> Progress:
        step = round(100 * (done + progress.fraction))
        return Progress(phase=f"{TITLES[name]}{which}", step=step, total=100 * parts, numbers=progress.numbers)

    return relayed(doing, overall)


@dataclass(frozen=True)
class Measured:
    """The measurements of all traps; lists have one entry a seed."""

    futures: list[Future]
    leaking: list[Levels]  # scaled by all days
    honest: list[Levels]  # scaled by the training days
    mixed: list[Levels]  # on days drawn at random
    lottery: Lottery


def assembled(request: TrapsRequest, prices: Prices, measured: Measured) -> TrapsResult:
    """The result: every trap in words, and the tables of the first seed."""
    days, future, mixed = prices.moments, measured.futures[0], measured.mixed[0]
    test = measured.honest[0].split.test
    lags = lag_correlation(_forecasts(days, measured.leaking), VOLATILITY)  # of steps from day to day, not of returns
    ages = explanations.price_ages(prices.close, test)
    traps = {
        "future": explanations.future(measured.futures),
        "scaler": explanations.scaler(measured.leaking, measured.honest, days),
        "level": explanations.level(measured.leaking, lags),
        "shuffle": explanations.shuffle(measured.mixed, measured.honest),
        "luck": explanations.luck(measured.lottery),
        "accuracy": explanations.forgiving(measured.leaking, ages),
    }
    return TrapsResult(
        symbol=request.symbol,
        first=prices.days[0].item(),
        last=prices.days[-1].item(),
        test_first=prices.days[test[0]].item(),
        test_days=len(test),
        seeds=len(measured.futures),
        planned_seeds=request.seeds,
        price=price_axis(prices.basis, prices.currency),
        traps=tuple(traps[name] for name in TRAPS),
        returns=_table(days[test], future.actual, future.flattering, future.honest),
        prices=_table(days[test], prices.close[test], measured.leaking[0].forecast, measured.honest[0].forecast),
        shuffled=_table(days[mixed.split.test], mixed.actual, mixed.forecast),
        scalers=_scalers(days, measured),
        lags=lags,
        lottery=pd.DataFrame({"stat": measured.lottery.stat, "p": measured.lottery.p}),
        ages=ages,
    )


def _table(days: np.ndarray, actual: np.ndarray, flattering: np.ndarray, honest: np.ndarray | None = None) -> pd.DataFrame:
    """date, actual, flattering and, where there is one, honest; (N,) each."""
    table = pd.DataFrame({"date": days.astype("datetime64[s]"), "actual": actual, "flattering": flattering})
    return table if honest is None else table.assign(honest=honest)


def _scalers(days: np.ndarray, measured: Measured) -> pd.DataFrame:
    """scaler, low, high, fitted_to: the range of prices and the last day that each was fitted on."""
    cuts = {"flattering": measured.leaking[0].split, "honest": measured.honest[0].split}
    rows = [(name, cut.low, cut.high, days[cut.fitted_to].astype("datetime64[s]")) for name, cut in cuts.items()]
    return pd.DataFrame(rows, columns=["scaler", "low", "high", "fitted_to"])


def _forecasts(days: np.ndarray, networks: Sequence[Levels]) -> pd.DataFrame:
    """One-step forecasts of the price as `diagnostics` reads them, a seed after the other."""
    tables = [
        _table(days[one.split.test], one.actual, one.forecast).assign(model="gru", seed=seed, step=1)
        for seed, one in enumerate(networks)
    ]
    return pd.concat(tables, ignore_index=True).rename(columns={"flattering": "forecast"})


def check(request: TrapsRequest, inputs: Inputs) -> None:
    """Check the prices before the run is started: InvalidRequest, SeriesTooShort or PriceError where it would fail.

    DoubtfulPrices where they look wrong and nobody has said that they are right.
    """
    prices = prices_of_period(request, inputs)
    taken_as_they_are(prices, request.symbol, None, None, request.as_they_are)


def run(request: TrapsRequest, inputs: Inputs) -> Generator[Progress, Wish | None, TrapsResult]:
    """Run every trap and the honest evaluation of the same networks, seed by seed; stopped, with the seeds that are done."""
    from core.rnn.traps.best_of_many import draw_forecasters
    from core.rnn.traps.price_levels import train_and_forecast
    from core.rnn.traps.reads_the_future import read_the_future

    prices = prices_of_period(request, inputs)
    series, test_days = series_of(prices, target_of()), test_days_of(prices)
    parts, first = 1 + 4 * request.seeds, len(series) - test_days
    yield Progress(phase=TITLES["future"], total=parts)

    def of_seed(number: int) -> Generator[Progress, None, tuple[Future, Levels, Levels, Levels]]:
        seed, done = request.seed + number, 4 * number
        which = f", seed {number + 1} of {request.seeds}" if request.seeds > 1 else ""

        def network(name: TrapName, variant: Variant, before: int) -> Generator[Progress, None, Levels]:
            return as_part(name, train_and_forecast(prices.close, variant, test_days, seed), done + before, parts, which)

        future = yield from as_part("future", read_the_future(series, first, seed), done, parts, which)
        leaking = yield from network("scaler", "all-days", 1)
        honest = yield from network("scaler", "training-days", 2)
        mixed = yield from network("shuffle", "shuffled", 3)
        return future, leaking, honest, mixed

    seeds = yield from until_stopped(map(of_seed, range(request.seeds)), lambda _, progress: progress)
    lottery = yield from as_part("luck", draw_forecasters(series, first, request.seed), parts - 1, parts)
    futures, leaking, honest, mixed = (list(each) for each in zip(*seeds, strict=True))
    return assembled(request, prices, Measured(futures, leaking, honest, mixed, lottery))
