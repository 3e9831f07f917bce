"""The inputs of networks: how moves are scaled, and further inputs (volume, range, weekday, another ticker)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from core.errors import InvalidRequest
from core.rnn.dataset.closing_times import latest_bars
from core.rnn.dataset.level import levels
from core.rnn.dataset.target import log_returns
from core.rnn.prices.prices import Prices
from core.rnn.prices.quality.bars import usable_column
from core.system.dates import say_day

QUIET = 0.1  # added to size / level before the logarithm, which has to exist on days without movement
CLIP = 5.0  # moves are clipped to ± this many levels
FEATURES = 3  # what a network reads a day beside the extras: the size of the move and the move itself, in levels; the level
ExtraName = Literal["volume", "range", "weekday", "ticker"]
EXTRAS: dict[ExtraName, str] = {
    "volume": "volume against its running mean",
    "range": "the day's range, high to low",
    "weekday": "the day of the week",
    "ticker": "another ticker's return",
}
MOST_STALE = 10  # days, or three times what lies between its prices: an older close of the other ticker is refused
_SMALL = 1e-6  # keeps a day without movement from dividing by zero
_MEMORY = 0.94  # decay a day of the running mean that volumes, ranges and another ticker's moves are measured by


@dataclass(frozen=True)
class Scaler:
    """The units of a network's inputs and outputs, fitted on the first `days` days."""

    days: int
    start: float  # mean size of those days: the level before the first day
    lowest: float = 0.0  # level of those days: the level that a network reads is clipped to what it was trained on
    highest: float = math.inf

    @classmethod
    def fit(cls, sizes: np.ndarray, days: int) -> Scaler:
        """Fit on the first `days` of the sizes (T,) alone. Where nothing moved the level starts at 1."""
        unlimited = cls(days, float(sizes[:days].mean()) or 1.0)
        after = unlimited.levels(sizes[:days])[1:]
        return replace(unlimited, lowest=float(after.min()), highest=float(after.max()))

    def levels(self, sizes: np.ndarray) -> np.ndarray:
        """The level before the first of the sizes (T,) and after each of them, (T + 1,)."""
        return levels(sizes, self.start)

    def features(self, returns: np.ndarray, sizes: np.ndarray) -> np.ndarray:
        """What a network reads on each day, float32 (T, FEATURES): log size and r in levels, and log of the level itself."""
        level = self.levels(sizes)[1:]
        clipped = np.clip(level, self.lowest, self.highest)
        columns = (np.log(sizes / level + QUIET), np.clip(returns / level, -CLIP, CLIP), np.log(clipped / self.start))
        return np.stack(columns, axis=1).astype(np.float32)


def further_input(name: ExtraName, prices: Prices, beside: Prices | None) -> np.ndarray:
    """One further input, (T, columns)."""
    if name == "volume":
        volume = usable_column(prices, "volume", EXTRAS["volume"])
        return np.clip(np.log(volume / _running(volume)), -3, 3)[1:, None]
    if name == "range":
        high, low = (usable_column(prices, side, EXTRAS["range"]) for side in ("high", "low"))
        spread = np.log(high / low)
        return np.clip(np.log((spread + _SMALL) / (_running(spread) + _SMALL)), -3, 3)[1:, None]
    if name == "weekday":
        weekday = pd.DatetimeIndex(prices.days[1:]).dayofweek.to_numpy()
        return (weekday[:, None] == np.arange(7)).astype(np.float64) - 1 / 7  # later prices may bring a first Saturday
    if beside is None:
        raise InvalidRequest("another ticker's return is to be read, but no other ticker was named; name one")
    return _moves_of(beside, prices)[:, None]


def _moves_of(beside: Prices, prices: Prices) -> np.ndarray:
    """Another ticker's returns between the days of `prices`, (T,), in units of its own running mean size.

    Of its bars those are used that had ended at the close of ours, see `closing_times`. Days on which it did not trade have
    return 0; InvalidRequest where its last close is too old.
    """
    latest = latest_bars(prices, beside)  # (T + 1,)
    age = prices.days - beside.days[np.maximum(latest, 0)]
    missing = (latest < 0) | (age > np.timedelta64(round(max(MOST_STALE, 3 * beside.spacing)), "D"))
    if missing.any():
        raise InvalidRequest(
            f"{beside.symbol} has no price near {missing.sum():,} of the {len(latest):,} days of {prices.symbol}; "
            f"it runs from {say_day(beside.days[0])} to {say_day(beside.days[-1])}: choose a period in which both trade"
        )
    returns = log_returns(beside.close[latest])
    size = np.abs(returns)
    return np.clip(returns / (_running(size) + _SMALL), -5, 5)


def _running(values: np.ndarray) -> np.ndarray:
    """The running mean up to and with each day; the first day is its own."""
    return pd.Series(values).ewm(alpha=1 - _MEMORY, adjust=False).mean().to_numpy()
