"""What is forecast: the next days' log return, its direction, or its size; and how a network is shown the days before.

Forecasts and scores are always in the units of the target. A network works in units of a level that moves along: the running
mean size of the days so far, with the decay of RiskMetrics (J.P. Morgan 1996). What it learned in calm years then still fits
wild ones. Where the level starts, and how far it may be read, is all that is fitted (`Scaler`), on the training days alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

TargetName = Literal["return", "direction", "volatility"]
MeasureName = Literal["absolute", "parkinson", "garman-klass"]  # of volatility
DECAY = 0.94  # a day: half of the level is forgotten after 11 days
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
