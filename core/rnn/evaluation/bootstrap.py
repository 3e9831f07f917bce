"""The sampling distribution of a mean over days that depend on each other: the stationary bootstrap of Politis & Romano 1994.

Days are drawn again in blocks. A block starts anywhere and ends with probability 1 / length each day, so that the dependence
between neighbouring days is kept; the end of the series is followed by its beginning. The random numbers are fixed: the same
losses give the same p.
"""

from __future__ import annotations

import math

import numpy as np

DRAWS = 1000
SEED = 20


def block_length(days: int, horizon: int = 1) -> int:
    """Mean length of a block: the cube root of the number of days, the order that Politis & White 2004 find best for means;
    never below the horizon, because errors of overlapping forecasts are correlated that long."""
    return max(round(days ** (1 / 3)), horizon, 1)


def drawn_blocks(days: int, length: int, draws: int = DRAWS, seed: int = SEED) -> tuple[np.ndarray, np.ndarray]:
    """Where the blocks of each draw start and how many days they have: (draws, blocks) both; a draw has `days` days in all."""
    random, usual = np.random.default_rng(seed), days / length
    blocks = min(days, math.ceil(usual + 8 * math.sqrt(usual)) + 8)  # 8 standard deviations more than a draw needs on average
    ends = np.minimum(days, np.cumsum(random.geometric(1 / length, size=(draws, blocks)), axis=1))
    ends[:, -1] = days
    return random.integers(days, size=(draws, blocks)), np.diff(ends, axis=1, prepend=0)


def drawn_means(values: np.ndarray, length: int, draws: int = DRAWS, seed: int = SEED) -> np.ndarray:
    """Means of values (days, K) over drawn days: (draws, K). The columns share their days."""
    starts, lengths = drawn_blocks(len(values), length, draws, seed)
    centre = values.mean(axis=0)  # sums stay small, and exact
    twice = np.concatenate([values, values]) - centre
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(twice, axis=0)])  # (2 days + 1, K)
    return centre + (sums[starts + lengths] - sums[starts]).sum(axis=1) / len(values)
