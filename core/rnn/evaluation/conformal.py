"""How far off a forecast may be: intervals and a distribution from the forecaster's own past errors, whatever the forecaster.

Conformal intervals over a rolling window of past errors, each in units of a scale that was known beforehand (Vovk et al. 2005;
Lei et al. 2018 for the scale); the adaptive ones widen after misses and narrow after hits (Gibbs & Candès 2021). A forecaster
that states quantiles of its own keeps them, and past scores correct its interval (Romano, Patterson & Candès 2019). An error
enters only once its day is known. One model, one seed and one step at a time; rows are origins, oldest first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from core.rnn.forecaster import LEVELS

WINDOW = 250  # errors that count: a trading year
RATE = 0.02  # γ: how far one miss moves what the adaptive interval aims at; Gibbs and Candès take 0.005, for longer series


@dataclass(frozen=True)
class Bands:
    """Intervals and the distribution around N forecasts, in units of the target."""

    low: np.ndarray  # (N,) static: the share of misses asked for, whatever was missed lately
    high: np.ndarray
    adaptive_low: np.ndarray
    adaptive_high: np.ndarray
    quantiles: np.ndarray  # (N, LEVELS) of the predictive distribution
    crps: np.ndarray  # (N,) NaN where the actual is
    alpha: np.ndarray  # (N,) the share of misses that the adaptive interval aimed at


def errors(actual: np.ndarray, forecast: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Errors (N,) in units of the scale: what `bands` wants of the past of forecasters without quantiles."""
    return (actual - forecast) / scale


def conformity(actual: np.ndarray, quantiles: np.ndarray, scale: np.ndarray, level: float = 0.9) -> np.ndarray:
    """How far outside a forecaster's own interval it came, (N,), in units of the scale; negative inside (CQR, eq. 6).

    What `bands` wants of the past of forecasters with quantiles (N, LEVELS).
    """
    low, high = _own_interval(quantiles, level)
    return np.maximum(low - actual, actual - high) / scale


def bands(
    actual: np.ndarray,
    forecast: np.ndarray,
    scale: np.ndarray,
    past_errors: np.ndarray,
    *,
    level: float = 0.9,
    delay: int = 1,
    quantiles: np.ndarray | None = None,
    lowest: float = -np.inf,
    start: float | None = None,
) -> Bands:
    """Intervals of N origins from actual, forecast and scale, (N,) each; `scale` is known at the origin and above 0.

    `past_errors` (M,), oldest first, were known at the first origin: `errors`, or `conformity` where the forecaster has its own
    `quantiles` (N, LEVELS). The error of an origin is known `delay` origins later: the forecast's step. An actual that is not
    known yet is NaN. `lowest` is what the target cannot fall below, 0 for volatility. `start` is the α to begin with, where one
    series goes on after another. ValueError when there are too few past errors for the level, or a scale is not above 0.
    """
    _refuse(actual, forecast, scale, past_errors, level)
    if quantiles is None:
        centre, spread, told = (forecast, forecast), errors(actual, forecast, scale), None
    else:
        told = np.sort(quantiles, axis=1)  # quantiles that cross are put in order (Chernozhukov et al. 2010)
        centre, spread = _own_interval(told, level), conformity(actual, told, scale, level)
    past, known = _known_errors(past_errors, spread, delay)
    tails = 1 if told is not None else 2  # a score only has an upper end
    deepest = _deepest(past, known, spread, tails)
    share = 1 - level
    static = _depth(known, np.full(len(forecast), share), tails)
    alpha = _adapt(known, deepest, np.isfinite(actual), share, delay, tails, start)
    if told is None:
        told = forecast[:, None] + scale[:, None] * _quantiles(past, known)
    told = np.maximum(lowest, told)
    sides = [_interval(past, known, depth, centre, scale, tails) for depth in (static, _depth(known, alpha, tails))]
    (low, high), (adaptive_low, adaptive_high) = np.maximum(lowest, sides)
    return Bands(low, high, adaptive_low, adaptive_high, told, crps(actual, told), alpha)


