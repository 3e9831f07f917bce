"""Which of another ticker's prices are there at a ticker's close: bars are compared by when they end, UTC.

Where one of the two ends is unknown (a file, a market without a calendar), the other ticker's day before is the last that is
surely over: exchanges all round the world close within the day that both call by the same date.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.rnn.prices.bar_sizes import WEEKEND
from core.rnn.prices.calendars import closes
from core.rnn.prices.prices import Prices


def latest_bars(prices: Prices, beside: Prices) -> np.ndarray:
    """The position of the last bar of `beside` that has ended at each close of `prices`, int (N,); -1 where none has."""
    ends, others = closes(prices), closes(beside)
    earlier = _days_before(prices, beside)
    unknown = np.where(np.isnat(others), np.arange(len(others)), -1)
    by_day = np.where(earlier < 0, -1, np.maximum.accumulate(unknown)[np.maximum(earlier, 0)])
    by_close = np.searchsorted(_at_the_latest(others), ends, "right") - 1
    return np.where(np.isnat(ends), earlier, np.maximum(by_close, by_day))


def _days_before(prices: Prices, beside: Prices) -> np.ndarray:
    """The last bar of `beside` that is over whenever exchanges close, (N,): that of an earlier date.

    A file's row of a week or a month may be dated by its first day: it is over when the next row begins.
    """
    if beside.bar_size == "1d" and beside.spacing > WEEKEND:
        return np.searchsorted(beside.days[1:], prices.days, "right") - 1
    return np.searchsorted(beside.days, prices.days, "left") - 1


def _at_the_latest(ends: np.ndarray) -> np.ndarray:
    """Ends in rising order, where an unknown one is taken to be that of the next bar; after the last known one, never."""
    never = np.datetime64("9999-01-01", "s")
    return pd.Series(ends).bfill().fillna(never).to_numpy().astype("datetime64[s]")
