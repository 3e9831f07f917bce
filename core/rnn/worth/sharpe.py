"""Sharpe ratios of daily returns: their intervals, their differences, and what choosing the best of many is worth.

Ratios are a day's, with riskless interest 0, unless a name says otherwise. Probabilistic and deflated: Bailey & López de Prado
2012, 2014. Differences: Ledoit & Wolf 2008, "Robust performance hypothesis testing with the Sharpe ratio", section 3.1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.rnn.evaluation.bootstrap import block_length, drawn_means
from core.rnn.evaluation.significance import long_run_variance

_EULER = 0.5772156649015329
_SAME = 1e-10  # a smaller standard error is one of rounding: the one account is a multiple of the other
_Z_90 = 1.644854  # of a normal distribution, 90 % lie within ± this many standard deviations


@dataclass(frozen=True)
class Difference:
    """A difference of two accounts over the same days, its standard error, and its two-sided p by the normal distribution."""

    value: float
    error: float

    @property
    def p(self) -> float:
        """NaN where the two do not differ from day to day."""
        from scipy.special import ndtr  # here: it loads for a quarter of a second

        return float(2 * ndtr(-abs(self.value) / self.error)) if self.error > 0 else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """90 %."""
        return self.value - _Z_90 * self.error, self.value + _Z_90 * self.error

    def times(self, factor: float) -> Difference:
        """In other units, such as a year's."""
        return Difference(factor * self.value, abs(factor) * self.error)

    def above(self, benchmark: float) -> float:
        """How likely the true difference is above a benchmark; NaN without a standard error."""
        from scipy.special import ndtr

        return float(ndtr((self.value - benchmark) / self.error)) if self.error > 0 else float("nan")


def sharpe(net: np.ndarray) -> float:
    """Mean over standard deviation of returns (N,); NaN when they do not vary."""
    return float(_ratios(net.mean(), np.mean(net**2), len(net)))


def _ratios(mean: np.ndarray | float, square: np.ndarray | float, days: int) -> np.ndarray:
    """From mean returns and mean squared returns, of any shape."""
    variance = np.maximum(0.0, square - np.square(mean)) * days / (days - 1)
    flat = variance <= 1e-12 * np.abs(square)  # only rounding varies, which can leave a mean of squares below 0
    return np.where(flat, np.nan, mean / np.sqrt(np.where(flat, 1.0, variance)))


def sharpe_interval(net: np.ndarray) -> tuple[float, float]:
    """A 90 % interval of the Sharpe ratio of returns (N,), by stationary bootstrap."""
    drawn = drawn_means(np.stack([net, net**2], axis=1), block_length(len(net)))  # (draws, 2)
    ratios = _ratios(drawn[:, 0], drawn[:, 1], len(net))
    low, high = np.nanquantile(ratios, [0.05, 0.95]) if np.isfinite(ratios).any() else (np.nan, np.nan)
    return float(low), float(high)


def sharpe_difference(net: np.ndarray, other: np.ndarray) -> Difference:
    """Sharpe ratio of returns (N,) minus that of others (N,) on the same days; NaN where one does not vary.

    By the delta method: the standard error is that of the mean influence of a day on the one ratio less that on the other.
    """
    if net.shape != other.shape:
        raise ValueError(f"{len(net)} and {len(other)} days: want the same")
    ratios = sharpe(net), sharpe(other)
    if math.isnan(ratios[0]) or math.isnan(ratios[1]):
        return Difference(float("nan"), float("nan"))
    error = math.sqrt(long_run_variance(_shares(net) - _shares(other)) / len(net))
    return Difference(ratios[0] - ratios[1], error if error > _SAME else 0.0)


def _shares(net: np.ndarray) -> np.ndarray:
    """Influence of each day (N,) on μ / √(γ − μ²), with γ the mean square: γ / (γ − μ²)^1.5 dμ − ½ μ / (γ − μ²)^1.5 dγ."""
    mean, square = net.mean(), np.mean(net**2)
    return (square * (net - mean) - mean / 2 * (net**2 - square)) / (square - mean**2) ** 1.5


def probabilistic_sharpe(ratio: float, days: int, skew: float, kurtosis: float, benchmark: float = 0.0) -> float:
    """How likely the true Sharpe ratio is above the benchmark: Bailey & López de Prado 2014, eq. 2.

    Φ((SR − SR₀) √(T − 1) / √(1 − γ₃ SR + (γ₄ − 1) / 4 · SR²)), γ₄ = 3 for a normal distribution.
    """
    from scipy.special import ndtr

    return float(ndtr((ratio - benchmark) * math.sqrt(days - 1) / math.sqrt(1 - skew * ratio + (kurtosis - 1) / 4 * ratio**2)))


def expected_max_sharpe(trials: int, variance: float) -> float:
    """The best Sharpe ratio to be expected of so many trials without any skill, whose ratios have this variance (eq. 1).

    √V · ((1 − γ) Φ⁻¹(1 − 1/N) + γ Φ⁻¹(1 − 1/(N e))), γ Euler's constant; 0 for a single trial.
    """
    from scipy.special import ndtri

    if trials < 1:
        raise ValueError(f"{trials} trials: want 1 or more")
    if trials == 1:
        return 0.0
    expected = (1 - _EULER) * ndtri(1 - 1 / trials) + _EULER * ndtri(1 - 1 / (trials * math.e))
    return math.sqrt(variance) * float(expected)


def deflated_sharpe(net: np.ndarray, trials: int, variance: float) -> float:
    """How likely the true Sharpe ratio of returns (N,) is above the best of so many without skill; NaN without a ratio."""
    ratio, centred = sharpe(net), net - net.mean()
    if math.isnan(ratio):
        return float("nan")
    spread = centred.std()
    skew, kurtosis = float((centred**3).mean() / spread**3), float((centred**4).mean() / spread**4)
    return probabilistic_sharpe(ratio, len(net), skew, kurtosis, expected_max_sharpe(trials, variance))