def crps(actual: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Continuous ranked probability score (N,) of quantiles (N, LEVELS), in units of the target; lower is better.

    CRPS = 2 ∫ pinball loss dτ (Gneiting & Raftery 2007, eq. 21), here twice the mean over LEVELS: the outermost 2.5 % on either
    side are not in it, so compare it with nothing that takes other levels.
    """
    short = actual[:, None] - quantiles
    return 2 * np.maximum(LEVELS * short, (LEVELS - 1) * short).mean(axis=1)


def rolling_coverage(actual: np.ndarray, low: np.ndarray, high: np.ndarray, window: int = 100) -> np.ndarray:
    """Share of the last `window` days, this one included, inside their interval, (N,); NaN until there are so many."""
    inside = np.concatenate([[0], np.cumsum((low <= actual) & (actual <= high))])
    share = np.full(len(actual), np.nan)
    share[window - 1 :] = (inside[window:] - inside[:-window]) / window
    return share


def _refuse(actual: np.ndarray, forecast: np.ndarray, scale: np.ndarray, past_errors: np.ndarray, level: float) -> None:
    if not actual.shape == forecast.shape == scale.shape or actual.ndim != 1:
        raise ValueError(
            f"actual, forecast and scale have shapes {actual.shape}, {forecast.shape}, {scale.shape}: want (N,) each"
        )
    if not (scale > 0).all():
        raise ValueError(f"the lowest scale is {scale.min()}: want all above 0")
    fewest = int(np.ceil(2 / (1 - level) - 1 - 1e-9))
    if len(past_errors) < fewest or not np.isfinite(past_errors).all():
        raise ValueError(
            f"{np.isfinite(past_errors).sum()} past errors are known, intervals of {level:.0%} need {fewest}, all finite"
        )


def _own_interval(quantiles: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """The ends (N,), (N,) of the interval that quantiles (N, LEVELS) state; between two levels on the line through them."""
    places = np.interp([(1 - level) / 2, (1 + level) / 2], LEVELS, np.arange(len(LEVELS)))
    below = np.minimum(places.astype(int), len(LEVELS) - 2)
    ends = quantiles[:, below] + (places - below) * (quantiles[:, below + 1] - quantiles[:, below])
    return ends[:, 0], ends[:, 1]


def _known_errors(past_errors: np.ndarray, spread: np.ndarray, delay: int) -> tuple[np.ndarray, np.ndarray]:
    """What each origin knows: the last errors sorted, (N, WINDOW) with NaN at the end of short rows, and how many, (N,)."""
    before = np.full(WINDOW + delay - 1, np.nan)
    pool = np.concatenate([before, past_errors, spread])
    ends = len(before) + len(past_errors) + np.maximum(0, np.arange(len(spread)) - delay + 1)  # past the last known error
    rows = sliding_window_view(pool, WINDOW)[ends - WINDOW]
    rows.sort(axis=1)
    return rows, WINDOW - np.isnan(rows).sum(axis=1)


def _depth(known: np.ndarray, alpha: np.ndarray, tails: int) -> np.ndarray:
    """How many of the known errors, counted from either end, lie at or beyond the interval's end: at least 1, at most half."""
    return np.clip(((known + 1) * alpha / tails + 1e-9).astype(int), 1, (known + 1) // tails)


def _deepest(past: np.ndarray, known: np.ndarray, spread: np.ndarray, tails: int) -> np.ndarray:
    """The depth up to which the interval would have held what came."""
    above = known - (past < spread[:, None]).sum(axis=1)
    return above if tails == 1 else np.minimum(above, (past <= spread[:, None]).sum(axis=1))


def _adapt(
    known: np.ndarray, deepest: np.ndarray, came: np.ndarray, share: float, delay: int, tails: int, start: float | None
) -> np.ndarray:
    """α of every origin (N,): α ← α + γ (share − missed), with the misses that are known by then (Gibbs & Candès, eq. 2)."""
    counts, limits, observed = known.tolist(), deepest.tolist(), came.tolist()
    alpha, alphas, missed = share if start is None else start, list[float](), list[bool]()
    for origin, (count, limit) in enumerate(zip(counts, limits, strict=True)):
        told = origin - delay
        if told >= 0 and observed[told]:
            alpha += RATE * (share - missed[told])
        depth = min(max(int((count + 1) * alpha / tails + 1e-9), 1), (count + 1) // tails)
        alphas.append(alpha)
        missed.append(depth > limit)
    return np.array(alphas)


def _interval(
    past: np.ndarray, known: np.ndarray, depth: np.ndarray, centre: tuple[np.ndarray, np.ndarray], scale: np.ndarray, tails: int
) -> tuple[np.ndarray, np.ndarray]:
    rows = np.arange(len(known))
    upper = past[rows, known - depth]
    lower = past[rows, depth - 1] if tails == 2 else -upper
    return centre[0] + scale * lower, centre[1] + scale * upper


def _quantiles(past: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Quantiles (N, LEVELS) of the known errors; the k-th of n is that of level k / (n + 1)."""
    places = np.clip((known[:, None] + 1) * LEVELS - 1, 0, known[:, None] - 1)  # (N, LEVELS)
    below = places.astype(int)
    first = np.take_along_axis(past, below, axis=1)
    second = np.take_along_axis(past, np.minimum(below + 1, known[:, None] - 1), axis=1)
    return first + (places - below) * (second - first)
