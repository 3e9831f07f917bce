"""Linear regressions that are direct: for every step ahead one of its own, on inputs that are known after the last day.

HAR regresses on the means of the target over the last 1, 5 and 22 days (Corsi 2009, eq. 6): of sizes for a volatility, of
signed returns for the return. HAR with leverage adds the same means of the sizes of falling days, as a fall raises the
volatility by more than a rise (Corsi & Renò 2012, "Discrete-time volatility forecasting with persistent leverage effect"; there
they are of negative returns). HAR by QLIKE has the weights that make QLIKE least, not the squared error (Patton 2011). AR-X and
HAR-X also read the further inputs of a comparison. A direction is regressed as AR does it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from core.rnn.classical.forecaster import FittedModel
from core.rnn.dataset.series import Series
from core.rnn.dataset.target import smallest_size

HAR_DAYS = (1, 5, 22)  # a day, a trading week, a trading month

Inputs = Callable[[Series], np.ndarray]  # (N, K): the last row is known after the last day, the one before it a day earlier
Weights = Callable[[np.ndarray, np.ndarray], np.ndarray]  # rows (N, K), labels (N,) -> constant, then one weight a column


@dataclass(frozen=True)
class DirectRegression(FittedModel):
    """The weights of every step."""

    inputs: Inputs
    weights: np.ndarray  # (H, 1 + K) constant, then one weight an input
    smallest: float = -np.inf  # no forecast is below

    @classmethod
    def fit(cls, past: Series, horizon: int, inputs: Inputs, weights: Weights) -> DirectRegression:
        """Weights of every step; no two steps share any."""
        rows, values = inputs(past), np.asarray(past.values)
        first = len(values) - len(rows) + 1  # the day after the first row
        days = np.flatnonzero(days_to_explain(past))
        later = [days[days >= first + step] for step in range(horizon)]
        return cls(inputs, np.stack([weights(rows[each - first - step], values[each]) for step, each in enumerate(later)]))

    def forecasts(self, series: Series, first: int, horizon: int) -> np.ndarray:
        """Forecasts (T - first + 1, H)."""
        rows = self.inputs(series)[first - len(series) - 1 :]  # (T - first + 1, K)
        return np.maximum(self.smallest, self.weights[:horizon, 0] + rows @ self.weights[:horizon, 1:].T)


def days_to_explain(past: Series) -> np.ndarray:
    """The days that a model is fitted to, (T,): of a direction those that moved, if any did."""
    counted = past.target.counts(past.values)
    return counted if counted.any() else ~counted


def least_squares(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Constant, then one weight a column, that fit labels (N,) by rows (N, K); the shortest where columns are collinear."""
    design = np.column_stack([np.ones(len(rows)), rows])
    return np.linalg.lstsq(design, labels, rcond=None)[0]


def least_qlike(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The weights that make the mean of log f + y / f least; 0 where no label is above 0.

    L-BFGS with the gradient, from the least squares. A fit below `smallest_size` counts as that, in and out of sample.
    """
    from scipy.optimize import minimize  # here: it loads for a third of a second

    unit = float(labels.mean())
    if unit <= 0:
        return np.zeros(1 + rows.shape[1])
    design, actual, smallest = np.column_stack([np.ones(len(rows)), rows / unit]), labels / unit, smallest_size(labels / unit)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        fits = design @ weights
        sizes = np.maximum(fits, smallest)
        slopes = np.where(fits > smallest, (1 - actual / sizes) / sizes, 0.0)
        return float((np.log(sizes) + actual / sizes).mean()), design.T @ slopes / len(actual)

    start = least_squares(rows / unit, actual)
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 500}).x
    return np.concatenate([unit * best[:1], best[1:]])


def har(past: Series, horizon: int) -> DirectRegression:
    return DirectRegression.fit(past, horizon, averages_of_values, least_squares)


def har_leverage(past: Series, horizon: int) -> DirectRegression:
    return DirectRegression.fit(past, horizon, _with_falling_days, least_squares)


def har_qlike(past: Series, horizon: int) -> DirectRegression:
    fitted = DirectRegression.fit(past, horizon, averages_of_values, least_qlike)
    return DirectRegression(fitted.inputs, fitted.weights, smallest_size(past.values))


def har_x(past: Series, horizon: int) -> DirectRegression:
    return DirectRegression.fit(past, horizon, with_extras(averages_of_values), least_squares)


def averages_of_values(series: Series) -> np.ndarray:
    """The means of the target over the last `HAR_DAYS` up to day 21 and every later one, (T - 21, 3)."""
    return averages(np.asarray(series.values))


def _with_falling_days(series: Series) -> np.ndarray:
    """The same, and the means of sizes that are 0 on days without a fall, (T - 21, 6)."""
    return np.hstack([averages_of_values(series), averages(np.where(series.returns < 0, series.sizes, 0.0))])


def with_extras(inputs: Inputs) -> Inputs:
    """Inputs, and the further inputs of the same days."""

    def both(series: Series) -> np.ndarray:
        rows = inputs(series)[-len(series) :]
        return np.hstack([rows, series.extras[len(series) - len(rows) :]])

    return both


def averages(values: np.ndarray) -> np.ndarray:
    """Row i: the averages over the last `HAR_DAYS` up to day 21 + i; (T - 21, 3)."""
    rows = lags(values, max(HAR_DAYS))
    return np.stack([rows[:, :days].mean(axis=1) for days in HAR_DAYS], axis=1)


def lags(values: np.ndarray, order: int) -> np.ndarray:
    """Row i: the last `order` values up to day order - 1 + i, the latest first; (T - order + 1, order)."""
    if order == 0:
        return np.empty((len(values) + 1, 0))
    return sliding_window_view(values, order)[:, ::-1]
