"""ARIMA(p, d, q) by conditional least squares (Box & Jenkins 1970, ch. 7): p and q up to 2, d 0 or 1, by Akaike's criterion.

    w_t = φ_1 w_{t-1} + … + φ_p w_{t-p} + e_t + θ_1 e_{t-1} + … + θ_q e_{t-q}

where w is y less its mean for d = 0, the day's change of y for d = 1. Before the first day w and e are taken as 0, so that the
errors of any order, differenced or not, are those of the same days and compare. A direction is the chance of a rise under the
normal law of the ARIMA of the returns, Φ(m / s).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from core.rnn.classical.direct_regression import lags
from core.rnn.classical.forecaster import FittedModel
from core.rnn.classical.linear_recursion import recursive
from core.rnn.dataset.series import Series

MOST_ORDER = 2  # of p and of q
_BURN_IN = 3  # first days that no order is judged by
_EDGE = 0.998  # of a partial autocorrelation: stationary and invertible
_STARTS = ((0.2, -0.1), (0.95, -0.85))  # first partial autocorrelations of φ and of θ: short memory and long
_ENOUGH = 1e-6  # change of the squares, as a share, at which the search ends: a five-hundredth of a criterion in 2,000 days
_EXACT = np.finfo(np.float64).eps ** 2  # squared error, as a share of the mean square, that counts as none


@dataclass(frozen=True)
class Arima(FittedModel):
    """The model, in units of what it was fitted on."""

    ar: np.ndarray  # (p,) φ
    ma: np.ndarray  # (q,) θ
    mean: float  # 0 where d = 1
    d: int
    spread: float  # standard deviation of e
    converged: bool = True

    @property
    def order(self) -> tuple[int, int, int]:
        return len(self.ar), self.d, len(self.ma)

    @classmethod
    def fit(cls, past: Series) -> Arima:
        values = _fitted_values(past)
        orders = product(range(MOST_ORDER + 1), (0, 1), range(MOST_ORDER + 1))
        return min((_search(values, *order) for order in orders), key=lambda each: each[0])[1]

    def forecasts(self, series: Series, first: int, horizon: int) -> np.ndarray:
        """Forecasts (T - first + 1, H) in units of the target."""
        means = self._means(_fitted_values(series), first, horizon)
        if not series.target.is_rise:
            return means
        from scipy.special import ndtr  # here: it loads for a quarter of a second

        return ndtr(means / max(self.spread, np.finfo(np.float64).tiny) / self._growth(horizon))

    def _means(self, values: np.ndarray, first: int, horizon: int) -> np.ndarray:
        moves = _moves(values, self.d) - self.mean
        errors = _errors(moves, self.ar, self.ma)
        path, shocks = (lags(each, len(order))[first - len(order) :] for each, order in ((moves, self.ar), (errors, self.ma)))
        for _ in range(horizon):
            ahead = path[:, : len(self.ar)] @ self.ar + shocks[:, : len(self.ma)] @ self.ma
            path = np.column_stack([ahead, path])  # (N, step + p), the latest first
            shocks = np.column_stack([np.zeros(len(shocks)), shocks])  # no error is expected
        steps = self.mean + path[:, :horizon][:, ::-1]
        return values[first - 1 :, None] + np.cumsum(steps, axis=1) if self.d else steps

    def _growth(self, horizon: int) -> np.ndarray:
        """Standard deviation of the forecast at every step in units of `spread`, (H,): the root of Σ ψ²."""
        shocks = np.zeros(horizon)
        shocks[: len(self.ma) + 1] = np.concatenate([[1.0], self.ma])[:horizon]
        weights = recursive(shocks, self.ar)  # ψ
        return np.sqrt(np.cumsum(np.square(np.cumsum(weights) if self.d else weights)))


def arima(past: Series, horizon: int) -> Arima:
    return Arima.fit(past)


def _fitted_values(series: Series) -> np.ndarray:
    return series.returns if series.target.is_rise else series.values


def _moves(values: np.ndarray, d: int) -> np.ndarray:
    """The values (T,), or their changes, 0 on the first day."""
    return np.diff(values, prepend=values[0]) if d else values


def _errors(moves: np.ndarray, ar: np.ndarray, ma: np.ndarray) -> np.ndarray:
    """e_t of w (T, …), one day after the other."""
    driven = moves.copy()
    for lag, weight in enumerate(ar, start=1):
        driven[lag:] -= weight * moves[:-lag]
    return recursive(driven, -ma) if len(ma) else driven


def _search(values: np.ndarray, p: int, d: int, q: int) -> tuple[float, Arima]:
    """Akaike's criterion and the model of one order."""
    from scipy.optimize import least_squares  # here: it loads for a third of a second

    moves = _moves(values, d)
    unit = float(np.sqrt(np.square(moves).mean())) or 1.0  # what the search calls small does not depend on the ticker

    def scaled_errors(partial: np.ndarray) -> np.ndarray:
        return _centred(moves, _weights(partial[:p]), -_weights(partial[p:]), d)[0][_BURN_IN:] / unit

    best, converged = np.empty(0), True
    if p + q:
        starts = [np.concatenate([_start(ar, p), _start(-ma, q)]) for ar, ma in _STARTS]
        searches = [least_squares(scaled_errors, start, bounds=(-_EDGE, _EDGE), ftol=_ENOUGH) for start in starts]
        least = min(searches, key=lambda each: each.cost)
        if not least.success:  # it goes on from where it stopped
            least = least_squares(scaled_errors, least.x, bounds=(-_EDGE, _EDGE), ftol=_ENOUGH)
        best, converged = least.x, bool(least.success and np.isfinite(least.cost))
    ar, ma = _weights(best[:p]), -_weights(best[p:])
    errors, mean = _centred(moves, ar, ma, d)
    days = len(values) - _BURN_IN
    square = float(errors[_BURN_IN:] @ errors[_BURN_IN:]) / days
    least = max(_EXACT * float(np.square(values).mean()), float(np.finfo(np.float64).tiny))
    criterion = days * float(np.log(max(square, least))) + 2 * (p + q + 1 - d)
    return criterion, Arima(ar, ma, mean, d, float(np.sqrt(square)), converged)


def _centred(moves: np.ndarray, ar: np.ndarray, ma: np.ndarray, d: int) -> tuple[np.ndarray, float]:
    """Errors (T,) and, for d = 0, the mean that makes their squares least: they are linear in it."""
    if d:
        return _errors(moves, ar, ma), 0.0
    errors, shares = _errors(np.stack([moves, np.ones_like(moves)], axis=1), ar, ma).T
    mean = float(errors[_BURN_IN:] @ shares[_BURN_IN:] / (shares[_BURN_IN:] @ shares[_BURN_IN:]))
    return errors - mean * shares, mean


def _weights(partial: np.ndarray) -> np.ndarray:
    """Lag weights (K,) from partial autocorrelations inside (-1, 1): stationary whatever these are (Monahan 1984)."""
    weights = np.empty(0)
    for each in partial:
        weights = np.concatenate([weights - each * weights[::-1], [each]])
    return weights


def _start(first: float, count: int) -> np.ndarray:
    return np.concatenate([[first], np.zeros(count)])[:count]
