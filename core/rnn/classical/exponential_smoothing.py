"""Exponential smoothing: ETS with additive errors (Hyndman, Koehler, Ord & Snyder 2008, ch. 2–5) and Theta.

ETS is simple, Holt's with a trend, or with a damped one, by Akaike's criterion. With level l, trend b and error e:

    y_t = l_{t-1} + φ b_{t-1} + e_t,    l_t = l_{t-1} + φ b_{t-1} + α e_t,    b_t = φ b_{t-1} + β e_t

The errors are linear in the first state, which is therefore fitted by least squares inside the search for α, β and φ. Theta
(Assimakopoulos & Nikolopoulos 2000) is simple smoothing with half the slope of the past as its drift (Hyndman & Billah 2003).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.rnn.classical.direct_regression import days_to_explain
from core.rnn.classical.forecaster import FittedModel
from core.rnn.classical.linear_recursion import solved
from core.rnn.dataset.series import Series

LEAST, MOST = 1e-4, 0.9999  # of α and of β / α
DAMPING = (0.8, 0.98)  # of φ, as in Hyndman & Khandakar 2008
_ALPHAS = (0.02, 0.5)  # where the search for α begins
_TRENDS = ((0.01, 0.9), (0.1, 0.9))  # where that for β / α and φ does
_SAME = 1e-9  # of the logarithm of a mean square: by so much two searches may differ at one minimum
_EXACT = np.finfo(np.float64).eps ** 2  # squared error, as a share of the mean square, that counts as none


@dataclass(frozen=True)
class Smoothing(FittedModel):
    """An ETS model: its weights, and level and trend before the first day. Without trend β and φ are 0."""

    alpha: float
    beta: float
    phi: float
    start: np.ndarray  # (2,) level, trend
    converged: bool = True

    @classmethod
    def fit(cls, past: np.ndarray, trends: bool = True) -> Smoothing:
        """The best of the three by Akaike's criterion; `trends=False` leaves only the simple one."""
        simple = _search(past, [(alpha,) for alpha in _ALPHAS])
        starts = [(simple[1].alpha, share, phi) for share, phi in _TRENDS]
        trending = [_search(past, [start[:free] for start in starts]) for free in (2, 3)] if trends else []
        return min([simple, *trending], key=lambda each: each[0])[1]

    def states(self, values: np.ndarray) -> np.ndarray:
        """Level and trend after each of the values (T,), (T, 2)."""
        gain, decay = np.array([self.alpha, self.beta]), _decay(self.alpha, self.beta, self.phi)
        driven = values[:, None] * gain
        driven[0] += decay @ self.start
        return _recursion(decay, driven)

    def forecasts(self, series: Series, first: int, horizon: int) -> np.ndarray:
        """Forecasts (T - first + 1, H): the level and the trend's steps, each φ times the one before."""
        counted = days_to_explain(series)  # a still day leaves the chance of a rise as it is
        states = np.vstack([self.start, self.states(series.values[counted])])[np.cumsum(counted)]
        level, trend = states[first - 1 :].T
        return level[:, None] + trend[:, None] * np.cumsum(self.phi ** np.arange(1, horizon + 1))


@dataclass(frozen=True)
class Theta(FittedModel):
    """Simple smoothing that starts at the first value, with half the slope of a line through the past as its drift."""

    alpha: float
    slope: float  # a day
    converged: bool = True

    @classmethod
    def fit(cls, past: np.ndarray) -> Theta:
        def loss(free: np.ndarray) -> float:
            return _log_square(past[1:] - _levels(past, free[0])[:-1], past)

        slope = np.polynomial.polynomial.polyfit(np.arange(len(past)), past, 1)[1]
        _, best, converged = _minimum(loss, [(alpha,) for alpha in _ALPHAS])
        return cls(float(best[0]), float(slope), converged)

    def forecasts(self, series: Series, first: int, horizon: int) -> np.ndarray:
        """Forecasts (T - first + 1, H): Hyndman & Billah 2003, eq. 8."""
        level = _levels(series.values, self.alpha)[first - 1 :, None]
        days = np.arange(first, len(series) + 1)[:, None]
        lag = (1 - (1 - self.alpha) ** days) / self.alpha  # of the level behind the line, in days
        return level + self.slope / 2 * (np.arange(horizon) + lag)


def ets(past: Series, horizon: int) -> Smoothing:
    trends = not past.target.is_probability  # a trend would leave the range
    return Smoothing.fit(past.values[days_to_explain(past)], trends)


def theta(past: Series, horizon: int) -> Theta:
    return Theta.fit(past.values)


