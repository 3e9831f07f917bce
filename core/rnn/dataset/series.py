"""One ticker's days as models see them: returns, what is forecast, and further inputs, all known after each day's close."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.rnn.dataset.features import ExtraName, further_input
from core.rnn.dataset.target import Target, garman_klass, log_returns, parkinson
from core.rnn.prices.prices import Prices, complete_column


@dataclass(frozen=True)
class Series:
    """T days, oldest first. Whoever has the first days of it, `until`, knows nothing of the later ones."""

    target: Target
    days: np.ndarray  # (T,) datetime64[D]; [s] where a day has several bars
    returns: np.ndarray  # (T,) log returns
    values: np.ndarray  # (T,) the target: r, 1 where r > 0 else 0, or the day's volatility
    sizes: np.ndarray  # (T,) how much it moved: the volatility where that is the target, else |r|
    extras: np.ndarray  # (T, E) further inputs, without units, around 0

    def __len__(self) -> int:
        return len(self.returns)

    def until(self, end: int) -> Series:
        """The first `end` days."""
        return self._each(lambda column: column[:end])

    def with_another_future(self, known: int, seed: int) -> Series:
        """The same first `known` days, and after them days of another world: what a forecast must not depend on.

        There every rise is a fall, so that a forecast that knows no more of the next day than its sign is found out too.
        """
        random, later = np.random.default_rng(seed), len(self) - known
        scale = 3 * float(np.abs(self.returns).mean() or 1)
        moves, ranges = scale * np.abs(random.standard_normal((2, later)))
        returns = np.where(self.returns[known:] > 0, -moves, moves)
        sizes = ranges if self.target.needs_ranges else moves
        values = {"return": returns, "direction": (returns > 0).astype(np.float64), "volatility": sizes}
        extras = random.standard_normal((later, self.extras.shape[1]))
        parts = iter((self.days[known:], returns, values[self.target.name], sizes, extras))
        return self._each(lambda column: np.concatenate([column[:known], next(parts)]))

    def _each(self, of: Callable[[np.ndarray], np.ndarray]) -> Series:
        columns = (self.days, self.returns, np.asarray(self.values), self.sizes, self.extras)
        return Series(self.target, *map(of, columns))


def series_of(prices: Prices, target: Target, extras: tuple[ExtraName, ...] = (), beside: Prices | None = None) -> Series:
    """The days of a price series as models see them, (T,) of T + 1 prices; InvalidRequest where they lack what is asked."""
    returns = log_returns(prices.close)
    values = returns
    if target.name == "direction":
        values = (returns > 0).astype(np.float64)
    elif target.name == "volatility":
        values = _measured(prices, target) if target.needs_ranges else np.abs(returns)
    sizes = values if target.name == "volatility" else np.abs(returns)
    columns = [further_input(name, prices, beside) for name in extras]
    read = np.concatenate([np.empty((len(returns), 0)), *columns], axis=1)
    return Series(target, prices.moments[1:], returns, values, sizes, read)


def _measured(prices: Prices, target: Target) -> np.ndarray:
    open, high, low = (complete_column(prices, name, target.title) for name in ("open", "high", "low"))
    if target.measure == "parkinson":
        return parkinson(high, low)[1:]
    return garman_klass(open, high, low, prices.close)[1:]
