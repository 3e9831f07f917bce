"""Regressions on the past, by least squares on all days before the test: AR, and HAR (Corsi 2009, eq. 6).

AR is iterated over the horizon, HAR is direct: a regression of its own for every step. A direction is regressed as 0 and 1 (a
linear probability model) on the days that moved; one that did not is ½ among those before. HAR's averages over the last 1, 5
and 22 days are of the target: of signed returns for the return.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from core.rnn.classical.forecaster import FittedModel
from core.rnn.dataset.series import Series

HAR_DAYS = (1, 5, 22)  # a day, a trading week, a trading month
MOST_LAGS = 22
ALL = slice(None)
_TINY = np.finfo(np.float64).tiny  # squared error of a perfect fit, so that it has a logarithm


@dataclass(frozen=True)
class Autoregression(FittedModel):
    """y_t = c + φ_1 y_{t-1} + … + φ_p y_{t-p}."""

    weights: np.ndarray  # (1 + p,) constant, then the latest lag first

    @classmethod
    def fit(cls, past: np.ndarray, most_lags: int = MOST_LAGS, counted: slice | np.ndarray = ALL) -> Autoregression:
        """The order, 0 to `most_lags`, by Akaike's criterion; `counted` are the days that are to be explained.

        Orders are compared on the same days; the chosen one is fitted again on all it can use.
        """
        order = int(np.argmin(_aic(*_rows(past, most_lags, counted))))
        return cls(_least_squares(*_rows(past, order, counted)))

    def forecasts(self, series: Series, first: int, horizon: int) -> np.ndarray:
        """Forecasts (T - first + 1, H); each step reads the forecasts of the steps before it."""
        order = len(self.weights) - 1
        path = lags(series.values, order)[first - order :]  # (N, p), the latest first
        for _ in range(horizon):
            ahead = self.weights[0] + path[:, :order] @ self.weights[1:]
            path = np.column_stack([ahead, path])  # (N, step + p)
        return path[:, :horizon][:, ::-1]


@dataclass(frozen=True)
class Heterogeneous(FittedModel):
    """HAR: the mean of the last day, week and month, each with its weight."""

    weights: np.ndarray  # (H, 4) constant, day, week, month

    @classmethod
    def fit(cls, past: np.ndarray, horizon: int, counted: slice | np.ndarray = ALL) -> Heterogeneous:
        """`counted` are the days that are to be explained."""
        rows, days = _averages(past)[:-1], np.arange(len(past))[counted]  # row i uses the days up to 21 + i
        later = [days[days >= max(HAR_DAYS) + step] for step in range(horizon)]
        return cls(np.stack([_least_squares(rows[at - max(HAR_DAYS) - step], past[at]) for step, at in enumerate(later)]))

    def forecasts(self, series: Series, first: int, horizon: int) -> np.ndarray:
        """Forecasts (T - first + 1, H)."""
        rows = _averages(series.values)[first - max(HAR_DAYS) :]  # (N, 3)
        return self.weights[:horizon, 0] + rows @ self.weights[:horizon, 1:].T


def ar(past: Series, horizon: int) -> Autoregression:
    return Autoregression.fit(past.values, counted=_counted(past))


def har(past: Series, horizon: int) -> Heterogeneous:
    return Heterogeneous.fit(past.values, horizon, _counted(past))


def _counted(past: Series) -> slice | np.ndarray:
    """The days that are to be explained: those that moved, for a direction, if any did."""
    counted = past.target.counts(past.values)
    return counted if counted.any() and not counted.all() else ALL


def _aic(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Akaike's criterion of fitting labels (N,) by a constant and the first 0 … K columns of rows (N, K), (K + 1,).

    The fits are nested: column k of an orthogonal basis takes its projection from the squared error, whatever comes after.
    """
    days, count = rows.shape
    basis = np.linalg.qr(np.column_stack([np.ones(days), rows]))[0]  # (N, K + 1)
    squares = labels @ labels - np.cumsum(np.square(basis.T @ labels))
    return days * np.log(np.maximum(squares / days, _TINY)) + 2 * np.arange(1, count + 2)


def _rows(past: np.ndarray, order: int, counted: slice | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The last `order` values before every day that counts, (N, order), and the value of that day, (N,)."""
    days = np.arange(len(past))[counted]
    days = days[days >= order]
    return lags(past, order)[days - order], past[days]


def _least_squares(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Constant, then one weight a column, that fit labels (N,) by rows (N, K)."""
    design = np.column_stack([np.ones(len(rows)), rows])
    return np.linalg.lstsq(design, labels, rcond=None)[0]


def lags(values: np.ndarray, order: int) -> np.ndarray:
    """Row i: the last `order` values up to day order - 1 + i, the latest first; (T - order + 1, order)."""
    if order == 0:
        return np.empty((len(values) + 1, 0))
    return sliding_window_view(values, order)[:, ::-1]


def _averages(values: np.ndarray) -> np.ndarray:
    """Row i: the averages over the last 1, 5 and 22 days up to day 21 + i; (T - 21, 3)."""
    rows = lags(values, max(HAR_DAYS))
    return np.stack([rows[:, :days].mean(axis=1) for days in HAR_DAYS], axis=1)
