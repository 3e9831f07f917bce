"""The probability of backtest overfitting, by combinatorially symmetric cross-validation.

Bailey, Borwein, López de Prado & Zhu 2017, "The probability of backtest overfitting": the days are cut into S blocks of equal
length; whoever is best on one half of the blocks is ranked on the other half, for every way of halving them. The probability is
the share of halvings in which the best of one half is below the median of the other; at the median it counts half, so that
noise gives ½ whatever the number of candidates.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

BLOCKS = 16
FEWEST_DAYS = 10  # of a block


@dataclass(frozen=True)
class Overfitting:
    """What choosing the best of `candidates` series by their past would have been worth."""

    probability: float  # that the choice is below the median afterwards
    candidates: int
    blocks: int
    halvings: int
    rank: float  # mean rank of the choice on the other half, from 0, the worst, to 1, the best
    behind: float | None = None  # share of halvings in which the choice did worse on the other half than `against`


def probability_of_overfitting(
    series: np.ndarray, ratio: bool = True, blocks: int = BLOCKS, against: np.ndarray | None = None
) -> Overfitting:
    """Of daily results (days, candidates), higher is better: returns that are compared by their Sharpe ratios or, without
    `ratio`, values such as negative losses that are compared by their means. `against` (days,): what is had without choosing,
    such as the returns of holding.

    Fewer blocks where a block would have fewer than `FEWEST_DAYS` days; days at the start that fill no block are left out.
    ValueError with fewer than 2 candidates or too few days for 4 blocks.
    """
    days, candidates = series.shape
    count = min(blocks, days // FEWEST_DAYS) // 2 * 2
    if candidates < 2 or count < 4:
        raise ValueError(f"{candidates} series of {days} days: want 2 or more, and {4 * FEWEST_DAYS} days or more")
    length = days // count
    together = series if against is None else np.column_stack([series, against])
    parts = together[days - count * length :].reshape(count, length, -1)
    halves = np.array([[block in half for block in range(count)] for half in combinations(range(count), count // 2)], float)
    done = _performance(halves, parts, ratio)  # (halvings, candidates, and `against`)
    past, future = done[:, :candidates], done[::-1, :candidates]  # the complement of the list's first half is its end, reversed
    ranks = _rank_of_best(past, future)
    behind = None
    if against is not None:
        chosen = future[np.arange(len(past)), past.argmax(axis=1)]
        behind = float(np.mean(chosen < done[::-1, candidates]))
    return Overfitting(
        probability=float(np.mean(ranks < 0.5) + np.mean(ranks == 0.5) / 2),
        candidates=candidates,
        blocks=count,
        halvings=len(halves),
        rank=float(ranks.mean()),
        behind=behind,
    )


def _performance(halves: np.ndarray, parts: np.ndarray, ratio: bool) -> np.ndarray:
    """Mean, or mean by standard deviation, (halvings, candidates) of the blocks (S, days, candidates) in each half."""
    days = halves[0].sum() * parts.shape[1]
    mean = halves @ parts.sum(axis=1) / days
    if not ratio:
        return mean
    variance = np.maximum(0.0, halves @ (parts**2).sum(axis=1) / days - mean**2)
    return np.where(variance > 1e-12 * mean**2, mean / np.sqrt(np.where(variance > 0, variance, 1.0)), 0.0)


def _rank_of_best(past: np.ndarray, future: np.ndarray) -> np.ndarray:
    """Rank (halvings,) in `future` of the best in `past`, both (halvings, candidates): 0 worst, 1 best, equals share theirs."""
    rows = np.arange(len(past))
    best = future[rows, past.argmax(axis=1)][:, None]
    below, same = (future < best).sum(axis=1), (future == best).sum(axis=1) - 1
    return (below + same / 2) / (past.shape[1] - 1)
