"""The dates of a column, in one of the `KINDS` of writing them; which one is decided by the whole column.

A 25/04/2022 further down decides that 03/04/2022 is in April. What neither the cells nor their order nor the holes that a
reading would leave decide is refused. No price is of the future: a reading with dates after tomorrow is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd

from core.rnn.prices.table import clock, periods
from core.rnn.prices.table.century import in_century
from core.rnn.prices.table.column import HEAD, LONGEST, Column
from core.system.dates import say_day

_SURE = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d.%m.%y")
_NAMED = (
    "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %b %y", "%d/%b/%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%b-%d-%Y",
    "%Y-%b-%d", "%d%b%Y", "%d. %B %Y", "%a, %d %b %Y", "%a %d %b %Y", "%a, %b %d, %Y", "%a %b %d %Y", "%A, %d %B %Y",
    "%A, %B %d, %Y", "%a, %m/%d/%Y",
)  # fmt: skip
_DAY_FIRST = ("%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y", "%d-%m-%y")
_MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%m-%d-%y")
_FORMATS = _SURE + _NAMED + _DAY_FIRST + _MONTH_FIRST
_LARGE = 10  # days without a price, or three times the usual distance: a hole that a wrong order of day and month leaves
_MOST_HOLES = 3  # of an order of day and month that nothing but the order of rows decides
_WRITE = "write dates as 2022-12-08"


@dataclass(frozen=True)
class Dates:
    """When the prices of the rows (N,) are of, in the file's order."""

    moments: np.ndarray  # datetime64[s], by the clock of `zone`; midnight where there is no time of day
    zone: str = ""  # an IANA name; empty where the file does not say whose clock it is
    day_first: bool | None = None  # whether the day stands before the month; None where that is no question
    unfinished: np.ndarray = field(default_factory=lambda: np.empty(0, bool))  # rows of a month that is not over; empty: none
    facts: tuple[str, ...] = ()

    @property
    def days(self) -> np.ndarray:
        return self.moments.astype("datetime64[D]")


@dataclass(frozen=True)
class _Question:
    """What a kind of date is read from: the column, its dates and its times of day as text."""

    column: Column
    cells: list[str]
    times: list[str]
    day_first: bool | None
    today: np.datetime64


@dataclass(frozen=True)
class Kind:
    """One way of writing dates: in words, what a cell looks like, and how a column of them is read."""

    title: str
    shape: re.Pattern[str]
    read: Callable[[_Question], Dates]


def _refuse_others(question: _Question, shape: re.Pattern[str], what: str) -> None:
    for at, cell in enumerate(question.cells):
        if not shape.fullmatch(cell):
            quoted, first = question.column.quoted(at), question.column.quoted(0)
            raise question.column.refused(at, f"{quoted} is not {what} like {first}; {_WRITE}")


def _instants(question: _Question, instants: np.ndarray) -> Dates:
    moments, zone, facts = clock.by_the_exchange(instants)
    return Dates(moments, zone, facts=facts)


_UNIX = re.compile(r"-?\d{1,19}(\.\d*)?")
_UNITS = {(9, 10): 1, (12, 13): 10**3, (15, 16): 10**6, (18, 19): 10**9}  # digits before the point -> counts a second


def _digits(cell: str) -> int:
    return len(cell.lstrip("-").partition(".")[0])


