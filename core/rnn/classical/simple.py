"""Forecasts that are a running summary of the days so far: random walk, drift, historical mean and EWMA. Nothing is fitted.

A direction is the probability that a move is a rise: a half for the random walk, the share of rises among the moves so far for
the mean (Laplace's rule of succession) and for EWMA, and for the drift what a random walk with the drift and spread of these
moves says, Φ(m / s).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.rnn.classical.forecaster import FittedModel
from core.rnn.dataset.level import DECAY
from core.rnn.dataset.series import Series
from core.rnn.dataset.target import UNCHANGED

Path = tuple[np.ndarray, np.ndarray]  # after each day, (T,) each: the level, and the step that is added a day ahead


@dataclass(frozen=True)
class Running(FittedModel):
    """From every day on, forecasts on a straight line: a level and a step a day."""

    path: Callable[[Series], Path]

    def forecasts(self, series: Series, first: int, horizon: int) -> np.ndarray:
        level, step = self.path(series)
        return level[first - 1 :, None] + step[first - 1 :, None] * np.arange(1, horizon + 1)


def random_walk(past: Series, horizon: int) -> Running:
    return Running(_unchanged)


def drift(past: Series, horizon: int) -> Running:
    return Running(_drifting)


def mean(past: Series, horizon: int) -> Running:
    return Running(_mean)


def ewma(past: Series, horizon: int) -> Running:
    return Running(_weighted_mean)


def _unchanged(series: Series) -> Path:
    constant, values = series.target.random_walk, np.asarray(series.values)
    return values if constant is None else np.full(len(series), constant), np.zeros(len(series))


def _drifting(series: Series) -> Path:
    if series.target.is_rise:
        return _chance_of_drift(series.returns), np.zeros(len(series))
    values = np.asarray(series.values)
    return (values, _mean_step(values)) if series.target.random_walk is None else _mean(series)


def _mean(series: Series) -> Path:
    added = (1, 2) if series.target.is_probability else (0, 0)  # rises and moves, before the first day
    values = np.asarray(series.values)
    counted = series.target.counts(values)
    return (np.cumsum(values * counted) + added[0]) / (np.cumsum(counted) + added[1]), np.zeros(len(series))


def _weighted_mean(series: Series) -> Path:
    counted = pd.Series(series.values).where(series.target.counts(series.values))
    return counted.ewm(alpha=1 - DECAY, ignore_na=True).mean().fillna(UNCHANGED).to_numpy(), np.zeros(len(series))


def _mean_step(values: np.ndarray) -> np.ndarray:
    """(y_t - y_0) / t; 0 on the first day."""
    return (values - values[0]) / np.maximum(1, np.arange(len(values)))


def _chance_of_drift(returns: np.ndarray) -> np.ndarray:
    """Φ(m / s) with the mean and standard deviation of the moves so far; a half where there was none yet."""
    from scipy.special import ndtr  # here: it loads for a quarter of a second

    so_far = pd.Series(returns).where(returns != 0).expanding()
    mean, spread = so_far.mean().to_numpy(), so_far.std(ddof=0).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        return ndtr(np.nan_to_num(mean / spread, nan=0.0))
