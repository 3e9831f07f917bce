"""The result of the traps: six flattering numbers, each beside the honest one, and the tables behind their figures.

R² is around the mean of the very days that are scored, as in scikit-learn's r2_score, which is what people report.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from core.rnn.evaluation.significance import diebold_mariano
from core.runs.result import Result
from core.runs.standing import Standing, health_of

TrapName = Literal["future", "scaler", "level", "shuffle", "luck", "accuracy"]
TRAPS: tuple[TrapName, ...] = get_args(TrapName)
TITLES: dict[TrapName, str] = {
    "future": "Reading the future",
    "scaler": "A scaler fitted on the test",
    "level": "Forecasting the price",
    "shuffle": "A shuffled split",
    "luck": "The best of many",
    "accuracy": "Accuracy as a percentage of the price",
}


class Number(BaseModel):
    """A number, its text with the unit, its range over the seeds, and a label."""

    model_config = ConfigDict(frozen=True)

    value: float
    low: float
    high: float
    text: str  # with its unit
    spread: str = ""  # its range over the seeds; nothing where there is none
    label: str  # what it is of


class Trap(BaseModel):
    """One common mistake. Three texts: what people do, why it flatters, how the lab catches it."""

    model_config = ConfigDict(frozen=True)

    name: TrapName
    flattering: Number
    honest: Number
    done: str
    why: str
    caught: str

    @property
    def title(self) -> str:
        return TITLES[self.name]


class TrapsResult(Result):
    """Six traps on one ticker. The tables are of the first seed; days are those of the test, the last fifth."""

    symbol: str
    first: date  # of the prices
    last: date
    test_first: date
    test_days: int
    seeds: int
    price: str = "price"  # what the prices are, with their currency, as an axis says it
    traps: tuple[Trap, ...]
    returns: pd.DataFrame  # date, actual, flattering (reads the future), honest (its window ends at the origin)
    prices: pd.DataFrame  # date, actual, flattering (scaled by all days), honest (by the training days)
    shuffled: pd.DataFrame  # date, actual, flattering (days drawn at random); the honest ones are in `prices`
    scalers: pd.DataFrame  # scaler (flattering, honest), low, high (prices), fitted_to (date)
    lags: pd.DataFrame  # model, seed, lag, correlation, bound: see `diagnostics.lag_correlation`
    lottery: pd.DataFrame  # stat, p of every forecaster without skill, the best first
    ages: pd.DataFrame  # days, accuracy (%) of the price of so many days ago
    planned_seeds: int = 0  # of a run that was stopped, more than `seeds`

    @property
    def unfinished(self) -> str:
        if self.planned_seeds <= self.seeds:
            return ""
        return f"It was stopped with {self.seeds} of {self.planned_seeds} seeds; the numbers are of these."

    def trap(self, name: TrapName) -> Trap:
        """One of the six."""
        return next(trap for trap in self.traps if trap.name == name)

    @property
    def scores(self) -> list[dict[str, Any]]:
        return [{"title": trap.title, **trap.model_dump()} for trap in self.traps]

    @property
    def standing(self) -> Standing:
        """Of the honest network that forecasts returns, against no move: what the flattering numbers of the traps hide."""
        actual, forecast = (self.returns[name].to_numpy() for name in ("actual", "honest"))
        test = diebold_mariano((actual - forecast) ** 2, actual**2)
        error, baseline = (float(np.mean(losses)) for losses in ((actual - forecast) ** 2, actual**2))
        return Standing(error, "squared error of the honest network", baseline, "no move", *health_of(-test.stat))

    @property
    def headline(self) -> str:
        future = self.trap("future")
        return f"reading the future: {future.flattering.text}, honestly {future.honest.text}"


def number(values: Sequence[float], say: Callable[[float], str], label: str) -> Number:
    """A number from its values, one a seed."""
    mean, low, high = (float(of(values)) for of in (np.mean, np.min, np.max))
    spread = f"{say(low)} to {say(high)}" if say(low) != say(high) else ""
    return Number(value=mean, low=low, high=high, text=say(mean), spread=spread, label=label)


def explained(actual: np.ndarray, forecast: np.ndarray) -> float:
    """R² of forecasts (N,): 1 − Σ(y − f)² / Σ(y − ȳ)², ȳ the mean of these very days."""
    return float(1 - np.sum((actual - forecast) ** 2) / np.sum((actual - actual.mean()) ** 2))


def accuracy(actual: np.ndarray, forecast: np.ndarray) -> float:
    """100 · (1 − RMSPE) of prices (N,), in %: a measure that many tutorials report."""
    return float(100 * (1 - np.sqrt(np.mean(((actual - forecast) / actual) ** 2))))
