"""Pooled HAR: one set of coefficients for all tickers (Corsi 2009), with or without the market.

Everything is in units of a ticker's training days, so that the constant means the same for all. Inputs are the values of the
last day and their means over a week and a month; with the market also the same of falling days, of the market, and of its
falling days. Least squares; for sizes that is only the start, from which QLIKE is minimised, as the forecasts are judged by it.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import pandas as pd

from core.rnn.dataset.panel import Member, Panel
from core.rnn.panel.learner.inputs import Inputs
from core.rnn.panel.learner.learned import Learned, Points, Task
from core.runs.request import Progress

SPANS = (1, 5, 22)  # days: a day, a trading week, a trading month
SMALLEST = 0.05  # units: a forecast size is not below


def har(task: Task) -> Generator[Progress, None, list[Learned]]:
    """HAR for all tickers of the panel."""
    yield Progress(phase=task.model.title)
    (before, first), (test, second) = (_fitted(task, row) for row in (task.panel.train_end, task.panel.test_start))
    return [Learned(task.model.name, 0, before, test, not_converged=() if first and second else task.symbols)]


def _fitted(task: Task, row: int) -> tuple[Points, bool]:
    """The fit on the days before a row, and whether its search ended at an optimum."""
    past, market, unseen = task.panel.learnable(row), task.model.reads_market, task.request.unseen
    inputs = Inputs(past, unseen)
    taught = [one for one in past.members if one.symbol != unseen]
    rows = np.concatenate([_rows(inputs, one, market)[SPANS[-1] - 1 : -1] for one in taught])
    labels = np.concatenate([_in_units(one, np.asarray(one.series.values))[SPANS[-1] :] for one in taught])
    weights, converged = np.linalg.lstsq(rows, labels, rcond=None)[0], True
    if not past.target.is_signed and past.target.in_levels:
        weights, converged = _by_qlike(rows, labels, weights)

    def points(panel: Panel, first: int) -> np.ndarray:
        inputs = Inputs(panel, unseen)
        own = {
            one.symbol: _forecasts(inputs, one, market, weights, one.since(first))
            for one in panel.members
            if one.symbol in task.symbols
        }
        return panel.on_axis(own, first)

    return points, converged


def _forecasts(inputs: Inputs, member: Member, market: bool, weights: np.ndarray, first: int) -> np.ndarray:
    target = inputs.panel.target
    forecasts = (_rows(inputs, member, market) @ weights)[first - 1 :]
    if not target.in_levels:
        return target.bounded(forecasts)
    return member.unit * (forecasts if target.is_signed else np.maximum(forecasts, SMALLEST))


def _in_units(member: Member, values: np.ndarray) -> np.ndarray:
    return values / member.unit if member.series.target.in_levels else values


def _rows(inputs: Inputs, member: Member, market: bool) -> np.ndarray:
    """The regressors after each own day, (T_i, K), the constant first."""
    series, target = member.series, inputs.panel.target
    values = _in_units(member, np.asarray(series.values))
    columns = [np.ones(len(series)), *_means(values)]
    if market:
        moved = inputs.market(member)
        of_market = moved.moves if target.is_signed or not target.in_levels else moved.sizes
        falls = np.where(series.returns < 0, series.sizes, 0.0) / member.unit
        market_falls = np.where(moved.moves < 0, moved.sizes, 0.0)
        shared = np.stack([*_means(of_market), *_means(market_falls)[:2]], axis=1)[member.places]
        columns += [*_means(falls), *shared.T]
    return np.stack(columns, axis=1)


def _means(values: np.ndarray) -> list[np.ndarray]:
    series = pd.Series(values)
    return [series.rolling(days, min_periods=1).mean().to_numpy() for days in SPANS]


def _by_qlike(rows: np.ndarray, labels: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, bool]:
    """Coefficients that minimise the mean of log f + y / f, f = max(rows · w, SMALLEST), from a start on (L-BFGS); and whether
    the search converged."""
    from scipy.optimize import minimize  # here: it loads for a quarter of a second

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        raw = rows @ weights
        sizes = np.maximum(raw, SMALLEST)
        slopes = np.where(raw > SMALLEST, (1 - labels / sizes) / sizes, 0.0)
        return float((np.log(sizes) + labels / sizes).mean()), rows.T @ slopes / len(rows)

    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return found.x, bool(found.success)
