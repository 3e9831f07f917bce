"""Prediction intervals and a predictive distribution from the forecaster's own past errors, whatever the forecaster.

Conformal intervals over a rolling window of past errors, each in units of a scale that its origin knew (Vovk et al. 2005;
Lei et al. 2018 for the scale); the adaptive ones widen after misses and narrow after hits (Gibbs & Candès 2021). A forecaster
that states quantiles of its own keeps them, and past scores correct its interval (Romano, Patterson & Candès 2019). An error
enters only once its day is over. One model, one seed and one step at a time; rows are origins, oldest first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from core.rnn.forecaster import LEVELS

COVERAGE = 0.9  # of every interval
WINDOW = 250  # past errors in use: a trading year
RATE = 0.02  # γ: how far one miss moves what the adaptive interval aims at; Gibbs and Candès take 0.005, for longer series


@dataclass(frozen=True)
class Bands:
    """Intervals and the distribution around N forecasts, in units of the target."""

    low: np.ndarray  # (N,) static: the same target share of misses at every origin
    high: np.ndarray
    adaptive_low: np.ndarray
    adaptive_high: np.ndarray
    quantiles: np.ndarray  # (N, LEVELS) of the predictive distribution
    crps: np.ndarray  # (N,) NaN where the actual is
    alpha: np.ndarray  # (N,) the share of misses that the adaptive interval aims at


def errors(actual: np.ndarray, forecast: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Errors (N,) in units of the scale: the `past_errors` of forecasters without quantiles, see `bands`."""
    return (actual - forecast) / scale


def conformity(actual: np.ndarray, quantiles: np.ndarray, scale: np.ndarray, coverage: float = COVERAGE) -> np.ndarray:
    """How far outside its own interval the actual value lies, (N,), in units of the scale; negative inside (CQR, eq. 6).

    The `past_errors` of forecasters with quantiles (N, LEVELS), see `bands`.
    """
    low, high = _own_interval(quantiles, coverage)
    return np.maximum(low - actual, actual - high) / scale


def bands(
    actual: np.ndarray,
    forecast: np.ndarray,
    scale: np.ndarray,
    past_errors: np.ndarray,
    *,
    coverage: float = COVERAGE,
    delay: int = 1,
    quantiles: np.ndarray | None = None,
    lowest: float = -np.inf,
    start: float | None = None,
) -> Bands:
    """Intervals of N origins from actual, forecast and scale, (N,) each; `scale` is known at the origin and above 0.

    `past_errors` (M,), oldest first, came before the first origin: `errors`, or `conformity` where the forecaster has its own
    `quantiles` (N, LEVELS). The error of an origin counts from `delay` origins later on: the forecast's step. An actual value
    that is still to come is NaN. `lowest` is what the target cannot fall below, 0 for volatility. `start` is the α to begin
    with, where one series continues another. ValueError when there are too few past errors for the coverage, or a scale is not
    above 0.
    """
    _refuse(actual, forecast, scale, past_errors, coverage)
    if quantiles is None:
        centre, scores, tails = (forecast, forecast), errors(actual, forecast, scale), 2
    else:
        quantiles = np.sort(quantiles, axis=1)  # quantiles that cross are put in order (Chernozhukov et al. 2010)
        centre = _own_interval(quantiles, coverage)
        scores, tails = conformity(actual, quantiles, scale, coverage), 1  # a score of this kind only has an upper end
    past, count = _errors_by_origin(past_errors, scores, delay)
    deepest = _deepest(past, count, scores, tails)
    share = 1 - coverage
    static = _depth(count, np.full(len(forecast), share), tails)
    alpha = _adapt(count, deepest, np.isfinite(actual), share, delay, tails, start)
    if quantiles is None:
        quantiles = forecast[:, None] + scale[:, None] * _quantiles(past, count)
    quantiles = np.maximum(lowest, quantiles)
    sides = [_interval(past, count, depth, centre, scale, tails) for depth in (static, _depth(count, alpha, tails))]
    (low, high), (adaptive_low, adaptive_high) = np.maximum(lowest, sides)
    return Bands(low, high, adaptive_low, adaptive_high, quantiles, crps(actual, quantiles), alpha)


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


