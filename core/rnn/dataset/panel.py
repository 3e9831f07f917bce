"""Many tickers on one axis of days: the union of their trading days, on which every ticker has days of its own.

Training, validation and test are cut on that axis, at the same day for all. A ticker that is listed late, or lacks days, has
fewer days of its own; one with too few is left out, with the reason. Forecasts and what happened are matrices (days, tickers),
NaN where a ticker does not trade.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from core.errors import InvalidRequest, PriceError
from core.rnn.dataset.series import Series, series_of
from core.rnn.dataset.splits import Splits, split_days
from core.rnn.dataset.target import Target
from core.rnn.prices.calendars import calendar_of, closes
from core.rnn.prices.prices import Prices
from core.system.dates import say_day

FEWEST_TICKERS = 2
FEWEST_TRAINING, FEWEST_VALIDATION, FEWEST_TEST = 200, 20, 20  # days of its own that a ticker needs in each part


@dataclass(frozen=True)
class Member:
    """One ticker of a panel, on its own T_i days."""

    symbol: str
    series: Series
    places: np.ndarray  # (T_i,) rows of the panel's days
    training: int  # own days before the first validation day of the panel
    ends: np.ndarray  # (T_i,) when its bars end, UTC, datetime64[s]; NaT where that is unknown
    closing: str  # tickers with the same one close at the same moments; empty where it is unknown when it closes
    unit: float  # mean size of its training days

    def since(self, row: int) -> int:
        """The position of its first own day at or after a row of the panel."""
        return int(np.searchsorted(self.places, row))

    def trades(self, row: int) -> bool:
        """Whether it has a price on a row of the panel."""
        return self.since(row) < self.since(row + 1)


@dataclass(frozen=True)
class Panel:
    """N tickers on T days, oldest first; models learn from the rows before `train_end` and are judged from `test_start` on."""

    target: Target
    splits: Splits
    days: np.ndarray  # (T,) datetime64: a day on which at least one ticker has a return
    members: tuple[Member, ...]
    left_out: dict[str, str] = field(default_factory=dict)  # tickers that cannot take part, and why

    def __len__(self) -> int:
        return len(self.days)

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(member.symbol for member in self.members)

    @property
    def train_end(self) -> int:
        """The row of the first validation day."""
        return self.splits.train_end

    @property
    def test_start(self) -> int:
        """The row of the first test day."""
        return self.splits.test_start

    def until(self, row: int) -> Panel:
        """The rows before `row` alone."""
        return self._cut(row, [one.since(row) for one in self.members])

    def learnable(self, row: int) -> Panel:
        """The rows before `row` that are over when the first of the tickers forecasts it: what all may learn from.

        Where tickers close at different hours, the last bars of those that close later are not among them; where it is unknown
        when they close, nor is the whole last row.
        """
        last = [(one, one.since(row), one.trades(row - 1)) for one in self.members]
        ends = np.array([one.ends[end - 1] for one, end, trades in last if trades])
        if np.isnat(ends).any():
            return self.until(row - 1)
        over = [end - 1 if trades and one.ends[end - 1] > ends.min() else end for one, end, trades in last]
        return self._cut(row, over)

    def _cut(self, row: int, before: Sequence[int]) -> Panel:
        """The rows before `row`, and so many days of each ticker."""
        members = tuple(
            replace(one, series=one.series.until(end), places=one.places[:end], ends=one.ends[:end])
            for one, end in zip(self.members, before, strict=True)
        )
        return replace(self, days=self.days[:row], members=members)

    def of(self, symbols: Iterable[str]) -> Panel:
        """The same days with these tickers alone."""
        wanted = set(symbols)
        return replace(self, members=tuple(one for one in self.members if one.symbol in wanted))

    def on_axis(self, own: Mapping[str, np.ndarray], first: int) -> np.ndarray:
        """Forecasts (T - first + 1, N): of every row from `first` on, then of the next day of each ticker, which is to come.

        `own` has by ticker the forecasts of its own days from `first` on and of the day after its last; NaN for other tickers.
        """
        matrix = np.full((len(self) - first + 1, len(self.members)), np.nan)
        for column, member in enumerate(self.members):
            if (forecasts := own.get(member.symbol)) is not None:
                matrix[member.places[member.since(first) :] - first, column] = forecasts[:-1]
                matrix[-1, column] = forecasts[-1]
        return matrix

    def matrix(self, own: Sequence[np.ndarray]) -> np.ndarray:
        """A value of every own day, (T_i,) for each ticker, as (T, N)."""
        values = np.full((len(self), len(self.members)), np.nan)
        for column, (member, numbers) in enumerate(zip(self.members, own, strict=True)):
            values[member.places, column] = numbers
        return values

    @cached_property
    def actual(self) -> np.ndarray:
        """What is forecast, (T, N)."""
        return self.matrix([np.asarray(one.series.values) for one in self.members])

    @cached_property
    def returns(self) -> np.ndarray:
        """Log returns, (T, N)."""
        return self.matrix([one.series.returns for one in self.members])

    @cached_property
    def origins(self) -> np.ndarray:
        """The row of each ticker's own day before, from whose close a day is forecast, (T, N); −1 before its first."""
        before = self.matrix([np.concatenate([[-1], one.places[:-1]]) for one in self.members])
        return np.nan_to_num(before, nan=-1).astype(np.int64)

    @property
    def units(self) -> np.ndarray:
        """Mean size of the training days, (N,)."""
        return np.array([one.unit for one in self.members])

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of the alignment, in sentences."""
        return tuple(_notes(self))


def panel_of(prices: Sequence[Prices], target: Target, test_days: int) -> Panel:
    """Align the prices of several tickers, a file each, in the order of their symbols.

    InvalidRequest where fewer than `FEWEST_TICKERS` can take part, or their bars differ; SeriesTooShort where the axis is.
    """
    ordered = sorted(prices, key=lambda one: one.symbol)
    if len(sizes := {one.bar_size for one in ordered}) > 1:
        raise InvalidRequest(f"the tickers have bars of {' and '.join(sorted(sizes))}; take bars of one size")
    left_out = dict[str, str]()
    while True:
        _refuse_few(ordered, left_out)
        axis = np.unique(np.concatenate([one.moments for one in ordered]))
        splits = split_days(axis.astype("datetime64[D]"), test_days)
        short = {one.symbol: reason for one in ordered if (reason := _too_few_days(one, axis, splits))}
        if not short:
            break
        shortest = min((one for one in ordered if one.symbol in short), key=lambda one: len(one.dates))
        left_out[shortest.symbol] = short[shortest.symbol]  # its days do not count: without them others may have enough
        ordered.remove(shortest)
    members = list[Member]()
    for one in ordered:
        try:
            members.append(_member(one, target, axis, splits))
        except (PriceError, InvalidRequest) as error:
            left_out[one.symbol] = str(error)
    _refuse_few(members, left_out)
    if len(members) < len(ordered):
        of_others = panel_of([one for one in ordered if one.symbol not in left_out], target, test_days)
        return replace(of_others, left_out=left_out | of_others.left_out)
    return Panel(target, splits, axis[1:], tuple(members), left_out)


def _refuse_few(taking_part: Sequence[object], left_out: Mapping[str, str]) -> None:
    if len(taking_part) < FEWEST_TICKERS:
        reasons = "; ".join(left_out.values()) or "name more tickers"
        raise InvalidRequest(f"a panel needs {FEWEST_TICKERS} tickers or more, {len(taking_part)} can take part: {reasons}")


def _too_few_days(prices: Prices, axis: np.ndarray, splits: Splits) -> str:
    """Why a ticker has too few days of its own on an axis of prices (T + 1,); empty where it has enough."""
    own = np.searchsorted(axis[1:], prices.moments[1:])
    training, before = (int(np.searchsorted(own, row)) for row in (splits.train_end, splits.test_start))
    counts = ("training", training, FEWEST_TRAINING), ("validation", before - training, FEWEST_VALIDATION)
    for name, days, fewest in (*counts, ("test", len(own) - before, FEWEST_TEST)):
        if days < fewest:
            span = f"it has prices from {say_day(prices.days[0])} to {say_day(prices.days[-1])}"
            return f"{prices.symbol} has {days:,} {name} days of its own and needs {fewest}; {span}"
    return ""


def _member(prices: Prices, target: Target, axis: np.ndarray, splits: Splits) -> Member:
    series = series_of(prices, target)
    places = np.searchsorted(axis[1:], series.days)
    training = int(np.searchsorted(places, splits.train_end))
    unit = float(np.abs(series.sizes[:training]).mean())
    if not unit:
        raise PriceError(f"{prices.symbol} does not move on any training day")
    ends = closes(prices)[1:]
    closing = "" if np.isnat(ends).any() else calendar_of(prices).name
    return Member(prices.symbol, series, places, training, ends, closing, unit)


def _notes(panel: Panel) -> Iterable[str]:
    for symbol, reason in panel.left_out.items():
        yield f"{symbol} is left out: {reason}"
    late = [one.symbol for one in panel.members if one.places[0] > 0]
    if late:
        yield f"listed later than the first day of the panel: {', '.join(late)}"
    gaps = {one.symbol: int(one.places[-1] - one.places[0] + 1 - len(one.places)) for one in panel.members}
    if "" in {one.closing for one in panel.members}:
        unknown = ", ".join(one.symbol for one in panel.members if not one.closing)
        yield f"unknown when they close, so that others read their day before: {unknown}"
    elif len({one.closing for one in panel.members}) > 1:
        yield "tickers close at different hours; one that closes after the reader counts with its last bar that was over"
    if any(gaps.values()):
        said = ", ".join(f"{symbol} {days:,}" for symbol, days in gaps.items() if days)
        yield f"days of the panel between a ticker's first and last on which it has no price: {said}"
