"""What is forecast: the next days' log return, its direction, or its size; and how a network is shown the days before.

Forecasts and scores are always in the units of the target. A network works in units of a level that moves along: the running
mean size of the days so far, with the decay of RiskMetrics (J.P. Morgan 1996). What it learned in calm years then still fits
wild ones. Where the level starts, and how far it may be read, is all that is fitted (`Scaler`), on the training days alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

TargetName = Literal["return", "direction", "volatility"]
MeasureName = Literal["absolute", "parkinson", "garman-klass"]  # of volatility

DECAY = 0.94  # a day: half of the level is forgotten after 11 days
LOWEST = 0.05  # of the starting level: it falls no further, however long nothing moves
QUIET = 0.1  # added to size / level before the logarithm, so that a day without movement has one
REACH = 5.0  # a network reads moves of more than this many levels as this large
FEATURES = 3  # what a network reads a day beside the extras: the size of the move and the move itself, in levels; the level
_LOG2 = np.log(2.0)

MEASURES: dict[MeasureName, str] = {
    "absolute": "size of the log return",
    "parkinson": "volatility by Parkinson",
    "garman-klass": "volatility by Garman and Klass",
}


@dataclass(frozen=True)
class Target:
    """What is forecast; `measure` is how volatility is measured, and says nothing about other targets."""

    name: TargetName = "return"
    measure: MeasureName = "absolute"

    @property
    def title(self) -> str:
        titles: dict[TargetName, str] = {"return": "log return", "direction": "direction of the log return"}
        return titles.get(self.name, MEASURES[self.measure])

    @property
    def needs_ranges(self) -> bool:
        """Whether it is made of highs and lows."""
        return self.name == "volatility" and self.measure != "absolute"


def log_returns(close: np.ndarray) -> np.ndarray:
    """r_t = log(p_t / p_{t-1}) of closes (T + 1,): (T,), without unit; 0.01 is about 1 %."""
    return np.diff(np.log(close))


def parkinson(high: np.ndarray, low: np.ndarray) -> np.ndarray:
    """A day's volatility from its high and low, (T,): sqrt(log(H / L)² / (4 log 2)) (Parkinson 1980)."""
    return np.log(high / low) / np.sqrt(4 * _LOG2)


def garman_klass(open: np.ndarray, high: np.ndarray, low: np.ndarray, close: np.ndarray) -> np.ndarray:
    """A day's volatility from its four prices, (T,): sqrt(log(H/L)² / 2 − (2 log 2 − 1) log(C/O)²) (Garman & Klass 1980).

    The variance is never negative where low ≤ open, close ≤ high; rounding below 0 gives 0.
    """
    variance = np.log(high / low) ** 2 / 2 - (2 * _LOG2 - 1) * np.log(close / open) ** 2
    return np.sqrt(np.maximum(variance, 0.0))


def price_path(last_prices: np.ndarray, forecasts: np.ndarray) -> np.ndarray:
    """The prices that forecast returns mean: last known prices (N,) and returns of the next days (N, H) give (N, H)."""
    return last_prices[:, None] * np.exp(np.cumsum(forecasts, axis=1))


@dataclass(frozen=True)
class Scaler:
    """The units of a network; `days` says on how many first days they were fitted."""

    days: int
    start: float  # mean size of those days: the level before the first day
    lowest: float = 0.0  # level of those days: a network reads no level beyond what it learned from
    highest: float = math.inf

    @classmethod
    def fit(cls, sizes: np.ndarray, days: int) -> Scaler:
        """Fit on the first `days` of the sizes (T,); later days change nothing. Where nothing moved the level starts at 1."""
        begun = cls(days, float(sizes[:days].mean()) or 1.0)
        levels = begun.levels(sizes[:days])[1:]
        return replace(begun, lowest=float(levels.min()), highest=float(levels.max()))

    def levels(self, sizes: np.ndarray) -> np.ndarray:
        """The level before the first of the sizes (T,) and after each of them, (T + 1,)."""
        running = pd.Series([self.start, *sizes]).ewm(alpha=1 - DECAY, adjust=False).mean()
        return np.maximum(LOWEST * self.start, running.to_numpy())

    def features(self, returns: np.ndarray, sizes: np.ndarray) -> np.ndarray:
        """What a network reads on each day, float32 (T, FEATURES): log size and r in levels, and log of the level itself."""
        level = self.levels(sizes)[1:]
        known = np.clip(level, self.lowest, self.highest)
        read = (np.log(sizes / level + QUIET), np.clip(returns / level, -REACH, REACH), np.log(known / self.start))
        return np.stack(read, axis=1).astype(np.float32)
