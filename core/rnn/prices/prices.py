"""One ticker's prices, a day, a week or some minutes apart, and where they can come from: samples, Yahoo, or a CSV file.

Prices are data and know no network and no file. Equal data have equal bytes, whenever they were fetched: the digest of the
bytes stands in a request, so the same question about the same prices is one run, today and tomorrow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from core.errors import InvalidRequest, NoData, PriceError
from core.rnn.prices.bar_sizes import BAR_SIZES, MINUTES, BarSize, bar_of
from core.rnn.prices.notes import constant_note, gap_note, hole_note, jump_note
from core.rnn.prices.weeks import OF_A_WEEK, WEEKS
from core.rnn.words import say_day
from core.runs.store import digest_of
from core.runs.value import StoredValue


def complete_column(prices: Prices, name: str, purpose: str) -> np.ndarray:
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


ADJUSTED = "closes adjusted for dividends and splits"
LEVEL = "index level, dividends not counted"
SPLITS_ONLY = "prices adjusted for splits, not for dividends"
_ORIGINS = {"sample": "shipped sample", "yahoo": "Yahoo Finance via yfinance", "csv": "CSV file"}
_PER_BAR = ("open", "high", "low", "volume")  # beside the close; each empty, or one value a bar
_NONE = np.empty(0)


class Unfinished(BaseModel):
    """A session that is not over: its day, its price so far, and when that was, by the exchange's clock."""

    model_config = ConfigDict(frozen=True)

    day: date
    price: float
    at: datetime

    @property
    def text(self) -> str:
        so_far = f"{say_day(self.day)} so far, {self.at:%H:%M} by the exchange's clock: {self.price:,.6g}"
        return f"{so_far}; not a close yet, so nothing learns from it"


