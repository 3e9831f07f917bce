"""One ticker's days as models read them: returns, target values and further inputs, all known at each day's close."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.rnn.dataset.features import ExtraName, further_input
from core.rnn.dataset.target import Target, log_returns
from core.rnn.prices.prices import Prices, complete_column


@dataclass(frozen=True)
class Series:
    """T days, oldest first. Models are fitted on `until(day)`, which does not contain the later days."""

    target: Target
    days: np.ndarray  # (T,) datetime64[D]; [s] where a day has several bars
    returns: np.ndarray  # (T,) log returns
    values: np.ndarray  # (T,) what is forecast: r, 1 where r > 0 else 0, or the day's volatility
    sizes: np.ndarray  # (T,) how much the day moved: by the target's measure, which is |r| unless it says otherwise
    extras: np.ndarray  # (T, E) further inputs, without units, around 0

    def __len__(self) -> int:
        return len(self.returns)

    def until(self, end: int) -> Series:
        """The first `end` days."""
        return self._each(lambda column: column[:end])

    def with_another_future(self, days: int, seed: int) -> Series:
        """The same first `days` days, followed by random ones, for `evaluation.causality`.

        Every rise becomes a fall, so that even a forecast that uses only the sign of a later day changes.
        """
        random, later = np.random.default_rng(seed), len(self) - days
        scale = 3 * float(np.abs(self.returns).mean() or 1)
        moves, ranges = scale * np.abs(random.standard_normal((2, later)))
        returns = np.where(self.returns[days:] > 0, -moves, moves)
        sizes = ranges if self.target.needs_ranges else moves
        extras = random.standard_normal((later, self.extras.shape[1]))
        parts = iter((self.days[days:], returns, self.target.values_of(returns, sizes), sizes, extras))
        return self._each(lambda column: np.concatenate([column[:days], next(parts)]))

    def _each(self, of: Callable[[np.ndarray], np.ndarray]) -> Series:
        columns = (self.days, self.returns, np.asarray(self.values), self.sizes, self.extras)
        return Series(self.target, *map(of, columns))


def series_of(prices: Prices, target: Target, extras: tuple[ExtraName, ...] = (), beside: Prices | None = None) -> Series:
    """T days from T + 1 prices; InvalidRequest where the prices lack a column that target or extras need."""
    returns = log_returns(prices.close)
    sizes = target.sizes_of(returns, lambda name: complete_column(prices, name, target.title))
    columns = [further_input(name, prices, beside) for name in extras]
    inputs = np.concatenate([np.empty((len(returns), 0)), *columns], axis=1)
    return Series(target, prices.moments[1:], returns, target.values_of(returns, sizes), sizes, inputs)
