"""AR: the regression on the last p values, by least squares on all days that it is fitted on, iterated over the horizon.

A direction is regressed as 0 and 1 (a linear probability model) on the days that moved; a still day is ½ among those before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.rnn.classical.direct_regression import DirectRegression, days_to_explain, lags, least_squares, with_extras
from core.rnn.classical.forecaster import FittedModel
from core.rnn.dataset.series import Series

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
        return cls(least_squares(*_rows(past, order, counted)))

    def forecasts(self, series: Series, first: int, horizon: int) -> np.ndarray:
        """Forecasts (T - first + 1, H); each step reads the forecasts of the steps before it."""
        order = len(self.weights) - 1
        path = lags(series.values, order)[first - order :]  # (N, p), the latest first
        for _ in range(horizon):
            ahead = self.weights[0] + path[:, :order] @ self.weights[1:]
            path = np.column_stack([ahead, path])  # (N, step + p)
        return path[:, :horizon][:, ::-1]


def ar(past: Series, horizon: int) -> Autoregression:
    return Autoregression.fit(past.values, counted=days_to_explain(past))


def ar_x(past: Series, horizon: int) -> DirectRegression:
    """The regression on as many lags as AR has, and on the further inputs; direct, as nothing forecasts these."""
    order = len(ar(past, horizon).weights) - 1
    inputs = with_extras(lambda series: lags(np.asarray(series.values), order))
    return DirectRegression.fit(past, horizon, inputs, least_squares)


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
