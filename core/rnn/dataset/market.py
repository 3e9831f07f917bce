"""The market of a panel: the mean over its tickers of how much, and in which direction, a day moved.

Every ticker counts in units of its mean size in the training days, so that no wild one dominates. A reader of the market knows
its moves at its own close: a ticker that closes later, or nobody knows when, counts with its day before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.rnn.dataset.features import CLIP, QUIET, Scaler
from core.rnn.dataset.panel import Member, Panel

LARGEST = 3  # tickers whose mean size is the second column of the dispersion
WINDOWS, HALF_LIVES = (2, 5, 10, 22, 66), (1, 3, 10, 40, 120)  # days, of the means that trees read
SHORT, LONG = 22, 250  # days whose ratio of means says whether this month is wild for its year


@dataclass(frozen=True)
class Market:
    """What the panel's tickers did on each of its T days, in units of their training days; of one reader's closing."""

    sizes: np.ndarray  # (T,) mean size
    moves: np.ndarray  # (T,) mean log return
    spread: np.ndarray  # (T,) standard deviation of the sizes over the tickers
    largest: np.ndarray  # (T,) mean of the largest sizes
    training: int  # days before the validation

    @property
    def scaler(self) -> Scaler:
        return Scaler.fit(self.sizes, self.training)

    @property
    def level(self) -> np.ndarray:
        """The running mean size after each day, (T,)."""
        return self.scaler.levels(self.sizes)[1:]

    @property
    def features(self) -> np.ndarray:
        """The market as one more series of a network, (T, FEATURES)."""
        return self.scaler.features(self.moves, self.sizes)

    @property
    def dispersion(self) -> np.ndarray:
        """How unlike the tickers moved, in units of the level, as logarithms, (T, 2)."""
        columns = np.stack([self.spread, self.largest], axis=1) / self.level[:, None]
        return np.log(columns + QUIET).astype(np.float32)


def market_of(panel: Panel, closing: str | None, without: str = "") -> Market:
    """The market as tickers of one closing know it at their close, or None: at the end of the day; `without` one ticker."""
    members = tuple(one for one in panel.members if one.symbol != without)
    sizes = _aligned(panel, members, closing, lambda one: one.series.sizes / one.unit)
    moves = _aligned(panel, members, closing, lambda one: one.series.returns / one.unit)
    present = np.isfinite(sizes).sum(axis=1)
    ranked = -np.sort(-np.nan_to_num(sizes, nan=-np.inf), axis=1)[:, :LARGEST]  # (T, LARGEST), the largest first
    top = np.where(np.isfinite(ranked), ranked, 0.0).sum(axis=1) / np.maximum(1, np.isfinite(ranked).sum(axis=1))
    columns = np.stack([_mean(sizes, present), _mean(moves, present), _spread(sizes, present), top])
    columns[:, present == 0] = np.nan
    sizes, moves, spread, largest = pd.DataFrame(columns.T).ffill().fillna(0.0).to_numpy().T
    return Market(sizes, moves, spread, largest, panel.train_end)


def _aligned(panel: Panel, members: tuple[Member, ...], closing: str | None, of: Callable[[Member], np.ndarray]) -> np.ndarray:
    """A number of every ticker and day, (T, N), as it is known at a close; NaN where a ticker did not trade."""
    part = replace(panel, members=members)
    values = part.matrix([of(one) for one in members])
    for column, one in enumerate(members):
        if closing is not None and (not closing or one.closing != closing):
            values[:, column] = np.concatenate([[np.nan], values[:-1, column]])
    return values


def _mean(values: np.ndarray, present: np.ndarray) -> np.ndarray:
    return np.nansum(values, axis=1) / np.maximum(1, present)


def _spread(values: np.ndarray, present: np.ndarray) -> np.ndarray:
    centred = values - _mean(values, present)[:, None]
    return np.sqrt(np.nansum(centred**2, axis=1) / np.maximum(1, present))


def trailing(returns: np.ndarray, sizes: np.ndarray, level: np.ndarray) -> np.ndarray:
    """What boosted trees read of one series on each day, (T, 18): its sizes, falls and moves over several spans, in levels.

    Sizes as logarithms, which changes nothing for trees and suits networks.
    """
    falls = np.where(returns < 0, sizes, 0.0)
    size, fall, move = (pd.Series(column) for column in (sizes, falls, returns))
    of_sizes = [size, *(_window(size, days) for days in WINDOWS)]
    of_sizes += [size.ewm(halflife=days, adjust=True).mean() for days in HALF_LIVES]
    of_falls = [fall, _window(fall, 5), _window(fall, 22)]
    of_moves = [move, _window(move, 5), _window(move, 22)]
    ratio = np.log((_window(size, SHORT) + 1e-12) / (_window(size, LONG) + 1e-12))
    positive = [np.log(column.to_numpy() / level + QUIET) for column in (*of_sizes, *of_falls)]
    signed = [np.clip(column.to_numpy() / level, -CLIP, CLIP) for column in of_moves]
    return np.stack([*positive, *signed, np.clip(ratio.to_numpy(), -CLIP, CLIP)], axis=1)


def _window(values: pd.Series, days: int) -> pd.Series:
    return values.rolling(days, min_periods=1).mean()
