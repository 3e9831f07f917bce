"""The forecasts that a network has to beat: random walk, drift, historical mean, AR and HAR.

All are one-step forecasts from the past. Refit policy: AR and HAR are fitted once, by least squares on all days before the
test; drift and historical mean take in every new day. HAR (Corsi 2009) regresses tomorrow on the averages of the last 1, 5 and
22 days; for the return target these are averages of signed returns. The drift is that of the target's random walk: for returns
it is the mean return so far, and so the same as the historical mean.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from core.rnn.names import TITLES, ClassicalName
from core.rnn.targets import TargetName, target_values
from core.rnn.windows import Splits
from core.runs.request import Progress

HAR_DAYS = (1, 5, 22)  # a day, a trading week, a trading month
MOST_LAGS = 22
_TINY = np.finfo(np.float64).tiny  # squared error of a perfect fit, so that it has a logarithm


class Forecaster(Protocol):
    """What every model can do, classical or recurrent; the backtest knows no more."""

    def fit(self, returns: np.ndarray, splits: Splits) -> Generator[Progress, None, None]:
        """Learn from the returns (T,) before the test days."""

    def forecast(self, returns: np.ndarray, first: int) -> np.ndarray:
        """Forecasts of the target for days `first` … T - 1, each from the days before it."""


class Classical:
    """One of the classical forecasters, by its name."""

    def __init__(self, name: ClassicalName, target: TargetName) -> None:
        self.name, self.target = name, target
        self.weights = np.empty(0)  # constant, then lags or averages; of AR and HAR only

    def fit(self, returns: np.ndarray, splits: Splits) -> Generator[Progress, None, None]:
        yield Progress(phase=TITLES[self.name])
        past = target_values(self.target, returns[: splits.test_start])
        if self.name == "ar":
            self.weights = fit_ar(past)
        elif self.name == "har":
            self.weights = _least_squares(_averages(past)[:-1], past[max(HAR_DAYS) :])

    def forecast(self, returns: np.ndarray, first: int) -> np.ndarray:
        values = target_values(self.target, returns)
        if self.name == "random-walk":
            return values[first - 1 : -1] if self.target == "volatility" else np.zeros(len(values) - first)
        if self.name == "mean" or (self.name == "drift" and self.target == "return"):
            return _running_mean(values)[first - 1 : -1]
        if self.name == "drift":
            return _with_drift(values)[first - 1 : -1]
        rows = _averages(values) if self.name == "har" else _lags(values, len(self.weights) - 1)
        return self.weights[0] + rows[-(len(values) - first) - 1 : -1] @ self.weights[1:]


def fit_ar(past: np.ndarray, most_lags: int = MOST_LAGS) -> np.ndarray:
    """Constant and lag weights of an autoregression by least squares; the order, 0 to `most_lags`, by Akaike's criterion.

    Orders are compared on the same days; the chosen one is fitted again on all it can use.
    """
    order = int(np.argmin(_aic(_lags(past, most_lags)[:-1], past[most_lags:])))
    return _least_squares(_lags(past, order)[:-1], past[order:])


def _aic(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Akaike's criterion of fitting labels (N,) by a constant and the first 0 … K columns of rows (N, K), (K + 1,).

    The fits are nested: column k of an orthogonal basis takes its projection from the squared error, whatever comes after.
    """
    days, count = rows.shape
    basis = np.linalg.qr(np.column_stack([np.ones(days), rows]))[0]  # (N, K + 1)
    squares = labels @ labels - np.cumsum(np.square(basis.T @ labels))
    return days * np.log(np.maximum(squares / days, _TINY)) + 2 * np.arange(1, count + 2)


def _least_squares(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Constant, then one weight a column, that fit labels (N,) by rows (N, K)."""
    design = np.column_stack([np.ones(len(rows)), rows])
    return np.linalg.lstsq(design, labels, rcond=None)[0]


def _lags(values: np.ndarray, order: int) -> np.ndarray:
    """Row i: the last `order` values up to day order - 1 + i, the latest first; (T - order + 1, order)."""
    if order == 0:
        return np.empty((len(values) + 1, 0))
    return sliding_window_view(values, order)[:, ::-1]


def _averages(values: np.ndarray) -> np.ndarray:
    """Row i: the averages over the last 1, 5 and 22 days up to day 21 + i; (T - 21, 3)."""
    rows = _lags(values, max(HAR_DAYS))
    return np.stack([rows[:, :days].mean(axis=1) for days in HAR_DAYS], axis=1)


def _running_mean(values: np.ndarray) -> np.ndarray:
    return np.cumsum(values) / np.arange(1, len(values) + 1)


def _with_drift(values: np.ndarray) -> np.ndarray:
    """The latest value and the mean step so far: y_t + (y_t - y_0) / t; y_0 on the first day."""
    steps = np.maximum(1, np.arange(len(values)))
    return values + (values - values[0]) / steps