class Prices(StoredValue):
    """Prices of one ticker, oldest first, N bars; money in `currency`, adjusted as `basis` says.

    `open`, `high`, `low` and `volume` are empty where the source has none, and NaN on single bars without a value; the first
    three are adjusted like `close`. `gaps` are trading days on which the source listed no price: left out, never filled.
    Weekly bars are dated by their last trading day. Bars inside a day have `times`, and the exchange's day as date.
    """

    model_config = ConfigDict(extra="forbid")
    old_names: ClassVar[Mapping[str, str]] = {"bar_size": "interval"}

    symbol: str
    name: str = ""
    source: Literal["sample", "yahoo", "csv"]
    origin: str = ""  # the source in words, where there is more to say than its name
    basis: str = ADJUSTED
    currency: str | None = None
    dates: np.ndarray  # (N,) int64: days since 1970-01-01
    close: np.ndarray  # (N,)
    open: np.ndarray = _NONE
    high: np.ndarray = _NONE
    low: np.ndarray = _NONE
    volume: np.ndarray = _NONE
    gaps: np.ndarray = _NONE.astype(np.int64)  # int64: days since 1970-01-01
    facts: tuple[str, ...] = ()  # what the source says about the whole series, the same at every fetch
    fetch_notes: tuple[str, ...] = ()  # what was special about this fetch; not part of the bytes
    fetched_at: datetime | None = None  # not part of the bytes
    # Later than the first stored results: part of the bytes only where they say more than their defaults.
    bar_size: BarSize = Field("1d", exclude_if=lambda bar_size: bar_size == "1d")
    calendar: str = Field("", exclude_if=lambda name: not name)  # of its exchange; "": see calendars.calendar_of
    zone: str = Field("", exclude_if=lambda zone: not zone)  # IANA name of the zone of `moments`
    times: np.ndarray | None = Field(None, exclude_if=lambda times: times is None)  # (N,) int64: seconds since 1970, UTC
    unfinished: Unfinished | None = Field(None, exclude_if=lambda bar: bar is None)  # not part of the bytes

    @field_validator("dates", "gaps", mode="before")
    @classmethod
    def _as_days(cls, values: np.ndarray) -> np.ndarray:
        values = np.asarray(values)
        return (values.astype("datetime64[D]") if values.dtype.kind == "M" else values).astype(np.int64)

    @field_validator("close", *_PER_BAR, mode="before")
    @classmethod
    def _as_numbers(cls, values: np.ndarray) -> np.ndarray:
        return np.asarray(values, dtype=np.float64)

    @model_validator(mode="after")
    def _check(self) -> Self:
        count = len(self.dates)
        if count == 0:
            raise PriceError(f"{self.symbol}: there is not a single price")
        for name in ("close", *_PER_BAR):
            if len(getattr(self, name)) not in ({count} if name == "close" else {0, count}):
                raise PriceError(f"{self.symbol}: {count} dates but {len(getattr(self, name))} values of {name}")
        if (self.times is not None) != (self.bar_size in MINUTES) or (self.times is not None and len(self.times) != count):
            times = "no" if self.times is None else len(self.times)
            raise PriceError(f"{self.symbol}: {BAR_SIZES[self.bar_size]} prices with {count} dates and {times} times")
        if (backward := np.flatnonzero(np.diff(self.dates if self.times is None else self.times) <= 0)).size:
            before, after = self.moments[backward[0]], self.moments[backward[0] + 1]
            raise PriceError(f"{self.symbol}: dates must rise from row to row, but {after} follows {before}")
        if (bad := np.flatnonzero(~(np.isfinite(self.close) & (self.close > 0)))).size:
            when, close = self.moments[bad[0]], self.close[bad[0]]
            raise PriceError(f"{self.symbol}: the close of {when} is {close}; it must be above zero")
        return self

    @property
    def days(self) -> np.ndarray:
        """The dates as datetime64[D], (N,)."""
        return self.dates.astype("datetime64[D]")

    @property
    def moments(self) -> np.ndarray:
        """When each bar begins by the exchange's clock, datetime64[s], (N,); the days where a bar is a day or more."""
        if self.times is None:
            return self.days
        local = pd.DatetimeIndex(self.times.astype("datetime64[s]"), tz="UTC").tz_convert(self.zone or "UTC")
        return local.tz_localize(None).to_numpy().astype("datetime64[s]")

    @property
    def has_ranges(self) -> bool:
        """Whether highs and lows are known, at least on some days."""
        return self.high.size > 0

    @property
    def notes(self) -> tuple[str, ...]:
        """Everything a reader of these prices should know, one short sentence each."""
        closes_only = () if self.has_ranges else ("closes only",)
        notes = closes_only + gap_note(self.gaps, _ORIGINS[self.source].split()[0]) + constant_note(self.close)
        if self.source == "csv":  # nobody looked at these before
            notes += jump_note(self.dates, self.close) + hole_note(self.dates)
        so_far = (self.unfinished.text,) if self.unfinished else ()
        return notes + self.facts + self.fetch_notes + so_far

    @property
    def bar(self) -> str:
        """What one price stands for, in words."""
        return bar_of(self.bar_size)

    @property
    def caption(self) -> str:
        """Where these prices come from, how far they go and what they mean, in one line."""
        reach = f"{say_day(self.days[0])} to {say_day(self.days[-1])}"
        often = () if self.bar_size == "1d" else (BAR_SIZES[self.bar_size],)
        return " · ".join([self.symbol, *often, self.origin or _ORIGINS[self.source], reach, self.basis])

    def for_request(self) -> Prices:
        """A copy without when and how it was fetched: what a run is about."""
        return self.model_copy(update={"fetched_at": None, "fetch_notes": (), "unfinished": None})

    def to_bytes(self) -> bytes:
        """The data as bytes, without when and how they were fetched."""
        return super(Prices, self.for_request()).to_bytes()

    @property
    def digest(self) -> str:
        """The name of these data in a store, and in a request."""
        return digest_of(self.to_bytes())

    def between(self, start: date | None = None, end: date | None = None) -> Prices:
        """The prices from `start` to `end`, both included; None leaves that side open.

        Highs, lows or volumes that are known on none of these days become empty. InvalidRequest when the period ends before
        it starts, NoData when no price lies inside.
        """
        if start and end and end < start:
            raise InvalidRequest(f"the period ends on {say_day(end)}, before it starts on {say_day(start)}; swap the two")
        inside = _inside(self.dates, start, end)
        if not inside.any():
            there = f"they run from {say_day(self.days[0])} to {say_day(self.days[-1])}"
            raise NoData(f"{self.symbol} has no prices {_period(start, end)}; {there}")
        cut = {name: values[inside] for name in _PER_BAR if (values := getattr(self, name)).size}
        known = {name: _NONE if np.isnan(values).all() else values for name, values in cut.items()}
        kept = {"dates": self.dates[inside], "close": self.close[inside], "gaps": self.gaps[_inside(self.gaps, start, end)]}
        times = {} if self.times is None else {"times": self.times[inside]}
        return self.model_copy(update=known | kept | times)

    def weekly(self) -> Prices:
        """One bar a week, Monday to Sunday, made of these daily ones and dated by its last trading day.

        A week that is not over is left out: the next session of the calendar would still belong to it. A high, low or volume
        that is unknown on one day is unknown for its week. NoData when no whole week remains.
        """
        if self.bar_size != "1d":
            raise InvalidRequest(f"weeks are made of daily prices, and these are {BAR_SIZES[self.bar_size]}")
        weeks = (self.dates + 3) // 7  # 1970-01-01 was a Thursday
        last = np.flatnonzero(np.diff(weeks, append=weeks[-1] + 1))
        first = np.concatenate([[0], last[:-1] + 1])
        running = self._next_session() <= weeks[-1] * 7 + 3  # its Sunday
        whole = slice(0, len(last) - 1 if running else len(last))
        if len(last[whole]) == 0:
            raise NoData(f"{self.symbol} has not one whole week of prices; they run from {self.days[0]} to {self.days[-1]}")
        joined = {name: how.reduceat(values, first) for name, how in OF_A_WEEK.items() if (values := getattr(self, name)).size}
        joined |= {"open": self.open[first]} if self.open.size else {}
        joined |= {"dates": self.dates[last], "close": self.close[last]}
        monday = say_day((weeks[-1] * 7 - 3).astype("datetime64[D]"))
        notes = (f"the week of {monday} is not over and left out",) if running else ()
        return self.model_copy(
            update={name: values[whole] for name, values in joined.items()}
            | {"bar_size": "1wk", "facts": (*self.facts, WEEKS), "fetch_notes": self.fetch_notes + notes}
        )

    def every(self, bar_size: BarSize) -> Prices:
        """These daily prices, or weekly ones made of them; InvalidRequest for what days cannot tell."""
        if bar_size == "1wk":
            return self.weekly()
        if bar_size != "1d":
            origin = self.origin or _ORIGINS[self.source]
            raise InvalidRequest(f"{origin} has daily prices, not {BAR_SIZES[bar_size]} ones; choose 1d or 1wk, or ask Yahoo")
        return self

    def _next_session(self) -> int:
        from core.rnn.prices.calendars import calendar_of

        return int(calendar_of(self).next_sessions(self.days[-1], 1)[0].astype(np.int64))


@dataclass(frozen=True)
class Listing:
    """A ticker that a source offers."""

    symbol: str
    name: str
    kind: str = ""  # stock, index, fund, …
    exchange: str = ""  # in words


def _inside(dates: np.ndarray, start: date | None, end: date | None) -> np.ndarray:
    first = np.datetime64(start or date.min, "D").astype(np.int64)
    last = np.datetime64(end or date.max, "D").astype(np.int64)
    return (first <= dates) & (dates <= last)


def _period(start: date | None, end: date | None) -> str:
    if start and end:
        return f"between {say_day(start)} and {say_day(end)}"
    return f"from {say_day(start)} on" if start else f"up to {say_day(end or date.max)}"
