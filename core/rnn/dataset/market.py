"""The market of a panel: the mean over its tickers of how much, and in which direction, a day moved.

Every ticker counts in units of its mean size in the training days, so that no wild one dominates. A reader of the market knows
its moves at its own close: every ticker counts with its last bar that was over by then, UTC, if that is a new one; one whose
closing time is unknown counts with its day before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.rnn.dataset.features import QUIET, Scaler
from core.rnn.dataset.panel import Member, Panel

LARGEST = 3  # tickers whose mean size is the second column of the dispersion


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
    sizes, moves, spread, largest = np.asarray(pd.DataFrame(columns.T).ffill().fillna(0.0)).T
    return Market(sizes, moves, spread, largest, panel.train_end)


def _aligned(panel: Panel, members: tuple[Member, ...], closing: str | None, of: Callable[[Member], np.ndarray]) -> np.ndarray:
    """A number of every ticker and day, (T, N), as it is known at a close; NaN where a ticker has no new bar."""
    if closing is None:
        return replace(panel, members=members).matrix([of(one) for one in members])
    ends, aligned = _ends(panel, closing), np.full((len(panel), len(members)), np.nan)
    for column, one in enumerate(members):
        latest = _latest(one, ends)
        fresh = np.diff(latest, prepend=-1) > 0
        aligned[fresh, column] = of(one)[latest[fresh]]
    return aligned


def _ends(panel: Panel, closing: str) -> np.ndarray:
    """When the tickers of one closing close on each day of the panel, UTC, (T,); NaT where none trades, or it is unknown."""
    ends = np.full(len(panel), np.datetime64("NaT", "s"))
    for one in panel.members:
        if closing and one.closing == closing:
            ends[one.places] = one.ends
    return ends


def _latest(member: Member, ends: np.ndarray) -> np.ndarray:
    """The last of a ticker's bars that was over at each of some closes, (T,), −1 for none; of unknown ones an earlier day's."""
    unknown = np.isnat(ends)
    if not member.closing or unknown.all():
        return np.searchsorted(member.places, np.arange(len(ends)), "left") - 1
    by_close = np.searchsorted(member.ends, ends, "right") - 1
    return np.maximum.accumulate(np.where(unknown, -1, by_close))


def _mean(values: np.ndarray, present: np.ndarray) -> np.ndarray:
    return np.nansum(values, axis=1) / np.maximum(1, present)


def _spread(values: np.ndarray, present: np.ndarray) -> np.ndarray:
    centred = values - _mean(values, present)[:, None]
    return np.sqrt(np.nansum(centred**2, axis=1) / np.maximum(1, present))
