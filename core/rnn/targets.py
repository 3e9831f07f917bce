"""What is forecast: tomorrow's log return, or its size as a measure of volatility; and how a network is shown either.

Forecasts and scores are always in the units of the target. A network works in units of the training days: `Scaler`, fitted on
those days alone, turns returns into what it reads and its readings back into forecasts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

TargetName = Literal["return", "volatility"]

QUIET = 0.1  # added to |r| / size before the logarithm, so that a day without movement has one
REACH = 5.0  # a network reads moves of more than this many sizes as this large
LEAST_SPREAD = 1e-3  # of the log sizes: below it they are all the same, and stay near 0
FEATURES = 2  # what a network reads a day: the size of the move and the move itself


@dataclass(frozen=True)
class Target:
    """One row of the table: what is forecast, in words for screens and sentences."""

    name: TargetName
    title: str
    symbol: str
    naive: str  # what a random walk forecasts


TARGETS: dict[TargetName, Target] = {
    "return": Target("return", "daily log return", "r", "an unchanged price"),
    "volatility": Target("volatility", "size of the daily log return", "|r|", "yesterday's size"),
}


def log_returns(close: np.ndarray) -> np.ndarray:
    """r_t = log(p_t / p_{t-1}) of closes (T + 1,): (T,), without unit; 0.01 is about 1 %."""
    return np.diff(np.log(close))


def target_values(name: TargetName, returns: np.ndarray) -> np.ndarray:
    """The target's values (T,) on the days of the returns (T,)."""
    return np.abs(returns) if name == "volatility" else returns


def price_path(last_prices: np.ndarray, forecasts: np.ndarray) -> np.ndarray:
    """The prices that forecast returns mean: last known price times exp(forecast), all (N,)."""
    return last_prices * np.exp(forecasts)


@dataclass(frozen=True)
class Scaler:
    """The units of the training days; `days` says how many first days it was fitted on."""

    days: int
    size: float  # root mean square of the returns
    log_mean: float  # of the log sizes
    log_std: float
    unit: float  # what a network's reading of 1 means in units of the target

    @classmethod
    def fit(cls, name: TargetName, returns: np.ndarray, days: int) -> Scaler:
        """Fit on the first `days` of the returns (T,); later days change nothing."""
        known = returns[:days]
        size = float(np.sqrt(np.square(known).mean()))
        sizes = _log_sizes(known, size)
        unit = float(np.abs(known).mean()) if name == "volatility" else size
        return cls(days, size, float(sizes.mean()), max(LEAST_SPREAD, float(sizes.std())), unit)

    def features(self, returns: np.ndarray) -> np.ndarray:
        """What a network reads on each day, float32 (T, FEATURES): log |r| standardised, and r in sizes."""
        sizes = (_log_sizes(returns, self.size) - self.log_mean) / self.log_std
        moves = np.clip(returns / self.size, -REACH, REACH)
        return np.stack([sizes, moves], axis=1).astype(np.float32)

    def labels(self, values: np.ndarray) -> np.ndarray:
        """Target values (T,) in the network's units, float32."""
        return (values / self.unit).astype(np.float32)

    def forecasts(self, readings: np.ndarray) -> np.ndarray:
        """A network's readings (N,) in units of the target, float64; the inverse of `labels`."""
        return readings.astype(np.float64) * self.unit


def _log_sizes(returns: np.ndarray, size: float) -> np.ndarray:
    return np.log(np.abs(returns) / size + QUIET)
