"""Forecasts that are a running summary of the days so far: random walk, drift, historical mean and EWMA. Nothing is fitted.

A direction is a probability of a rise: a half for the random walk, the share of rises so far for the mean (Laplace's rule of
succession) and for EWMA, and for the drift what a random walk with the drift and spread so far says, Φ(m / s).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from core.rnn.dataset.series import Series
from core.rnn.dataset.target import DECAY

RunningName = Literal["random-walk", "drift", "mean", "ewma"]


@dataclass(frozen=True)
class Running:
    """One of them, by its name."""

    name: RunningName

    def forecasts(self, series: Series, first: int, horizon: int) -> np.ndarray:
        """Forecasts (T - first + 1, H) from the days before `first`, then from one day more at a time."""
        level, step = self._path(series)  # (T,) each, known after each day
        return level[first - 1 :, None] + step[first - 1 :, None] * np.arange(1, horizon + 1)

    def _path(self, series: Series) -> tuple[np.ndarray, np.ndarray]:
        """A straight line from every day: where it is on that day, and how much it rises a day."""
        target, values, flat = series.target.name, np.asarray(series.values), np.zeros(len(series))
        if self.name == "ewma":
            return pd.Series(values).ewm(alpha=1 - DECAY).mean().to_numpy(), flat
        if self.name == "random-walk":
            levels = {"return": flat, "direction": flat + 0.5, "volatility": values}
            return levels[target], flat
        if self.name == "drift" and target == "direction":
            return _chance_of_drift(series.returns), flat
        if self.name == "drift" and target == "volatility":
            return values, _mean_step(values)
        if target == "direction":
            return (np.cumsum(values) + 1) / np.arange(3, len(series) + 3), flat
        return np.cumsum(values) / np.arange(1, len(series) + 1), flat


def _mean_step(values: np.ndarray) -> np.ndarray:
    """(y_t - y_0) / t; 0 on the first day."""
    return (values - values[0]) / np.maximum(1, np.arange(len(values)))


def _chance_of_drift(returns: np.ndarray) -> np.ndarray:
    """Φ(m / s) with the mean and standard deviation of the returns so far; a half where nothing has moved yet."""
    from scipy.special import ndtr  # here: it loads for a quarter of a second

    so_far = pd.Series(returns).expanding()
    mean, spread = so_far.mean().to_numpy(), so_far.std(ddof=0).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        return ndtr(np.nan_to_num(mean / spread, nan=0.0))
