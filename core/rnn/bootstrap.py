"""Days drawn again, in blocks: the stationary bootstrap of Politis & Romano 1994, for everything that needs to know how a mean
over days would have come out in other weather.

A block starts anywhere and ends with probability 1 / length each day, so that what hangs together over days stays together; the
end of the series is followed by its beginning. The random numbers are fixed: the same losses give the same p.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

DRAWS = 1000
SEED = 20
_AT_ONCE = 500_000  # drawn days held in memory


def block_length(days: int, horizon: int = 1) -> int:
    """Mean length of a block: the cube root of the number of days, the order that Politis & White 2004 find best for means;
    never below the horizon, because errors of overlapping forecasts hang together that long."""
    return max(round(days ** (1 / 3)), horizon, 1)


def drawn_days(days: int, length: int, draws: int = DRAWS, seed: int = SEED) -> Iterator[np.ndarray]:
    """Positions of the drawn days, (some draws, days) at a time."""
    random, steps = np.random.default_rng(seed), np.arange(days)
    at_once = max(1, _AT_ONCE // days)
    for first in range(0, draws, at_once):
        shape = (min(at_once, draws - first), days)
        begins = random.random(shape) < 1 / length
        begins[:, 0] = True
        latest = np.maximum.accumulate(np.where(begins, steps, 0), axis=1)  # the step at which each day's block began
        yield (np.take_along_axis(random.integers(days, size=shape), latest, axis=1) + steps - latest) % days


def drawn_means(values: np.ndarray, length: int, draws: int = DRAWS, seed: int = SEED) -> np.ndarray:
    """Means of values (days, K) over drawn days: (draws, K). The columns share their days."""
    days = len(values)
    return np.concatenate([_counts(drawn, days) @ values for drawn in drawn_days(days, length, draws, seed)]) / days


def _counts(drawn: np.ndarray, days: int) -> np.ndarray:
    """How often each day was drawn: (draws, days)."""
    places = drawn + days * np.arange(len(drawn))[:, None]
    return np.bincount(places.ravel(), minlength=drawn.size).reshape(drawn.shape).astype(float)
