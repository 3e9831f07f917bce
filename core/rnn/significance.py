"""Whether one forecast is better than another, or only luckier.

Diebold & Mariano 1995, "Comparing predictive accuracy", with the small-sample correction of Harvey, Leybourne & Newbold 1997;
Holm 1979 for several models at once. The tests compare forecasts over these days; they do not say which model is true.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

_REACH = 1.959964 + 0.841621  # standard errors that a difference needs to be found at 5 % in 4 of 5 cases


@dataclass(frozen=True)
class DieboldMariano:
    """The mean loss difference a − b, its standard error, and the test that it is 0. Negative: a is better.

    `stat` and `p` (two-sided) are NaN when the differences do not vary: then there is nothing to test.
    """

    difference: float
    error: float
    stat: float
    p: float

    @property
    def detectable(self) -> float:
        """The mean difference that this test would find in 4 of 5 cases (power 80 % at 5 %)."""
        return _REACH * self.error


def hac_lags(days: int) -> int:
    """Autocovariances that enter the long-run variance: the cube root of the number of days, rounded up."""
    return math.ceil(days ** (1 / 3))


def diebold_mariano(losses_a: np.ndarray, losses_b: np.ndarray) -> DieboldMariano:
    """Test equal mean loss of two one-step forecasts from their losses (days,) each; ValueError when they do not fit.

    Long-run variance with Bartlett weights over `hac_lags`; p from Student's t with days − 1 degrees of freedom.
    """
    if losses_a.shape != losses_b.shape or losses_a.ndim != 1 or len(losses_a) < 3:
        raise ValueError(f"losses have shapes {losses_a.shape} and {losses_b.shape}: want the same (days,), 3 days or more")
    days = len(losses_a)
    differences = losses_a - losses_b
    mean, error = float(differences.mean()), math.sqrt(_long_run_variance(differences) / days)
    if error == 0:
        return DieboldMariano(mean, 0.0, float("nan"), float("nan"))
    stat = mean / error * math.sqrt((days - 1) / days)  # Harvey, Leybourne & Newbold at horizon 1: (n + 1 − 2h + h(h−1)/n) / n
    return DieboldMariano(mean, error, stat, _two_sided(stat, days - 1))


def _long_run_variance(differences: np.ndarray) -> float:
    """Newey & West 1987: Σ w_k γ_k with w_k = 1 − k / (lags + 1); never negative."""
    days, around = len(differences), differences - differences.mean()
    if np.ptp(differences) == 0:
        return 0.0
    lags = min(hac_lags(days), days - 1)
    weights = 1 - np.arange(1, lags + 1) / (lags + 1)
    covariances = np.array([around[k:] @ around[:-k] for k in range(1, lags + 1)])
    return float(around @ around + 2 * weights @ covariances) / days


def _two_sided(stat: float, freedom: int) -> float:
    from scipy.special import stdtr  # here: it loads for a quarter of a second

    return float(2 * stdtr(freedom, -abs(stat)))


def holm(p_values: np.ndarray) -> np.ndarray:
    """P values (models,) corrected for being the luckiest of several; NaN stays NaN and counts as no test."""
    corrected = np.full(len(p_values), np.nan)
    tested = np.flatnonzero(~np.isnan(p_values))
    order = tested[np.argsort(p_values[tested], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(factors * p_values[order]))
    return corrected
