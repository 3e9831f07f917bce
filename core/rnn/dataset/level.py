"""The level: the running mean size of the moves so far, with the decay of RiskMetrics (J.P. Morgan 1996). In units of it moves
of calm and of volatile times are much alike."""

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

    √(mean r² / mean l²), l the level before the day: so that the squares of such a forecast are right in the mean. For normal
    returns that is √(π / 2), less 1 % for the noise of the level. The unconditional √(mean r²) / mean size is larger, the more
    the level varies; a forecast is conditional on what is known of it.
    """
    mean = float(sizes.mean()) if len(sizes) else 0.0
    return math.sqrt(float(np.square(returns).mean() / np.square(levels(sizes, mean)[:-1]).mean())) if mean > 0 else math.nan
