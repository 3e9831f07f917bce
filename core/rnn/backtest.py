"""The rolling origin: every contestant forecasts every test day from what was known the day before.

Each is fitted once, on the days before the test; then the origin rolls through the test days.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.rnn.baselines import Forecaster
from core.rnn.targets import TargetName, target_values
from core.rnn.windows import Splits
from core.runs.request import Progress


@dataclass(frozen=True)
class Contestant:
    """A forecaster in a comparison; `model` is its name in tables, `phase` says on screen what is being done."""

    model: str
    seed: int
    phase: str
    forecaster: Forecaster


@dataclass(frozen=True)
class Backtest:
    """One contestant's forecasts of the test days, float64 (test days,), in units of the target."""

    contestant: Contestant
    forecasts: np.ndarray
    seconds: float


def backtest(
    contestants: Sequence[Contestant], returns: np.ndarray, splits: Splits
) -> Generator[Progress, None, list[Backtest]]:
    """Fit and roll all contestants, one after the other; yields the progress of the whole."""
    began = time.monotonic()
    done: list[Backtest] = []
    for number, contestant in enumerate(contestants):
        started = time.monotonic()
        fitting = contestant.forecaster.fit(returns, splits)
        for progress in fitting:
            yield _of_all(progress, contestant.phase, number, len(contestants), time.monotonic() - began)
        forecasts = contestant.forecaster.forecast(returns, splits.test_start)
        done.append(Backtest(contestant, forecasts, time.monotonic() - started))
    return done


def _of_all(progress: Progress, phase: str, number: int, count: int, elapsed: float) -> Progress:
    """One contestant's progress as a part of the whole, in hundredths of a contestant."""
    step, total = round(100 * (number + progress.fraction)), 100 * count
    left = elapsed * (total - step) / step if elapsed > 0.5 and step else None
    return progress.model_copy(update={"phase": phase, "step": step, "total": total, "seconds_left": left})


def forecast_table(backtests: Sequence[Backtest], target: TargetName, returns: np.ndarray, dates: np.ndarray) -> pd.DataFrame:
    """Every forecast as a row: model, seed, cutoff (last day known), step (1), date (day forecast), actual, forecast.

    `dates` (T,) datetime64[D] are the days of the returns (T,).
    """
    return pd.concat([_rows(one, target, returns, dates) for one in backtests], ignore_index=True)


def _rows(one: Backtest, target: TargetName, returns: np.ndarray, dates: np.ndarray) -> pd.DataFrame:
    count = len(one.forecasts)
    days = dates.astype("datetime64[s]")
    return pd.DataFrame(
        {
            "model": one.contestant.model,
            "seed": one.contestant.seed,
            "cutoff": days[-count - 1 : -1],
            "step": 1,
            "date": days[-count:],
            "actual": target_values(target, returns)[-count:],
            "forecast": one.forecasts,
        }
    )
