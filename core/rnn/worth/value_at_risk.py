"""Value at risk and expected shortfall of the next day's log return, by filtered historical simulation.

The day's return is what is expected of it plus the forecast volatility times a standardised return; the distribution of
standardised returns is the empirical one of all earlier days (Barone-Adesi, Giannopoulos & Vosper 1999, "VaR without
correlations for portfolios of derivative securities"). Nothing is assumed of its shape, so fat tails and skew are those of the
ticker; a t distribution would have to be symmetric. Days before the first forecast are standardised by the volatility of
RiskMetrics, the same for every forecaster.

Scored by the loss FZ0 of Fissler & Ziegel 2016 in the form of Patton, Ziegel & Chen 2019, "Dynamic semiparametric models for
expected shortfall (and value-at-risk)", eq. 6: its mean is least for the true pair of quantile and shortfall.
"""

from __future__ import annotations

import math
from bisect import insort
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.rnn.dataset.level import DECAY

LEVELS = (0.01, 0.05)
WARM_UP = 50  # days until the volatility of RiskMetrics has all but forgotten the first of them


@dataclass(frozen=True)
class TailRisk:
    """N days, log returns: a loss is negative. The return falls below `value_at_risk` with probability `level`."""

    level: float
    value_at_risk: np.ndarray  # (N,) the quantile of the return
    shortfall: np.ndarray  # (N,) the mean return below it

    def exceeded(self, returns: np.ndarray) -> np.ndarray:
        """On which days (N,) the return (N,) was below the value at risk."""
        return returns < self.value_at_risk

    def losses(self, returns: np.ndarray) -> np.ndarray:
        """FZ0 (N,) of returns (N,); NaN on a day whose shortfall is no loss."""
        return fissler_ziegel(returns, self)


def fissler_ziegel(returns: np.ndarray, risk: TailRisk) -> np.ndarray:
    """−1{y ≤ v} (v − y) / (α e) + v / e + log(−e) − 1, (N,), for quantile v and shortfall e < 0 (FZ0); NaN where e ≥ 0."""
    shortfall = np.where(risk.shortfall < 0, risk.shortfall, np.nan)
    below = np.maximum(0.0, risk.value_at_risk - returns)
    return risk.value_at_risk / shortfall - below / (risk.level * shortfall) + np.log(-shortfall) - 1


def _tail(lowest: list[float], count: int, level: float) -> tuple[float, float]:
    """From the lowest of `count` values, sorted: the smallest value that more than a share `level` does not exceed (where the
    level is a whole number of values, exactly this share), and the mean of the quantile function, (1 / α) ∫₀^α F⁻¹(u) du."""
    whole = math.floor(level * count + 1e-9)
    part = max(0.0, level * count - whole)
    if part <= 1e-9:
        return lowest[whole - 1], sum(lowest[:whole]) / whole
    return lowest[whole], (sum(lowest[:whole]) + part * lowest[whole]) / (level * count)


def standardised_before(returns: np.ndarray, decay: float = DECAY) -> np.ndarray:
    """Returns (M,) by the volatility of RiskMetrics, each by that of the days before it, (M − `WARM_UP`,): without the first
    days, and those before which nothing ever moved."""
    squares = pd.Series(returns**2).ewm(alpha=1 - decay, adjust=False).mean().to_numpy()[WARM_UP - 1 : -1]
    moved = squares > 0
    return returns[WARM_UP:][moved] / np.sqrt(squares[moved])


def filtered(returns: np.ndarray, expected: np.ndarray, volatility: np.ndarray, earlier: np.ndarray, level: float) -> TailRisk:
    """The tail risk of N days from forecasts of their mean return (N,) and volatility (N,), made before each day.

    `returns` (N,) log returns of the same days, each used from the day after on; `earlier` (M,) standardised returns of days
    before. ValueError when lengths differ, a volatility is not above 0, or there are fewer than 1 / level earlier days.
    """
    if not len(returns) == len(expected) == len(volatility) or not (volatility > 0).all():
        raise ValueError(f"{len(returns)} returns and {len(volatility)} volatilities: want as many, all above 0")
    if len(earlier) < 1 / level:
        raise ValueError(f"{len(earlier)} days before the first forecast: want at least {1 / level:g} for a level of {level:g}")
    kept = math.ceil(level * (len(earlier) + len(returns))) + 1
    lowest = np.sort(earlier)[:kept].tolist()
    tails = np.empty((len(returns), 2))
    for day, value in enumerate(((returns - expected) / volatility).tolist()):
        tails[day] = _tail(lowest, len(earlier) + day, level)
        insort(lowest, value)
        del lowest[kept:]
    return TailRisk(level, *(expected + volatility * tail for tail in tails.T))
