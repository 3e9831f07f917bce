"""Tests of whether one forecast is better than another by more than chance.

Two forecasts: Diebold & Mariano 1995, "Comparing predictive accuracy", one step ahead with the small-sample correction of
Harvey, Leybourne & Newbold 1997. Beyond one step that test rejects too often, so the long-run variance is the equal-weighted
cosine estimate of Lazarus, Lewis, Stock & Watson 2018, "HAR inference: recommendations for practice". Many tickers: the same
test on the mean over the tickers of each day's loss difference, because errors of one day move together.

All at once: the model confidence set of Hansen, Lunde & Nason 2011 and the test for superior predictive ability of Hansen 2005.
Several tests: Holm 1979 (family-wise error rate), Benjamini & Hochberg 1995 (false discovery rate).
Losses are per origin, oldest first. The tests compare forecasts over these origins; they do not say which model is true.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from core.rnn.evaluation.bootstrap import block_length, drawn_means
from core.rnn.words import say_p

ALPHA = 0.05  # the level of every test of two forecasts
Z_95 = 1.959964  # of a normal distribution, 95 % lie within ± this many standard deviations
POWER_Z = 0.841621  # of a normal distribution, 4 of 5 values lie above −0.84
DETECTABLE_Z = Z_95 + POWER_Z  # standard errors that a difference needs to be found at 5 % in 4 of 5 cases
SET_ALPHA = 0.10  # of the confidence set: it holds the best model in 9 of 10 cases
_SAME = 1e-12  # losses that differ by less than this share of their size are the same
_CERTAIN = 1e-200  # stands for the standard error of a difference that does not vary: no chance comes near


@dataclass(frozen=True)
class DieboldMariano:
    """The mean loss difference a − b, its standard error, and the test that it is 0. Negative: a is better.

    `stat`, `p` and `hln_p` (two-sided) are NaN when the differences do not vary: then there is nothing to test.
    """

    difference: float
    error: float
    stat: float
    p: float
    freedom: float = math.inf  # degrees of freedom of Student's t, from which p is
    hln_p: float = math.nan  # p of the form of Harvey, Leybourne & Newbold at every horizon; one step ahead the same as p

    def detectable(self, level: float = ALPHA) -> float:
        """The mean difference that this test would find in 4 of 5 cases at a two-sided level."""
        from scipy.special import stdtrit  # here: it loads for a quarter of a second

        critical = Z_95 if math.isinf(self.freedom) and level == ALPHA else -float(stdtrit(self.freedom, level / 2))
        return (critical + POWER_Z) * self.error


@dataclass(frozen=True)
class PanelTest:
    """The test of two forecasts over many tickers at once, and on how many of them the first is better."""

    test: DieboldMariano
    differences: np.ndarray  # (K,) mean loss difference of each ticker; NaN for a ticker without a loss

    @property
    def tickers(self) -> int:
        """How many tickers have losses."""
        return int(np.isfinite(self.differences).sum())

    @property
    def better_on(self) -> int:
        """On how many of them the first forecast has the lower mean loss."""
        return int((self.differences < 0).sum())


@dataclass(frozen=True)
class ConfidenceSet:
    """The models that may be the best (`included`, in the order given), and every model's p: the smallest `size` of the set
    that leaves the model out."""

    included: tuple[str, ...]
    p: dict[str, float]


def hac_lags(origins: int, horizon: int = 1) -> int:
    """Autocovariances that enter the long-run variance: the cube root of the number of origins, rounded up, and all over which
    errors of overlapping forecasts are correlated."""
    return max(horizon - 1, math.ceil(origins ** (1 / 3)))


def cosines(origins: int, horizon: int) -> int:
    """Cosine terms of the long-run variance beyond one step, which are its degrees of freedom: ν = min(0.4 T^⅔, T / h)."""
    return max(1, int(min(0.4 * origins ** (2 / 3), origins / horizon)))


def diebold_mariano(losses_a: np.ndarray, losses_b: np.ndarray, horizon: int = 1) -> DieboldMariano:
    """Test equal mean loss of two forecasts of up to `horizon` steps from their losses (origins,) each.

    One step: long-run variance with Bartlett weights over `hac_lags`, p from Student's t with origins − 1 degrees of freedom.
    More steps: equal-weighted cosine variance with `cosines` terms and as many degrees of freedom. ValueError when the losses
    do not fit, or are not more than the horizon.
    """
    if losses_a.shape != losses_b.shape or losses_a.ndim != 1 or len(losses_a) < 3:
        raise ValueError(f"losses have shapes {losses_a.shape} and {losses_b.shape}: want the same (origins,), 3 or more")
    origins = len(losses_a)
    if not 1 <= horizon < origins:
        raise ValueError(f"horizon is {horizon}, the losses are of {origins} origins: want more of them, and 1 or more steps")
    differences = losses_a - losses_b
    bartlett = _harvey(differences, horizon)
    return bartlett if horizon == 1 or bartlett.error == 0 else _equal_weighted_cosine(differences, horizon, bartlett.p)


def panel_test(losses_a: np.ndarray, losses_b: np.ndarray, horizon: int = 1) -> PanelTest:
    """Test equal mean loss of two forecasts over K tickers from their losses (origins, K) each, NaN where a ticker has none.

    Of each origin the mean difference over the tickers that have one is tested, as by `diebold_mariano`; origins without any
    are left out. Losses with a unit (squared errors) must be in a unit of each ticker, or the wildest ticker dominates.
    ValueError when the losses do not fit.
    """
    if losses_a.shape != losses_b.shape or losses_a.ndim != 2:
        raise ValueError(f"losses have shapes {losses_a.shape} and {losses_b.shape}: want the same (origins, tickers)")
    differences = losses_a - losses_b
    differences = differences[np.isfinite(differences).any(axis=1)]
    by_origin, used = np.nanmean(differences, axis=1), np.isfinite(differences).any(axis=0)
    by_ticker = np.full(differences.shape[1], np.nan)
    by_ticker[used] = np.nanmean(differences[:, used], axis=0)
    return PanelTest(diebold_mariano(by_origin, np.zeros(len(by_origin)), horizon), by_ticker)


def _harvey(differences: np.ndarray, horizon: int) -> DieboldMariano:
    """The test of Diebold and Mariano as corrected by Harvey, Leybourne and Newbold."""
    origins, mean = len(differences), float(differences.mean())
    error = math.sqrt(long_run_variance(differences, horizon) / origins)
    if error == 0:
        return DieboldMariano(mean, 0.0, math.nan, math.nan)
    stat = mean / error * math.sqrt((origins + 1 - 2 * horizon + horizon * (horizon - 1) / origins) / origins)
    p = _two_sided(stat, origins - 1)
    return DieboldMariano(mean, error, stat, p, origins - 1, p)


def _equal_weighted_cosine(differences: np.ndarray, horizon: int, hln_p: float) -> DieboldMariano:
    """Ω = Σ_j Λ_j² / ν with Λ_j = √(2 / T) Σ_t d_t cos(π j (t − ½) / T), j = 1 … ν (Lazarus et al. 2018, eq. 5 and 10)."""
    origins, mean = len(differences), float(differences.mean())
    count = cosines(origins, horizon)
    angles = np.pi * np.outer(np.arange(1, count + 1), np.arange(origins) + 0.5) / origins
    transformed = math.sqrt(2 / origins) * np.cos(angles) @ (differences - mean)  # (ν,)
    error = math.sqrt(float(transformed @ transformed) / count / origins)
    stat = mean / error
    return DieboldMariano(mean, error, stat, _two_sided(stat, count), count, hln_p)


def long_run_variance(differences: np.ndarray, horizon: int = 1) -> float:
    """Newey & West 1987: Σ w_k γ_k with w_k = 1 − k / (lags + 1); never negative."""
    origins, centred = len(differences), differences - differences.mean()
    if np.ptp(differences) == 0:
        return 0.0
    lags = min(hac_lags(origins, horizon), origins - 1)
    weights = 1 - np.arange(1, lags + 1) / (lags + 1)
    covariances = np.array([centred[k:] @ centred[:-k] for k in range(1, lags + 1)])
    return float(centred @ centred + 2 * weights @ covariances) / origins


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


def corrected(p_values: np.ndarray, trials: int) -> np.ndarray:
    """P values (K,) of one family, after Holm; with other trials on the same days no less than after Šidák for those."""
    return np.fmax(holm(p_values), deflated(p_values, trials)) if trials > 0 else holm(p_values)


def unsure_in_words(p: float | None) -> str:
    """Why a difference of two standard errors is in doubt: the p value after correction; empty where it is small, too."""
    if p is not None and p < ALPHA:
        return ""
    return f"not surely after correction for all models{f' ({say_p(p)})' if p is not None else ''}"


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
    """The models that these origins cannot tell from the best one, from losses (origins,) by model; range statistic T_R.

    Models with the same losses have the same p. Where two losses differ by the same amount at every origin, the worse model
    has p = 0. One model alone is its own set.
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
    varies = errors > _SAME * np.abs(losses).mean()  # elsewhere only rounding does
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

    NaN when every model has the losses of the reference; 0 when one is better by the same amount at every origin. KeyError
    without the reference, ValueError without a model beside it.
    """
    gains = losses[reference][:, None] - _stacked({name: one for name, one in losses.items() if name != reference})
    origins, length = len(gains), block_length(len(gains), horizon)
    errors = np.sqrt([long_run_variance(gain, horizon) / origins for gain in gains.T])  # (K,)
    certain = errors <= _SAME * np.abs(losses[reference]).mean()
    if np.any(certain & (gains.mean(axis=0) > _SAME * np.abs(losses[reference]).mean())):
        return 0.0
    if certain.all():
        return float("nan")
    stats = gains[:, ~certain] / errors[~certain]  # (origins, K), in standard errors of their mean
    reached = max(0.0, stats.mean(axis=0).max())
    bound = -math.sqrt(2 * math.log(math.log(origins)))  # a model below is clearly worse and is left out of the maximum
    centre = np.where(stats.mean(axis=0) >= bound, stats.mean(axis=0), 0.0)
    chance = np.maximum(0.0, (drawn_means(stats, length) - centre).max(axis=1))
    return float(np.mean(chance > reached)) if reached > 0 else 1.0


def _stacked(losses: Mapping[str, np.ndarray]) -> np.ndarray:
    """Losses (origins, K), a column a model; ValueError when they do not fit."""
    shapes = {one.shape for one in losses.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1 or next(iter(shapes))[0] < 3:
        raise ValueError(f"losses have shapes {sorted(shapes)}: want the same (origins,) for every model, 3 or more")
    return np.stack(list(losses.values()), axis=1)


def _first_of_same(losses: np.ndarray) -> list[int]:
    """For every column of losses (origins, K) the first one that is the same."""
    limit = _SAME * np.abs(losses).mean()
    apart = np.abs(losses[:, :, None] - losses[:, None, :]).max(axis=0)  # (K, K)
    return [int(np.argmax(row <= limit)) for row in apart]


def best_of(models: Iterable[str], losses: Mapping[str, np.ndarray]) -> str:
    """The model with the lowest mean loss; the first of equals."""
    return min(models, key=lambda model: float(losses[model].mean()))