def _refuse(actual: np.ndarray, forecast: np.ndarray, scale: np.ndarray, past_errors: np.ndarray, coverage: float) -> None:
    if not actual.shape == forecast.shape == scale.shape or actual.ndim != 1:
        raise ValueError(
            f"actual, forecast and scale have shapes {actual.shape}, {forecast.shape}, {scale.shape}: want (N,) each"
        )
    if not (scale > 0).all():
        raise ValueError(f"the lowest scale is {scale.min()}: want all above 0")
    fewest = int(np.ceil(2 / (1 - coverage) - 1 - 1e-9))
    if len(past_errors) < fewest or not np.isfinite(past_errors).all():
        raise ValueError(
            f"{np.isfinite(past_errors).sum()} past errors are known, intervals of {100 * coverage:.0f} % "
            f"need {fewest}, all finite"
        )


def _own_interval(quantiles: np.ndarray, coverage: float) -> tuple[np.ndarray, np.ndarray]:
    """The ends (N,), (N,) of the interval that quantiles (N, LEVELS) state; between two levels on the line through them."""
    places = np.interp([(1 - coverage) / 2, (1 + coverage) / 2], LEVELS, np.arange(len(LEVELS)))
    below = np.minimum(places.astype(int), len(LEVELS) - 2)
    ends = quantiles[:, below] + (places - below) * (quantiles[:, below + 1] - quantiles[:, below])
    return ends[:, 0], ends[:, 1]


def _errors_by_origin(past_errors: np.ndarray, scores: np.ndarray, delay: int) -> tuple[np.ndarray, np.ndarray]:
    """The last errors before each origin sorted, (N, WINDOW) with NaN at the end of short rows, and how many, (N,)."""
    before = np.full(WINDOW + delay - 1, np.nan)
    pool = np.concatenate([before, past_errors, scores])
    ends = len(before) + len(past_errors) + np.maximum(0, np.arange(len(scores)) - delay + 1)  # after each origin's last error
    rows = sliding_window_view(pool, WINDOW)[ends - WINDOW]
    rows.sort(axis=1)
    return rows, WINDOW - np.isnan(rows).sum(axis=1)


def _depth(count: np.ndarray, alpha: np.ndarray, tails: int) -> np.ndarray:
    """How many of the errors, counted from either end, lie at or beyond the interval's end: at least 1, at most half."""
    return np.clip(((count + 1) * alpha / tails + 1e-9).astype(int), 1, (count + 1) // tails)


def _deepest(past: np.ndarray, count: np.ndarray, scores: np.ndarray, tails: int) -> np.ndarray:
    """The depth up to which the interval would have held the actual value."""
    above = count - (past < scores[:, None]).sum(axis=1)
    return above if tails == 1 else np.minimum(above, (past <= scores[:, None]).sum(axis=1))


def _adapt(
    count: np.ndarray, deepest: np.ndarray, observed: np.ndarray, share: float, delay: int, tails: int, start: float | None
) -> np.ndarray:
    """α of every origin (N,): α ← α + γ (share − missed), with the misses that are known by then (Gibbs & Candès, eq. 2)."""
    counts, limits, is_observed = count.tolist(), deepest.tolist(), observed.tolist()
    alpha, alphas, missed = share if start is None else start, list[float](), list[bool]()
    for origin, (errors_before, limit) in enumerate(zip(counts, limits, strict=True)):
        latest = origin - delay
        if latest >= 0 and is_observed[latest]:
            alpha += RATE * (share - missed[latest])
        depth = min(max(int((errors_before + 1) * alpha / tails + 1e-9), 1), (errors_before + 1) // tails)
        alphas.append(alpha)
        missed.append(depth > limit)
    return np.array(alphas)


def _interval(
    past: np.ndarray, count: np.ndarray, depth: np.ndarray, centre: tuple[np.ndarray, np.ndarray], scale: np.ndarray, tails: int
) -> tuple[np.ndarray, np.ndarray]:
    rows = np.arange(len(count))
    upper = past[rows, count - depth]
    lower = past[rows, depth - 1] if tails == 2 else -upper
    return centre[0] + scale * lower, centre[1] + scale * upper


def _quantiles(past: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Quantiles (N, LEVELS) of the errors; the k-th of n is that of level k / (n + 1)."""
    places = np.clip((count[:, None] + 1) * LEVELS - 1, 0, count[:, None] - 1)  # (N, LEVELS)
    below = places.astype(int)
    first = np.take_along_axis(past, below, axis=1)
    second = np.take_along_axis(past, np.minimum(below + 1, count[:, None] - 1), axis=1)
    return first + (places - below) * (second - first)
