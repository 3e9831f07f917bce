"""Tests of whether one forecast is better than another by more than chance.

Two forecasts: Diebold & Mariano 1995, "Comparing predictive accuracy", with the small-sample correction of Harvey, Leybourne &
Newbold 1997. All at once: the model confidence set of Hansen, Lunde & Nason 2011 and the test for superior predictive ability
of Hansen 2005. Several tests: Holm 1979 (family-wise error rate), Benjamini & Hochberg 1995 (false discovery rate).
Losses are per origin, oldest first. The tests compare forecasts over these days; they do not say which model is true.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from core.rnn.evaluation.bootstrap import block_length, drawn_means

ALPHA = 0.05  # the level of every test of two forecasts
Z_95 = 1.959964  # of a normal distribution, 95 % lie within ± this many standard deviations
DETECTABLE_Z = Z_95 + 0.841621  # standard errors that a difference needs to be found at 5 % in 4 of 5 cases
SET_ALPHA = 0.10  # of the confidence set: it holds the best model in 9 of 10 cases
_SAME = 1e-12  # losses that differ by less than this share of their size are the same
_CERTAIN = 1e-200  # stands for the standard error of a difference that does not vary: no chance comes near


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
        return DETECTABLE_Z * self.error


@dataclass(frozen=True)
class ConfidenceSet:
    """The models that may be the best (`included`, in the order given), and every model's p: the smallest `size` of the set
    that leaves the model out."""

    included: tuple[str, ...]
    p: dict[str, float]


def hac_lags(days: int, horizon: int = 1) -> int:
    """Autocovariances that enter the long-run variance: the cube root of the number of days, rounded up, and all over which
    errors of overlapping forecasts are correlated."""
    return max(horizon - 1, math.ceil(days ** (1 / 3)))


def diebold_mariano(losses_a: np.ndarray, losses_b: np.ndarray, horizon: int = 1) -> DieboldMariano:
    """Test equal mean loss of two forecasts of up to `horizon` steps from their losses (origins,) each.

    Long-run variance with Bartlett weights over `hac_lags`; p from Student's t with origins − 1 degrees of freedom. ValueError
    when the losses do not fit, or are not more than the horizon.
    """
    if losses_a.shape != losses_b.shape or losses_a.ndim != 1 or len(losses_a) < 3:
        raise ValueError(f"losses have shapes {losses_a.shape} and {losses_b.shape}: want the same (days,), 3 days or more")
    days = len(losses_a)
    if not 1 <= horizon < days:
        raise ValueError(f"horizon is {horizon}, the losses are of {days} days: want a horizon of 1 or more, and more days")
    differences = losses_a - losses_b
    mean, error = float(differences.mean()), math.sqrt(long_run_variance(differences, horizon) / days)
    if error == 0:
        return DieboldMariano(mean, 0.0, float("nan"), float("nan"))
    stat = mean / error * math.sqrt((days + 1 - 2 * horizon + horizon * (horizon - 1) / days) / days)
    return DieboldMariano(mean, error, stat, _two_sided(stat, days - 1))


def long_run_variance(differences: np.ndarray, horizon: int = 1) -> float:
    """Newey & West 1987: Σ w_k γ_k with w_k = 1 − k / (lags + 1); never negative."""
    days, centred = len(differences), differences - differences.mean()
    if np.ptp(differences) == 0:
        return 0.0
    lags = min(hac_lags(days, horizon), days - 1)
    weights = 1 - np.arange(1, lags + 1) / (lags + 1)
    covariances = np.array([centred[k:] @ centred[:-k] for k in range(1, lags + 1)])
    return float(centred @ centred + 2 * weights @ covariances) / days


def _two_sided(stat: float, freedom: int) -> float:
    from scipy.special import stdtr  # here: it loads for a quarter of a second

    return float(2 * stdtr(freedom, -abs(stat)))


def sidak(p: float, trials: int) -> float:
    """Šidák's correction: the probability that the smallest of so many independent p values is at most p without any skill,
    1 − (1 − p)^trials. NaN stays NaN.

    ValueError when the trials are fewer than 1.
    """
    if trials < 1:
        raise ValueError(f"{trials} trials: want 1 or more")
    return 1.0 if p >= 1 else -math.expm1(trials * math.log1p(-p))


def deflated(p_values: np.ndarray, trials: int) -> np.ndarray:
    """Each of the p values (K,) as if it were the smallest of all trials; see `sidak`."""
    return np.array([sidak(float(p), trials) for p in p_values])


def holm(p_values: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """P values (models,) corrected for being the smallest of several; NaN stays NaN and counts as no test.

    `weights` (models,) divide the level among the tests, by default equally (Holm 1979, section 4); they must not depend on
    the test days.
    """
    corrected = np.full(len(p_values), np.nan)
    tested = np.flatnonzero(~np.isnan(p_values))
    shares = np.ones(len(p_values)) if weights is None else weights
    order = tested[np.argsort(p_values[tested] / shares[tested], kind="stable")]
    left = np.cumsum(shares[order][::-1])[::-1]  # of this test and of those that come after it
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(left / shares[order] * p_values[order]))
    return corrected


def benjamini_hochberg(p_values: np.ndarray, *, dependent: bool = False) -> np.ndarray:
    """P values (tests,) corrected so that of those below 5 % no more than 5 % are expected to be false; NaN counts as no test.

    That holds for independent tests and for positively dependent tests, such as those of tickers in one market. `dependent`
    makes it hold under any dependence (Benjamini & Yekutieli 2001), at the cost of a factor of about log(tests).
    """
    corrected = np.full(len(p_values), np.nan)
    tested = np.flatnonzero(~np.isnan(p_values))
    order = tested[np.argsort(p_values[tested], kind="stable")[::-1]]  # the largest first
    ranks = np.arange(len(order), 0, -1)
    price = float(np.sum(1 / ranks)) if dependent else 1.0
    corrected[order] = np.minimum(1.0, np.minimum.accumulate(p_values[order] * len(order) / ranks * price))
    return corrected


def confidence_set(losses: Mapping[str, np.ndarray], horizon: int = 1, size: float = SET_ALPHA) -> ConfidenceSet:
    """The models that these days cannot tell from the best one, from losses (origins,) by model; range statistic T_R.

    Models with the same losses have the same p. Where two losses differ by the same amount every day, the worse model has
    p = 0. One model alone is its own set.
    """
    stacked = _stacked(losses)
    firsts = _first_of_same(stacked)
    unique = sorted(set(firsts))
    p_values = dict(zip(unique, _set_p(stacked[:, unique], horizon), strict=True))
    p = {model: p_values[first] for model, first in zip(losses, firsts, strict=True)}
    return ConfidenceSet(tuple(model for model in losses if p[model] > size), p)


def _set_p(losses: np.ndarray, horizon: int) -> list[float]:
    """P of every model from different losses (origins, K): the worst model is eliminated, again and again; each p is at least
    that of the model eliminated before."""
    drawn = drawn_means(losses, block_length(len(losses), horizon))
    differences = losses.mean(axis=0)[:, None] - losses.mean(axis=0)  # (K, K)
    spread = drawn[:, :, None] - drawn[:, None, :] - differences  # (draws, K, K)
    errors = np.sqrt(np.mean(spread**2, axis=0))
    varies = errors > _SAME * losses.mean()  # elsewhere only rounding does
    errors = np.where(varies, errors, _CERTAIN)
    stats, chance = differences / errors, np.where(varies, spread, 0.0) / errors
    p, highest, left = [1.0] * losses.shape[1], 0.0, np.arange(losses.shape[1])
    while len(left) > 1:
        among = stats[np.ix_(left, left)]
        worst, best = np.unravel_index(np.argmax(among), among.shape)
        reached = chance[:, left[:, None], left].max(axis=(1, 2))
        highest = max(highest, float(np.mean(reached > among[worst, best])))
        p[left[worst]] = highest
        left = np.delete(left, worst)
    return p


def superior_ability(losses: Mapping[str, np.ndarray], reference: str, horizon: int = 1) -> float:
    """P value of the hypothesis that no model is better than the reference: the consistent, studentised SPA test.

    NaN when every model has the losses of the reference; 0 when one is better by the same amount every day. KeyError without
    the reference, ValueError without a model beside it.
    """
    gains = losses[reference][:, None] - _stacked({name: one for name, one in losses.items() if name != reference})
    days, length = len(gains), block_length(len(gains), horizon)
    errors = np.sqrt([long_run_variance(gain, horizon) / days for gain in gains.T])  # (K,)
    certain = errors <= _SAME * losses[reference].mean()
    if np.any(certain & (gains.mean(axis=0) > _SAME * losses[reference].mean())):
        return 0.0
    if certain.all():
        return float("nan")
    stats = gains[:, ~certain] / errors[~certain]  # (origins, K), in standard errors of their mean
    reached = max(0.0, stats.mean(axis=0).max())
    bound = -math.sqrt(2 * math.log(math.log(days)))  # a model below is clearly worse and is left out of the maximum
    centre = np.where(stats.mean(axis=0) >= bound, stats.mean(axis=0), 0.0)
    chance = np.maximum(0.0, (drawn_means(stats, length) - centre).max(axis=1))
    return float(np.mean(chance > reached)) if reached > 0 else 1.0


def _stacked(losses: Mapping[str, np.ndarray]) -> np.ndarray:
    """Losses (origins, K), a column a model; ValueError when they do not fit."""
    shapes = {one.shape for one in losses.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1 or next(iter(shapes))[0] < 3:
        raise ValueError(f"losses have shapes {sorted(shapes)}: want the same (days,) for every model, 3 days or more")
    return np.stack(list(losses.values()), axis=1)


def _first_of_same(losses: np.ndarray) -> list[int]:
    """For every column of losses (origins, K) the first one that is the same."""
    limit = _SAME * np.abs(losses).mean()
    apart = np.abs(losses[:, :, None] - losses[:, None, :]).max(axis=0)  # (K, K)
    return [int(np.argmax(row <= limit)) for row in apart]


def best_of(models: Iterable[str], losses: Mapping[str, np.ndarray]) -> str:
    """The model with the lowest mean loss; the first of equals."""
    return min(models, key=lambda model: float(losses[model].mean()))