def _levels(values: np.ndarray, alpha: float) -> np.ndarray:
    """The level of simple smoothing after each day, (T,)."""
    return Smoothing(alpha, 0.0, 0.0, np.array([values[0], 0.0])).states(values)[:, 0]


def _search(past: np.ndarray, starts: Sequence[tuple[float, ...]]) -> tuple[float, Smoothing]:
    """Akaike's criterion and the model; the one, two or three of α, β / α and φ that the starts name are fitted."""

    def loss(weights: np.ndarray) -> float:
        return _log_square(_concentrated(past, *_weights(weights))[0], past)

    least, best, converged = _minimum(loss, starts)
    alpha, beta, phi = _weights(best)
    start = _concentrated(past, alpha, beta, phi)[1]
    count = len(best) + (2 if phi else 1)  # weights and the first state
    return len(past) * least + 2 * count, Smoothing(alpha, beta, phi, start, converged)


def _weights(free: np.ndarray) -> tuple[float, float, float]:
    """α, β and φ from the one, two or three of α, β / α and φ that are free."""
    alpha = float(free[0])
    if len(free) == 1:
        return alpha, 0.0, 0.0
    return alpha, alpha * float(free[1]), float(free[2]) if len(free) == 3 else 1.0


def _concentrated(past: np.ndarray, alpha: float, beta: float, phi: float) -> tuple[np.ndarray, np.ndarray]:
    """Errors (T,) under the first state (2,) that makes their squares least."""
    decay, count = _decay(alpha, beta, phi), 2 if phi else 1
    driven = np.zeros((len(past), 2, 1 + count))
    driven[:, 0, 0], driven[:, 1, 0] = alpha * past, beta * past
    driven[0, :, 1:] = decay[:, :count]  # what a unit of level, and of trend, leaves behind
    before = np.concatenate([np.eye(2, 1 + count, 1)[None], _recursion(decay, driven)[:-1]])  # the states before each day
    fits = before[:, 0] + phi * before[:, 1]  # (T, 1 + count)
    errors, shares = past - fits[:, 0], fits[:, 1:]
    state = np.linalg.lstsq(shares, errors, rcond=None)[0]
    return errors - shares @ state, np.concatenate([state, np.zeros(2 - count)])


def _decay(alpha: float, beta: float, phi: float) -> np.ndarray:
    """The transition matrix of the state, (2, 2): state_t = transition · state_{t-1} + gain · y_t."""
    return np.array([[1 - alpha, phi * (1 - alpha)], [-beta, phi * (1 - beta)]])


def _recursion(decay: np.ndarray, driven: np.ndarray) -> np.ndarray:
    """x_t = decay x_{t-1} + driven_t from x_{-1} = 0, (T, 2, …): the unknowns are level and trend in turn."""
    band = np.zeros((4, 2 * len(driven)), order="F")
    band[0], band[1, 1::2] = 1.0, -decay[0, 1]  # level from trend, of the day before
    band[2, ::2], band[2, 1::2] = -decay[0, 0], -decay[1, 1]
    band[3, ::2] = -decay[1, 0]
    return solved(band, driven.reshape(2 * len(driven), -1)).reshape(driven.shape)


def _log_square(errors: np.ndarray, past: np.ndarray) -> float:
    """The logarithm of the mean squared error; an exact fit has one too."""
    least = max(_EXACT * float(past @ past), float(np.finfo(np.float64).tiny))
    return float(np.log(max(float(errors @ errors), least) / len(past)))


def _minimum(loss: Callable[[np.ndarray], float], starts: Sequence[tuple[float, ...]]) -> tuple[float, np.ndarray, bool]:
    """The least loss over α, β / α and φ, as many as each start names, where it is, and whether a search ended there; α is
    sought on a logarithmic scale. The best search goes on from its end where it did not say that it ended."""
    from scipy.optimize import minimize  # here: it loads for a third of a second

    def weights_at(place: np.ndarray) -> np.ndarray:
        return np.concatenate([np.exp(place[:1]), place[1:]])

    bounds = ((np.log(LEAST), np.log(MOST)), (LEAST, MOST), DAMPING)[: len(starts[0])]
    places = [(np.log(start[0]), *start[1:]) for start in starts]
    searches = [minimize(lambda place: loss(weights_at(place)), place, bounds=bounds, method="L-BFGS-B") for place in places]
    best = min(searches, key=lambda each: each.fun)
    if not best.success:
        again = minimize(lambda place: loss(weights_at(place)), best.x, bounds=bounds, method="Powell")
        best = again if again.fun <= best.fun + _SAME else best
    return float(best.fun), weights_at(best.x), bool(best.success and np.isfinite(best.fun))
