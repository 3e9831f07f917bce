"""Daily prices of one ticker, and where they may come from: shipped samples, Yahoo Finance, a CSV file.

A `Prices` is complete and checked: whoever holds one need not look for gaps in order, zeros or missing closes again.
It knows nothing of networks, files or screens.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, Protocol, Self

import numpy as np
from pydantic import Field, field_validator, model_validator

from core.errors import InvalidRequest, NoData, PriceError
from core.runs.request import Result

ADJUSTED = "closes adjusted for dividends and splits"
PLACES = {"sample": "shipped sample", "yahoo": "Yahoo Finance", "csv": "your file"}


def in_words(day: date | np.datetime64) -> str:
    """A day as 2 Jan 1990."""
    day = day if isinstance(day, date) else day.astype("datetime64[D]").item()
    return f"{day.day} {day:%b %Y}"


def _empty() -> np.ndarray:
    return np.empty(0)


class Prices(Result):
    """Daily prices of one ticker, oldest first. `close` is the price every experiment learns from; the rest may be empty.

    Saved like any result (`to_bytes`). Two fields speak of the moment of fetching, `fetched_at` and `fetch_notes`;
    `for_request` leaves them out, so that the same data has the same digest tomorrow.
    """

    symbol: str
    name: str = ""
    source: Literal["sample", "yahoo", "csv"]
    origin: str = ""  # the table or file within the source
    currency: str | None = None
    basis: str = ADJUSTED  # what the closes mean, in words
    dates: np.ndarray  # (days,) int64, days since 1970-01-01, the exchange's calendar
    close: np.ndarray  # (days,) float64
    open: np.ndarray = Field(default_factory=_empty)
    high: np.ndarray = Field(default_factory=_empty)
    low: np.ndarray = Field(default_factory=_empty)
    volume: np.ndarray = Field(default_factory=_empty)  # shares a day
    notes: tuple[str, ...] = ()  # what is true of the data itself
    fetch_notes: tuple[str, ...] = ()  # what is true of this fetch only
    fetched_at: datetime | None = None  # UTC

    @field_validator("dates", mode="before")
    @classmethod
    def _whole_days(cls, dates: Any) -> np.ndarray:
        dates = np.asarray(dates)
        return dates.astype("datetime64[D]").astype(np.int64) if dates.dtype.kind == "M" else dates.astype(np.int64)

    @field_validator("close", "open", "high", "low", "volume", mode="before")
    @classmethod
    def _numbers(cls, values: Any) -> np.ndarray:
        return np.asarray(values, dtype=np.float64)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        """PriceError naming the first day that cannot be true; NoData when there is no day at all."""
        if not len(self.dates):
            raise NoData(f"{self.symbol} has no prices at all")
        for column in ("close", "open", "high", "low", "volume"):
            length = len(getattr(self, column))
            if length != len(self.dates) and (length or column == "close"):
                raise PriceError(f"{self.symbol} has {len(self.dates)} dates but {length} values of {column}")
        steps = np.diff(self.dates)
        if (steps <= 0).any():
            after = self.days[int(np.argmax(steps <= 0))]
            raise PriceError(f"{self.symbol} has days out of order or twice after {in_words(after)}")
        bad = ~(np.isfinite(self.close) & (self.close > 0))
        if bad.any():
            first = int(np.argmax(bad))
            raise PriceError(
                f"{self.symbol} closed at {self.close[first]:g} on {in_words(self.days[first])}; a price must be a number above zero"
            )
        return self

    def __len__(self) -> int:
        return len(self.dates)

    @property
    def days(self) -> np.ndarray:
        """The dates as datetime64[D]."""
        return self.dates.astype("datetime64[D]")

    @property
    def first(self) -> date:
        return self.days[0].item()

    @property
    def last(self) -> date:
        return self.days[-1].item()

    @property
    def all_notes(self) -> tuple[str, ...]:
        """Everything to be told next to a figure of these prices."""
        return self.notes + self.fetch_notes

    @property
    def place(self) -> str:
        """Where the prices come from, in words."""
        words = PLACES[self.source]
        if self.source == "csv":
            return f"{words} {self.origin}".rstrip()
        return f"{words} ({self.origin})" if self.origin else words

    @property
    def caption(self) -> str:
        """What stands below every figure of these prices."""
        return f"{self.symbol} · {self.place} · {in_words(self.first)} to {in_words(self.last)} · {self.basis}"

    @property
    def headline(self) -> str:
        return self.caption

    @property
    def scores(self) -> dict[str, Any]:
        return {
            "days": len(self),
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "close": float(self.close[-1]),
        }

    def between(self, start: date | None = None, end: date | None = None) -> Prices:
        """The days from `start` to `end`, both included; None is open.

        InvalidRequest when the end lies before the start, NoData (with what there is) when no day lies inside.
        """
        if start and end and end < start:
            raise InvalidRequest(f"the period ends on {in_words(end)}, before it starts on {in_words(start)}")
        inside = np.ones(len(self), dtype=bool)
        if start:
            inside &= self.days >= np.datetime64(start, "D")
        if end:
            inside &= self.days <= np.datetime64(end, "D")
        if not inside.any():
            asked = " ".join([f"from {in_words(start)}" if start else "", f"to {in_words(end)}" if end else ""]).strip()
            raise NoData(
                f"{self.symbol} has no trading day {asked}; its prices run from {in_words(self.first)} to {in_words(self.last)}"
            )
        return self._only(inside)

    def _only(self, inside: np.ndarray) -> Prices:
        columns = ("dates", "close", "open", "high", "low", "volume")
        return self.model_copy(update={c: getattr(self, c)[inside] for c in columns if len(getattr(self, c))})

    def for_request(self) -> Prices:
        """A copy without what only belongs to the moment of fetching: the input of a run, whose digest is part of its id."""
        return self.model_copy(update={"fetched_at": None, "fetch_notes": ()})


class Source(Protocol):
    """Anything that has prices by ticker. `fetch` raises a PriceError whose sentence can be shown as it is."""

    def fetch(self, symbol: str) -> Prices: ...


def source_of(name: str) -> Source:
    """The source called "sample" or "yahoo", or the CSV file at a path."""
    if name == "sample":
        from core.rnn import samples

        return samples
    if name == "yahoo":
        from core.rnn import yahoo

        return yahoo
    path = Path(name).expanduser()
    if path.is_file():
        from core.rnn.csvfile import CsvFile

        return CsvFile(path)
    raise InvalidRequest(f"there is no price source {name!r}: use sample, yahoo, or the path of a CSV file")
