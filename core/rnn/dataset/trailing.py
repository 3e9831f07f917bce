"""What boosted trees read of one series: its sizes, falls and moves over several spans of days, in units of a level."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.rnn.dataset.features import CLIP, QUIET

WINDOWS, HALF_LIVES = (2, 5, 10, 22, 66), (1, 3, 10, 40, 120)  # days, of the means of sizes
SHORT, LONG = 22, 250  # days whose ratio of means says whether this month is wild for its year
_SMALL = 1e-12  # keeps spans without movement from a logarithm of 0


def trailing(returns: np.ndarray, sizes: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Inputs after each day, (T, 18), from returns (T,), sizes (T,) and the level after each day, (T,).

    Sizes are logarithms, which changes nothing for trees and suits networks. Spans before the first day are cut.
    """
    falls = np.where(returns < 0, sizes, 0.0)
    size, fall, move = (pd.Series(column) for column in (sizes, falls, returns))
    of_sizes = [size, *(_mean(size, days) for days in WINDOWS)]
    of_sizes += [size.ewm(halflife=days, adjust=True).mean() for days in HALF_LIVES]
    of_falls = [fall, _mean(fall, 5), _mean(fall, SHORT)]
    of_moves = [move, _mean(move, 5), _mean(move, SHORT)]
    ratio = np.log((_mean(size, SHORT) + _SMALL) / (_mean(size, LONG) + _SMALL))
    positive = [np.log(np.maximum(0.0, column) / level + QUIET) for column in (*of_sizes, *of_falls)]
    signed = [np.asarray(column) / level for column in of_moves]
    return np.clip(np.stack([*positive, *signed, np.asarray(ratio)], axis=1), -CLIP, CLIP)


def _mean(values: pd.Series, days: int) -> pd.Series:
    return values.rolling(days, min_periods=1).mean()
