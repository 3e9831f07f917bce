"""The level: the running mean size of the moves so far, with the decay of RiskMetrics (J.P. Morgan 1996). Calm and wild times
differ by it, and what is measured in it is much the same in both."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

DECAY = 0.94  # of the level, a day; its half-life is 11 days
LOWEST = 0.05  # the lowest level, as a share of the starting level


def levels(sizes: np.ndarray, start: float) -> np.ndarray:
    """The level before the first of the sizes (T,), which is `start`, and after each of them, (T + 1,)."""
    running = pd.Series([start, *sizes]).ewm(alpha=1 - DECAY, adjust=False).mean()
    return np.maximum(LOWEST * start, running.to_numpy())


def size_to_sigma(returns: np.ndarray, sizes: np.ndarray) -> float:
    """The standard deviation of a return whose forecast size is 1, from some days in a row, (T,) each; NaN where nothing moved.

    √(mean z²) / mean s, return and size z and s in units of the level before the day. For normal returns it is √(π / 2). Of
    returns that are not in units of it, it would be larger the more the level changes: the standard deviation of days of which
    nothing is known, where a forecast is of a day of which something is.
    """
    mean = float(sizes.mean()) if len(sizes) else 0.0
    if not mean > 0:
        return math.nan
    level = levels(sizes, mean)[:-1]
    return math.sqrt(float(np.square(returns / level).mean())) / float((sizes / level).mean())