def _unix(question: _Question) -> Dates:
    """Counts since 1970, all in one unit, with a decimal point or without."""
    digits = next(span for span in _UNITS if _digits(question.cells[0]) in span)
    for at, cell in enumerate(question.cells):
        if not (cell.isascii() and _UNIX.fullmatch(cell) and digits[0] - 1 <= _digits(cell) <= digits[1]):
            quoted, like = question.column.quoted(at), f"{_digits(question.cells[0])} digits like {question.column.quoted(0)}"
            raise question.column.refused(at, f"{quoted} is not a time of {like}; {_WRITE}")
    counts = np.array([int(cell.partition(".")[0]) for cell in question.cells], np.int64)
    return _instants(question, (counts // _UNITS[digits]).astype("datetime64[s]"))


_SERIAL = re.compile(r"[2-7]\d{4}([.,]\d+)?")  # 1954 to 2118


def _serial(question: _Question) -> Dates:
    """Days since the last but one of 1899, as spreadsheets count them; their fraction is the time of day."""
    _refuse_others(question, _SERIAL, "a spreadsheet's count of days")
    counts = np.array([float(cell.replace(",", ".")) for cell in question.cells])
    moments = np.datetime64("1899-12-30", "s") + np.round(counts * clock.DAY).astype("timedelta64[s]")
    return Dates(moments, facts=("dates are read as a spreadsheet's count of days",))


def _periods(question: _Question) -> Dates:
    """Months or quarters, by their last day; one that is not over by its first."""
    first, months = periods.first_days(question.cells, lambda days: in_century(days, question.today))
    if (unread := np.flatnonzero(np.isnat(first))).size:
        at = int(unread[0])
        raise question.column.refused(at, f"{question.column.quoted(at)} is not a month that can be read; {_WRITE}")
    last = periods.last_days(first, months)
    fact = f"every price is dated by the last day of its {'month' if months == 1 else 'quarter'}"
    unfinished = last > question.today
    return Dates(np.where(unfinished, first, last).astype("datetime64[s]"), unfinished=unfinished, facts=(fact,))


def _parsed(cells: Sequence[str], pattern: str) -> np.ndarray:
    """Dates in one format, datetime64[D], NaT where a cell is none."""
    parsed = pd.Series(pd.to_datetime(pd.Series(list(cells), dtype=object), format=pattern, errors="coerce"))
    return parsed.to_numpy().astype("datetime64[D]")


def _one_way(days: np.ndarray) -> bool:
    steps = np.diff(days).astype(int)
    return bool((steps >= 0).all() or (steps <= 0).all())


def _holes(days: np.ndarray) -> int:
    steps = np.diff(np.unique(days)).astype(int)
    return int((steps > max(_LARGE, 3 * np.median(steps))).sum()) if len(steps) else 0


def _settled(question: _Question, readings: dict[str, np.ndarray]) -> str:
    """The format of a column among those that fit: an unambiguous one, the only one in which the dates run one way, or the
    only one of those that leaves no holes."""
    first, days = next(iter(readings)), list(readings.values())
    if len(days) == 1 or first in _SURE + _NAMED or all(np.array_equal(other, days[0]) for other in days):
        return first
    steady = [pattern for pattern, one in readings.items() if _one_way(one)] or list(readings)
    whole = [pattern for pattern in steady if not _holes(readings[pattern])]
    if len(whole) == 1 and (len(days[0]) > HEAD or len(steady) == 1):
        return whole[0]
    if len(steady) == 1 and _holes(readings[steady[0]]) <= _MOST_HOLES:
        return steady[0]
    holes = " and either way many days are missing" if len(steady) == 1 else ""
    raise question.column.refused(0, f"{question.column.quoted(0)} may have the day or the month first{holes}; {_WRITE}")


def _dates(question: _Question) -> Dates:
    """Dates in one of `_FORMATS`, with times of day where they are written."""
    unwanted = {True: _MONTH_FIRST, False: _DAY_FIRST, None: ()}[question.day_first]
    formats = [pattern for pattern in _FORMATS if pattern not in unwanted]
    head = question.cells[:HEAD]
    fitting = [pattern for pattern in formats if not np.isnat(_parsed(head, pattern)).any()] or formats
    parsed = {pattern: _parsed(question.cells, pattern) for pattern in fitting}
    readings = {pattern: days for pattern, days in parsed.items() if not np.isnat(days).any()}
    if not readings:
        best = min((np.isnat(days) for days in parsed.values()), key=np.sum)
        at = int(np.argmax(best))
        quoted = question.column.quoted(at)
        raise question.column.refused(at, f"{quoted} is not a date that can be read; write it as 2022-12-08")
    readings = {pattern: in_century(days, question.today) if "%y" in pattern else days for pattern, days in readings.items()}
    past = {pattern: days for pattern, days in readings.items() if days.max() <= question.today + 1}
    pattern = _settled(question, past or readings)
    first = True if pattern in _DAY_FIRST else False if pattern in _MONTH_FIRST else None
    return replace(_with_times(question, readings[pattern]), day_first=first)


def _with_times(question: _Question, days: np.ndarray) -> Dates:
    """Days with the times of day beside them; instants in UTC by the clock of the exchange whose midnights they are."""
    if not any(question.times):
        return Dates(days.astype("datetime64[s]"))
    read = [clock.time_of(text) if text else (0, None) for text in question.times]
    for at, time in enumerate(read):
        if time is None:
            raise question.column.refused(at, f"{question.times[at][:40]!r} is not a time of day; write it as 16:00:00")
    seconds, offsets = zip(*(time for time in read if time), strict=True)
    moments = days.astype("datetime64[s]") + np.array(seconds, "timedelta64[s]")
    if any(offset is None for offset in offsets):
        return Dates(moments)
    shifts = np.array(offsets, np.int64)
    if not shifts.any():
        return _instants(question, moments)
    return Dates(moments, clock.zone_of_offsets(moments, shifts))


_SEVERAL = re.compile(r"-?\d{9,10}(\.\d*)?|-?\d{12,13}(\.\d*)?|-?\d{15,16}(\.\d*)?|-?\d{18,19}(\.\d*)?")
_PERIOD = re.compile(f"{periods.SHAPE.pattern}|(?i:{periods.QUARTER.pattern})")
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{8}"
    r"|([A-Za-z]{3,9}[,.]? )?\d{1,2}\.?[-/ ]?[A-Za-z]{3,9}[-/., ]{0,2}\d{2,4}"
    r"|([A-Za-z]{3,9}[,.]? )?[A-Za-z]{3,9}[-. ]{1,2}\d{1,2},?[- ]\d{2,4}"
    r"|\d{4}-[A-Za-z]{3}-\d{1,2}|[A-Za-z]{3}, \d{1,2}/\d{1,2}/\d{4}"
)
KINDS = (
    Kind("dates", _DATE, _dates),
    Kind("months and quarters", _PERIOD, _periods),
    Kind("Unix times in seconds, milliseconds, microseconds or nanoseconds", _SEVERAL, _unix),
    Kind("a spreadsheet's count of days", _SERIAL, _serial),
)
WRITTEN, COUNTS = KINDS[:2], KINDS[2:]  # the latter as plain numbers, which prices and volumes may look like, too


def _kind_of(cells: Sequence[str], kinds: Sequence[Kind] = KINDS) -> Kind | None:
    """The first kind that all of some cells look like."""
    return next((kind for kind in kinds if cells and all(map(kind.shape.fullmatch, cells))), None)


def is_date(cell: str) -> bool:
    """Whether a cell looks like a date of any kind."""
    return len(cell) <= LONGEST and _kind_of([clock.parted(cell)[0]]) is not None


def looks_like_dates(column: Column, kinds: Sequence[Kind] = KINDS) -> bool:
    """Whether the first cells are dates of one of some kinds."""
    head = [clock.parted(cell)[0] for cell in column.cells[:HEAD] if len(cell) <= LONGEST]
    return len(head) == len(column.cells[:HEAD]) and _kind_of(head, kinds) is not None


def read_dates(column: Column, day_first: bool | None = None, times: Column | None = None, today: date | None = None) -> Dates:
    """The dates of a column, with the times of day of another one if there is one; `today` is the day on which this is asked.

    `day_first` says beforehand whether the day stands before the month. PriceError names the first row that is not a date or
    that is in the future, or says that day and month cannot be told apart.
    """
    column.refuse_long_cells()
    both = [clock.parted(cell) for cell in column.cells]
    written = times.cells if times else [time for _, time in both]
    now = np.datetime64(today or date.today(), "D")
    question = _Question(column, [day for day, _ in both], list(written), day_first, now)
    kind = _kind_of(question.cells[:1]) or KINDS[0]
    dates = kind.read(question)
    if (future := np.flatnonzero(dates.days > now + 1)).size:
        at = int(future[0])
        raise column.refused(
            at, f"{column.quoted(at)} is after today, {say_day(now)}; no price of it is known: correct the date"
        )
    return dates
