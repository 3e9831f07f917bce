"""Whether the losses exceeded a value at risk as often as it says, and without clustering: likelihood-ratio tests.

- Kupiec 1995, "Techniques for verifying the accuracy of risk measurement models": as often (unconditional coverage).
- Christoffersen 1998, "Evaluating interval forecasts": independent of whether the day before was exceeded, against a chain of
  first order; and both together (conditional coverage), which conditions on the first day.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LikelihoodRatio:
    """−2 log of a likelihood ratio, and its p by the χ² distribution; NaN where there is nothing to test."""

    stat: float
    p: float


@dataclass(frozen=True)
class Coverage:
    """The three tests of exceedances; a small p rejects the value at risk."""

    days: int
    exceedances: int
    unconditional: LikelihoodRatio
    independence: LikelihoodRatio
    conditional: LikelihoodRatio


def coverage(exceeded: np.ndarray, level: float) -> Coverage:
    """Tests of exceedances (days,), True where the loss was larger than the value at risk at a level such as 0.01.

    ValueError with fewer than 2 days or a level that is not between 0 and 1.
    """
    hits = np.asarray(exceeded, dtype=bool)
    if hits.ndim != 1 or len(hits) < 2 or not 0 < level < 1:
        raise ValueError(f"{hits.shape} days at level {level:g}: want (days,), 2 or more, and a level between 0 and 1")
    before, after = hits[:-1], hits[1:]
    calm, hit = (np.bincount(after[before == state], minlength=2) for state in (False, True))  # (2,): then calm, then hit
    chain = _log_likelihood(calm) + _log_likelihood(hit)
    constant = _log_likelihood(calm + hit)
    return Coverage(
        len(hits),
        int(hits.sum()),
        unconditional=_ratio(_log_likelihood_at(np.bincount(hits, minlength=2), level), _counted(hits), 1),
        independence=_ratio(constant, chain, 1),
        conditional=_ratio(_log_likelihood_at(calm + hit, level), chain, 2),
    )


def _counted(hits: np.ndarray) -> float:
    return _log_likelihood(np.bincount(hits, minlength=2))


def _log_likelihood(counts: np.ndarray) -> float:
    """Of independent days, (without, with) an exceedance, at the share that fits them best; 0 log 0 = 0."""
    total = counts.sum()
    return float(sum(count * math.log(count / total) for count in counts.tolist() if count))


def _log_likelihood_at(counts: np.ndarray, level: float) -> float:
    return float(counts[0] * math.log1p(-level) + counts[1] * math.log(level))


def _ratio(restricted: float, free: float, freedom: int) -> LikelihoodRatio:
    from scipy.special import chdtrc  # here: it loads for a quarter of a second

    stat = max(0.0, 2 * (free - restricted))
    return LikelihoodRatio(stat, float(chdtrc(freedom, stat)))
