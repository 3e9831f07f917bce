"""One ticker's daily prices, and where they can come from: shipped samples, Yahoo, or a CSV file.

Prices are data and know no network and no file. Equal data have equal bytes, whenever they were fetched: the digest of the
bytes stands in a request, so the same question about the same prices is one run, today and tomorrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal, Protocol, Self

import numpy as np
from pydantic import ConfigDict, field_validator, model_validator

from core.errors import InvalidRequest, NoData, PriceError
from core.runs.request import Result, digest_of

ADJUSTED = "closes adjusted for dividends and splits"
LEVEL = "index level, dividends not counted"
_ORIGINS = {"sample": "shipped sample", "yahoo": "Yahoo Finance via yfinance", "csv": "CSV file"}
_PER_DAY = ("open", "high", "low", "volume")  # beside the close; each empty, or one value a day
_NAMED_GAPS = 5  # so many days are named, the others counted
_NONE = np.empty(0)


class Prices(Result):
    """Daily prices of one ticker, oldest first; money in `currency`, adjusted as `basis` says.

    `open`, `high`, `low` and `volume` are empty where the source has none, and NaN on single days without a value; the first
    three are adjusted like `close`. `gaps` are trading days on which the source listed no price: left out, never filled.
    """

    model_config = ConfigDict(extra="forbid")

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

    @field_validator("dates", "gaps", mode="before")
    @classmethod
    def _as_days(cls, values: np.ndarray) -> np.ndarray:
        values = np.asarray(values)
        return (values.astype("datetime64[D]") if values.dtype.kind == "M" else values).astype(np.int64)

    @field_validator("close", *_PER_DAY, mode="before")
    @classmethod
    def _as_numbers(cls, values: np.ndarray) -> np.ndarray:
        return np.asarray(values, dtype=np.float64)

    @model_validator(mode="after")
    def _check(self) -> Self:
        count = len(self.dates)
        if count == 0:
            raise PriceError(f"{self.symbol}: there is not a single price")
        for name in ("close", *_PER_DAY):
            if len(getattr(self, name)) not in ({count} if name == "close" else {0, count}):
                raise PriceError(f"{self.symbol}: {count} dates but {len(getattr(self, name))} values of {name}")
        if (backward := np.flatnonzero(np.diff(self.dates) <= 0)).size:
            before, after = self.days[backward[0]], self.days[backward[0] + 1]
            raise PriceError(f"{self.symbol}: dates must rise from row to row, but {after} follows {before}")
        if (bad := np.flatnonzero(~(np.isfinite(self.close) & (self.close > 0)))).size:
            raise PriceError(f"{self.symbol}: the close of {self.days[bad[0]]} is {self.close[bad[0]]}; it must be above zero")
        return self

    @property
    def days(self) -> np.ndarray:
        """The dates as datetime64[D], (N,)."""
        return self.dates.astype("datetime64[D]")

    @property
    def has_ranges(self) -> bool:
        """Whether highs and lows are known, at least on some days."""
        return self.high.size > 0

    @property
    def notes(self) -> tuple[str, ...]:
        """Everything a reader of these prices should know, one short sentence each."""
        closes_only = () if self.has_ranges else ("closes only",)
        return closes_only + _gap_note(self.gaps, _ORIGINS[self.source].split()[0]) + self.facts + self.fetch_notes

    @property
    def caption(self) -> str:
        """Where these prices come from, how far they go and what they mean, in one line."""
        reach = f"{say_day(self.days[0])} to {say_day(self.days[-1])}"
        return " · ".join([self.symbol, self.origin or _ORIGINS[self.source], reach, self.basis])

    @property
    def headline(self) -> str:
        return self.caption

    @property
    def scores(self) -> dict[str, object]:
        return {"symbol": self.symbol, "days": len(self.dates), "first": str(self.days[0]), "last": str(self.days[-1])}

    def for_request(self) -> Prices:
        """A copy without when and how it was fetched: what a run is about."""
        return self.model_copy(update={"fetched_at": None, "fetch_notes": ()})

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
        cut = {name: values[inside] for name in _PER_DAY if (values := getattr(self, name)).size}
        known = {name: _NONE if np.isnan(values).all() else values for name, values in cut.items()}
        kept = {"dates": self.dates[inside], "close": self.close[inside], "gaps": self.gaps[_inside(self.gaps, start, end)]}
        return self.model_copy(update=known | kept)


@dataclass(frozen=True)
class Listing:
    """A ticker that a source offers."""

    symbol: str
    name: str
    kind: str = ""  # stock, index, fund, …


class Source(Protocol):
    """Where prices come from. A module with these two functions will do."""

    def fetch(self, symbol: str) -> Prices:
        """The whole history of a ticker, or a PriceError that says why not."""

    def search(self, words: str) -> Sequence[Listing]:
        """Tickers that fit some words, best first."""


def source_of(name_or_path: str) -> Source:
    """The source of a name: "sample", "yahoo", or the path of a CSV file."""
    if name_or_path == "sample":
        from core.rnn import samples

        return samples
    if name_or_path == "yahoo":
        from core.rnn.yahoo import Yahoo
        from core.settings import settings

        return Yahoo(settings().home)
    from core.rnn.csvfile import CsvFile

    path = Path(name_or_path).expanduser()
    if not path.is_file():
        raise InvalidRequest(f"there is no price source {name_or_path!r}; use sample, yahoo or the path of a CSV file")
    return CsvFile(path)


def say_day(day: date | np.datetime64) -> str:
    """A date as people say it: 8 Dec 2022."""
    plain: date = day.astype("datetime64[D]").item() if isinstance(day, np.datetime64) else day
    return f"{plain.day} {plain:%b %Y}"


def _inside(dates: np.ndarray, start: date | None, end: date | None) -> np.ndarray:
    first = np.datetime64(start or date.min, "D").astype(np.int64)
    last = np.datetime64(end or date.max, "D").astype(np.int64)
    return (first <= dates) & (dates <= last)


def _period(start: date | None, end: date | None) -> str:
    if start and end:
        return f"between {say_day(start)} and {say_day(end)}"
    return f"from {say_day(start)} on" if start else f"up to {say_day(end or date.max)}"


def _gap_note(gaps: np.ndarray, source: str) -> tuple[str, ...]:
    if not gaps.size:
        return ()
    named = ", ".join(say_day(day) for day in gaps[:_NAMED_GAPS].astype("datetime64[D]"))
    more = f" and {len(gaps) - _NAMED_GAPS} more" if len(gaps) > _NAMED_GAPS else ""
    return (f"{len(gaps)} day{'s' * (len(gaps) > 1)} without a price at {source}: {named}{more}",)
