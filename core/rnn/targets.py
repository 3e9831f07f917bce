"""What is forecast: tomorrow's log return, or its size as a measure of volatility; and how a network is shown either.

Forecasts and scores are always in the units of the target. A network works in units of a level that moves along: the running
mean size of the days so far, with the decay of RiskMetrics (J.P. Morgan 1996). What it learned in calm years then still fits
wild ones. Where the level starts is all that is fitted (`Scaler`), on the training days alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

TargetName = Literal["return", "volatility"]

DECAY = 0.94  # a day: half of the level is forgotten after 11 days
LOWEST = 0.05  # of the starting level: it falls no further, however long nothing moves
QUIET = 0.1  # added to |r| / level before the logarithm, so that a day without movement has one
REACH = 5.0  # a network reads moves of more than this many levels as this large
FEATURES = 3  # what a network reads a day: the size of the move and the move itself, in levels; the level


TARGETS: dict[TargetName, str] = {"return": "daily log return", "volatility": "size of the daily log return"}


def log_returns(close: np.ndarray) -> np.ndarray:
    """r_t = log(p_t / p_{t-1}) of closes (T + 1,): (T,), without unit; 0.01 is about 1 %."""
    return np.diff(np.log(close))


def target_values(name: TargetName, returns: np.ndarray) -> np.ndarray:
    """The target's values (T,) on the days of the returns (T,)."""
    return np.abs(returns) if name == "volatility" else returns


def price_path(last_prices: np.ndarray, forecasts: np.ndarray) -> np.ndarray:
    """The prices that forecast returns mean: last known prices (N,) times exp of forecasts (…, N)."""
    return last_prices * np.exp(forecasts)


@dataclass(frozen=True)
class Scaler:
    """The units of a network; `days` says on how many first days they were fitted."""

    days: int
    start: float  # mean |r| of those days: the level before the first day

    @classmethod
    def fit(cls, returns: np.ndarray, days: int) -> Scaler:
        """Fit on the first `days` of the returns (T,); later days change nothing."""
        return cls(days, float(np.abs(returns[:days]).mean()))

    def levels(self, returns: np.ndarray) -> np.ndarray:
        """The level before the first of the returns (T,) and after each of them, (T + 1,)."""
        sizes = pd.Series([self.start, *np.abs(returns)])
        return np.maximum(LOWEST * self.start, sizes.ewm(alpha=1 - DECAY, adjust=False).mean().to_numpy())

    def features(self, returns: np.ndarray) -> np.ndarray:
        """What a network reads on each day, float32 (T, FEATURES): log |r| and r in levels, and the log of the level itself."""
        level = self.levels(returns)[1:]
        moves = returns / level
        read = (np.log(np.abs(moves) + QUIET), np.clip(moves, -REACH, REACH), np.log(level / self.start))
        return np.stack(read, axis=1).astype(np.float32)

    def labels(self, name: TargetName, returns: np.ndarray) -> np.ndarray:
        """The target of each day (T,) in units of the level before that day, float32."""
        return (target_values(name, returns) / self.levels(returns)[:-1]).astype(np.float32)

    def forecasts(self, readings: np.ndarray, returns: np.ndarray) -> np.ndarray:
        """Readings (N,) after the last N of the returns (T,), as forecasts of the days after them: float64, in target units."""
        return readings.astype(np.float64) * self.levels(returns)[-len(readings) :]
