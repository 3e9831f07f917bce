"""One ticker's days as models see them: returns, what is forecast, and further inputs, all known after each day's close."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from core.errors import InvalidRequest
from core.rnn.prices import Prices, say_day
from core.rnn.targets import Target, garman_klass, log_returns, parkinson

ExtraName = Literal["volume", "range", "weekday", "ticker"]
EXTRAS: dict[ExtraName, str] = {
    "volume": "volume against its running mean",
    "range": "the day's range, high to low",
    "weekday": "the day of the week",
    "ticker": "another ticker's return",
}
MOST_STALE = 10  # days: an older close of another ticker is no news
_SMALL = 1e-6  # keeps a day without movement from dividing by zero
_MEMORY = 0.94  # decay a day of the running mean that volumes, ranges and another ticker's moves are measured by


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
    columns = [_extra(name, prices, beside) for name in extras]
    read = np.concatenate([np.empty((len(returns), 0)), *columns], axis=1)
    return Series(target, prices.moments[1:], returns, values, sizes, read)


def _measured(prices: Prices, target: Target) -> np.ndarray:
    open, high, low = (_whole(prices, name, target.title) for name in ("open", "high", "low"))
    if target.measure == "parkinson":
        return parkinson(high, low)[1:]
    return garman_klass(open, high, low, prices.close)[1:]


def _whole(prices: Prices, name: str, purpose: str) -> np.ndarray:
    """A column that has a value on every day; InvalidRequest says on which days it has."""
    values = getattr(prices, name)
    known = np.isfinite(values) & (values > 0)
    if not known.any():
        raise InvalidRequest(f"{prices.symbol} has no {name} in this period, which {purpose} needs; choose another input")
    if not known.all():
        first, last = (say_day(prices.days[known][place]) for place in (0, -1))
        raise InvalidRequest(
            f"{prices.symbol} lacks the {name} on {(~known).sum():,} days of this period, which {purpose} needs; "
            f"it is known from {first} to {last}: choose a period inside"
        )
    return values


def _extra(name: ExtraName, prices: Prices, beside: Prices | None) -> np.ndarray:
    """One further input, (T, columns)."""
    if name == "volume":
        volume = _whole(prices, "volume", EXTRAS["volume"])
        return np.clip(np.log(volume / _running(volume)), -3, 3)[1:, None]
    if name == "range":
        high, low = (_whole(prices, side, EXTRAS["range"]) for side in ("high", "low"))
        spread = np.log(high / low)
        return np.clip(np.log((spread + _SMALL) / (_running(spread) + _SMALL)), -3, 3)[1:, None]
    if name == "weekday":
        weekday = pd.DatetimeIndex(prices.days[1:]).dayofweek.to_numpy()
        return (weekday[:, None] == np.arange(7)).astype(np.float64) - 1 / 7  # later prices may bring a first Saturday
    if beside is None:
        raise InvalidRequest("another ticker's return is to be read, but no other ticker was named; name one")
    return _moves_of(beside, prices)[:, None]


def _moves_of(beside: Prices, prices: Prices) -> np.ndarray:
    """Another ticker's returns from day to day of ours, (T,), in its own running levels.

    What counts is its last close known at our close: of the same day where both follow one calendar, else of the day before,
    because exchanges close at different hours. A day on which it did not trade is no move. InvalidRequest where there are many.
    """
    from core.rnn.calendars import calendar_of

    late = calendar_of(beside).name != calendar_of(prices).name
    known = np.searchsorted(beside.moments, prices.moments, "left" if late else "right") - 1  # (T + 1,)
    age = prices.days - beside.days[np.maximum(known, 0)]
    unknown = (known < 0) | (age > np.timedelta64(MOST_STALE, "D"))
    if unknown.any():
        raise InvalidRequest(
            f"{beside.symbol} has no price near {unknown.sum():,} of the {len(known):,} days of {prices.symbol}; "
            f"it runs from {say_day(beside.days[0])} to {say_day(beside.days[-1])}: choose a period in which both trade"
        )
    returns = log_returns(beside.close[known])
    size = np.abs(returns)
    return np.clip(returns / (_running(size) + _SMALL), -5, 5)


def _running(values: np.ndarray) -> np.ndarray:
    """The running mean up to and with each day; the first day is its own."""
    return pd.Series(values).ewm(alpha=1 - _MEMORY, adjust=False).mean().to_numpy()
