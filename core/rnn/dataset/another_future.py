"""Prices that differ after a close, for the causality check (`evaluation.causality`)."""

from __future__ import annotations

import numpy as np

from core.rnn.dataset.target import log_returns
from core.rnn.prices.bar_sizes import WEEKEND
from core.rnn.prices.calendars import closes
from core.rnn.prices.prices import Prices

_WILD = 3.0  # times the mean size of a move so far
_FARTHEST = 100.0  # in logarithms: so far other prices may drift and still be numbers


def with_another_future(prices: Prices, kept: int, seed: int) -> Prices:
    """The same first `kept` bars, followed by others at the same times, with every column changed.

    Every rise becomes a fall, any other move a rise, so that even a forecast that uses only the sign of a later day changes.
    """
    later = len(prices.close) - kept
    if later <= 0:
        return prices
    random = np.random.default_rng(seed)
    returns = log_returns(prices.close)
    scale = min(_WILD * float(np.abs(returns).mean() or 1), _FARTHEST / later)
    sizes = scale * np.abs(random.standard_normal(later))
    moves = np.where(returns[kept - 1 :] > 0, -sizes, sizes)
    close = np.append(prices.close[:kept], prices.close[kept - 1] * np.exp(np.cumsum(moves)))
    opened = close[kept - 1 : -1]
    above, below = np.exp(np.abs(scale * random.standard_normal((2, later))))
    others = {
        "open": opened * np.exp(scale * random.standard_normal(later) / 10),
        "high": np.maximum(opened, close[kept:]) * above,
        "low": np.minimum(opened, close[kept:]) / below,
        "volume": prices.volume[kept:] * np.exp(random.standard_normal(later)) if prices.volume.size else prices.volume,
    }
    columns = {name: _continued(getattr(prices, name), values, kept) for name, values in others.items()}
    return prices.model_copy(update=columns | {"close": close})


def bars_over(beside: Prices, prices: Prices, bar: int) -> int:
    """How many of the first bars of another ticker are surely over when a bar of `prices` closes: those a forecast may know.

    Written without `closing_times`, whose mistakes the causality check has to find.
    """
    end, ends, day = closes(prices)[bar], closes(beside), prices.days[bar]
    by_first_day = beside.bar_size == "1d" and beside.spacing > WEEKEND
    following = np.append(beside.days[1:], np.datetime64("9999-01-01"))
    by_day = following <= day if by_first_day else beside.days < day
    over = by_day if np.isnat(end) else np.where(np.isnat(ends), by_day, ends <= end)
    return len(over) if over.all() else int(np.argmin(over))


def _continued(column: np.ndarray, others: np.ndarray, kept: int) -> np.ndarray:
    """A column with other values after its first ones; without a value where it has none."""
    return np.where(np.isnan(column), np.nan, np.append(column[:kept], others)) if column.size else column
