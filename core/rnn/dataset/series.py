"""One ticker's days as models read them: returns, target values and further inputs, all known at each day's close."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from core.rnn.dataset.another_future import bars_over, with_another_future
from core.rnn.dataset.features import ExtraName, further_input
from core.rnn.dataset.target import Target, log_returns
from core.rnn.prices.prices import Prices
from core.rnn.prices.quality.bars import usable_column

Rebuild = Callable[[int, int], "Series"]


@dataclass(frozen=True)
class Series:
    """T days, oldest first. Models are fitted on `until(day)`, which does not contain the later days."""

    target: Target
    days: np.ndarray  # (T,) datetime64[D]; [s] where a day has several bars
    returns: np.ndarray  # (T,) log returns
    values: np.ndarray  # (T,) what is forecast: r, whether it rose (½: it did not move), or the day's volatility
    sizes: np.ndarray  # (T,) how much the day moved: by the target's measure, which is |r| unless it says otherwise
    extras: np.ndarray  # (T, E) further inputs, without units, around 0
    another_future: Rebuild | None = None  # days, seed -> a series made anew, of prices that differ after so many days

    def __len__(self) -> int:
        return len(self.returns)

    def until(self, end: int) -> Series:
        """The first `end` days."""
        values = np.asarray(self.values)[:end]
        extras = self.extras[:end]
        return Series(self.target, self.days[:end], self.returns[:end], values, self.sizes[:end], extras, self.another_future)

    def with_another_future(self, days: int, seed: int) -> Series:
        """The series of prices that differ after the first `days` days, for `evaluation.causality`."""
        if self.another_future is None:
            raise ValueError("this series does not know the prices it was made of")
        return self.another_future(days, seed).until(len(self))


def series_of(prices: Prices, target: Target, extras: tuple[ExtraName, ...] = (), beside: Prices | None = None) -> Series:
    """T days from T + 1 prices; InvalidRequest where the prices lack a column that target or extras need."""

    @cache
    def another_future(days: int, seed: int) -> Series:
        """All prices that are not over at the close of the last of these days are others."""
        ours = with_another_future(prices, days + 1, seed)
        theirs = beside and with_another_future(beside, bars_over(beside, prices, days), seed + 1)
        return series_of(ours, target, extras, theirs)

    returns = log_returns(prices.close)
    sizes = target.sizes_of(returns, lambda name: usable_column(prices, name, target.title, since=1))
    columns = [further_input(name, prices, beside) for name in extras]
    inputs = np.concatenate([np.empty((len(returns), 0)), *columns], axis=1)
    return Series(target, prices.moments[1:], returns, target.values_of(returns, sizes), sizes, inputs, another_future)
