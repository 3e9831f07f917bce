"""One ticker's prices, a day, a week or some minutes apart.

Equal data have equal bytes, whenever they were fetched. A request names its prices by the digest of these bytes, so the same
request about the same prices is one run, today and tomorrow.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from core.errors import InvalidRequest, NoData, PriceError
from core.rnn.prices.bar_sizes import BAR_SIZES, MINUTES, BarSize, bar_of
from core.runs.store import digest_of
from core.runs.value import StoredValue
from core.system.dates import say_day
from core.system.unreadable import readable

ADJUSTED = "closes adjusted for dividends and splits"
INDEX_LEVEL = "index level, dividends not counted"
_ON_AXES = {ADJUSTED: "adjusted close", INDEX_LEVEL: "index level"}  # by basis; all others are closes of some kind


def price_axis(basis: str, currency: str | None) -> str:
    """What prices are, as an axis says it: "adjusted close, USD"."""
    return ", ".join(filter(None, [_ON_AXES.get(basis, "close"), currency]))


SPLITS_ONLY = "prices adjusted for splits, not for dividends"
MOST_BARS = 500_000  # five years of minutes
EARLIEST, LATEST = (int(np.datetime64(day, "D").astype(np.int64)) for day in ("1700-01-01", "2199-12-31"))  # as in `dates`
_DAY = 86_400  # seconds
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
        return f"{so_far}; not a close yet, so no model uses it"


def _inside(dates: np.ndarray, start: date | None, end: date | None) -> np.ndarray:
    first = np.datetime64(start or date.min, "D").astype(np.int64)
    last = np.datetime64(end or date.max, "D").astype(np.int64)
    return (first <= dates) & (dates <= last)


def _said(day: int) -> str:
    return say_day(np.datetime64(day, "D"))


def _period(start: date | None, end: date | None) -> str:
    if start and end:
        return f"between {say_day(start)} and {say_day(end)}"
    return f"from {say_day(start)} on" if start else f"up to {say_day(end or date.max)}"


def spacing_of(dates: np.ndarray) -> float:
    """Days from one date (N,) to the next, the median; 1 where a day is there several times, or too few are to tell."""
    days = np.asarray(dates, "datetime64[D]").astype(np.int64)
    steps = np.diff(days if (np.diff(days) >= 0).all() else np.sort(days))
    steps = steps[steps > 0]  # a day may be there several times
    return max(1.0, float(np.median(steps))) if len(steps) > 1 else 1.0


class Missing(BaseModel):
    """A ticker without prices."""

    model_config = ConfigDict(frozen=True)

    symbol: str
    reason: str


class Prices(StoredValue):
    """Prices of one ticker, oldest first, N bars; money in `currency`, adjusted as `basis` says.

    `open`, `high`, `low` and `volume` are empty where the source has none, and NaN on single bars without a value; the first
    three are adjusted like `close`. `gaps` are trading days on which the source listed no price: left out, never filled. Bars
    whose close is not above zero are left out, too: a period that holds one of them cannot be used.
    Weekly bars are dated by their last trading day. Bars inside a day have `times`, and the exchange's day as date.
    """

    model_config = ConfigDict(extra="forbid")
    old_names: ClassVar[Mapping[str, str]] = {"bar_size": "interval"}

    symbol: str
    name: str = ""
    source: str  # of a row in `sources.SOURCES`
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
    fetch_notes: tuple[str, ...] = ()  # notes on this fetch, for instance that saved prices were used; not part of the bytes
    fetched_at: datetime | None = None  # not part of the bytes
    # Added after the first prices were stored: part of the bytes only where they differ from their defaults.
    bar_size: BarSize = Field("1d", exclude_if=lambda bar_size: bar_size == "1d")
    calendar: str = Field("", exclude_if=lambda name: not name)  # of its exchange; "": see calendars.calendar_of
    zone: str = Field("", exclude_if=lambda zone: not zone)  # IANA name of the zone of `moments`
    times: np.ndarray | None = Field(None, exclude_if=lambda times: times is None)  # (N,) int64: seconds since 1970, UTC
    unfinished: Unfinished | None = Field(None, exclude_if=lambda bar: bar is None)  # not part of the bytes
    below_zero: np.ndarray | None = Field(None, exclude_if=lambda bars: bars is None)  # (K, 2): day and close, left out

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
        self._check_shapes()
        count = len(self.dates)
        if count == 0:
            raise PriceError(f"{self.symbol}: there is not a single price")
        if count > MOST_BARS:
            raise PriceError(f"{self.symbol}: {count:,} prices are more than {MOST_BARS:,}; leave out the earliest")
        self._check_times()
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

    def _check_shapes(self) -> None:
        """PriceError for arrays of other dimensions than one, or pairs for what is not above zero."""
        for name in ("dates", "gaps", "close", *_PER_BAR, "times"):
            if (values := getattr(self, name)) is not None and values.ndim != 1:
                raise PriceError(f"{self.symbol}: {name} has the shape {values.shape}; it must be a row")
        if self.below_zero is not None and self.below_zero.shape[1:] != (2,):
            raise PriceError(f"{self.symbol}: below_zero has the shape {self.below_zero.shape}; it must hold pairs")

    def _check_times(self) -> None:
        """PriceError for days of no market, and for an unknown time zone: a file from elsewhere may say anything."""
        seconds = self.times if self.times is not None else np.empty(0, np.int64)
        for days in (self.dates, self.gaps, np.asarray(seconds) // _DAY):
            if days.size and (days.min() < EARLIEST or days.max() > LATEST):
                raise PriceError(f"{self.symbol}: a date lies before {_said(EARLIEST)} or after {_said(LATEST)}")
        with readable(f"{self.symbol}: its time zone is not known ({{reason}})", PriceError):
            ZoneInfo(self.zone or "UTC")

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
        """Whether there are highs and lows, at least on some days."""
        return self.high.size > 0

    @property
    def bar(self) -> str:
        """What one price stands for, in words."""
        return bar_of(self.bar_size, self.spacing)

    @property
    def spacing(self) -> float:
        """Days from one price to the next, see `spacing_of`."""
        return spacing_of(self.dates)

    def for_request(self) -> Prices:
        """A copy without the time and notes of its fetch, for a run."""
        return self.model_copy(update={"fetched_at": None, "fetch_notes": (), "unfinished": None})

    def to_bytes(self) -> bytes:
        """The data as bytes, without the time and notes of their fetch."""
        return super(Prices, self.for_request()).to_bytes()

    @property
    def digest(self) -> str:
        """The digest of the bytes: the name of these prices in the store and in requests."""
        return digest_of(self.to_bytes())

    def between(self, start: date | None = None, end: date | None = None) -> Prices:
        """The prices from `start` to `end`, both included; None leaves that side open.

        Highs, lows or volumes without a value on any of these days become empty. InvalidRequest when the period ends before
        it starts, NoData when no price lies inside, PriceError when a close inside is not above zero.
        """
        if start and end and end < start:
            raise InvalidRequest(f"the period ends on {say_day(end)}, before it starts on {say_day(start)}; swap the two")
        self._refuse_below_zero(start, end)
        inside = _inside(self.dates, start, end)
        if not inside.any():
            there = f"they run from {say_day(self.days[0])} to {say_day(self.days[-1])}"
            raise NoData(f"{self.symbol} has no prices {_period(start, end)}; {there}")
        cut = {name: values[inside] for name in _PER_BAR if (values := getattr(self, name)).size}
        columns = {name: _NONE if np.isnan(values).all() else values for name, values in cut.items()}
        columns |= {"dates": self.dates[inside], "close": self.close[inside], "gaps": self.gaps[_inside(self.gaps, start, end)]}
        times = {} if self.times is None else {"times": self.times[inside]}
        return self.model_copy(update=columns | times | {"below_zero": None})

    def _refuse_below_zero(self, start: date | None, end: date | None) -> None:
        """PriceError where a close between two days is not above zero: it has no logarithm."""
        if self.below_zero is None:
            return
        days = self.below_zero[:, 0].astype(np.int64)
        for at in np.flatnonzero(_inside(days, start, end))[-1:]:
            day, close = days[at].astype("datetime64[D]"), self.below_zero[at, 1]
            raise PriceError(
                f"the close of {self.symbol} on {say_day(day)} is {close:g}, and returns need prices above zero; "
                f"choose a period that begins after {say_day(day)}, or ends before it"
            )
