"""Dates and numbers in the cells of CSV files; the format is decided by the whole column.

A 25/04/2022 further down decides that 03/04/2022 is in April, a 0,75 that 1,5 has a decimal comma. What the column leaves open
is refused, not guessed. Cells longer than `LONGEST` are refused first, because some regular expressions take quadratic time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from core.errors import PriceError

Mark = Literal[",", "."]  # of decimals
LONGEST = 64  # characters: no date and no number is longer
HEAD = 20  # first cells by which the kind of a column is detected
MISSING = {"", "-", "--", "–", "n/a", "na", "nan", "null", "none", "#n/a"}
_SURE = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d.%m.%y")
_NAMED = ("%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y")
_DAY_FIRST = ("%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y", "%d-%m-%y")
_MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%m-%d-%y")
_FORMATS = _SURE + _NAMED + _DAY_FIRST + _MONTH_FIRST
_TIME_OF_DAY = re.compile(r"[T ]\s*\d{1,2}:\d{2}.*$")
_EPOCHS = {10: "s", 13: "ms"}  # digits of a count since 1970 -> its unit
_DECORATION = re.compile(r"[$€£¥\s'’]")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_DECIMAL_COMMA = re.compile(r"\d*,(\d{1,2}|\d{4,})|\d{4,},\d+|0,\d+|.*\..*,.*|.*\..*\..*")
_DECIMAL_POINT = re.compile(r"\d*\.(\d{1,2}|\d{4,})|\d{4,}\.\d+|0\.\d+|.*,.*\..*|.*,.*,.*")
_MULTIPLES = {"K": 1e3, "M": 1e6, "B": 1e9}
_CLEAN = set("0123456789.")


@dataclass(frozen=True)
class Column:
    """One column of a file as text. `lines` are the cells' rows in the file, counted from 1, the header included."""

    name: str
    cells: list[str]
    lines: list[int]

    def quoted(self, at: int) -> str:
        """A cell as it stands in a sentence."""
        return repr(self.cells[at][:40])

    def refuse_long_cells(self) -> None:
        """PriceError naming the first cell that is too long to be read."""
        for at, cell in enumerate(self.cells):
            if len(cell) > LONGEST:
                raise self.refused(at, f"the cell has {len(cell):,} characters; a date or a number has at most {LONGEST}")

    def refused(self, at: int, problem: str) -> PriceError:
        return PriceError(f"row {self.lines[at]}, column {self.name!r}: {problem}")


def _parsed(cells: list[str], pattern: str) -> pd.Series:
    return pd.Series(pd.to_datetime(pd.Series(cells, dtype=object), format=pattern, errors="coerce"))


def _fitting_formats(cells: list[str], formats: Sequence[str] = _FORMATS) -> list[str]:
    """The formats in which all of some cells are dates."""
    return [pattern for pattern in formats if _parsed(cells, pattern).notna().all()]


def _without_time(cells: list[str]) -> list[str]:
    return [_TIME_OF_DAY.sub("", cell.strip()) if ":" in cell else cell.strip() for cell in cells]


def looks_like_dates(column: Column) -> bool:
    """Whether the first cells are dates in one of `_FORMATS`."""
    head = column.cells[:HEAD]
    return bool(head) and max(map(len, head)) <= LONGEST and bool(_fitting_formats(_without_time(head)))


def _plain(cell: str) -> str:
    return _DECORATION.sub("", cell)


def looks_like_numbers(column: Column) -> bool:
    """Whether the first cells that are not empty are numbers."""
    if any(len(cell) > LONGEST for cell in column.cells[:HEAD]):
        return False
    cells = [cell for cell in map(_plain, column.cells[:HEAD]) if cell.lower() not in MISSING]
    return bool(cells) and all(_NUMBER.fullmatch(cell.replace(",", "").replace(".", "")) for cell in cells)


def _settled(column: Column, readings: dict[str, pd.Series]) -> str:
    """The format of a column among those that fit: an unambiguous one, or the only one in which the dates are in order."""
    first, days = next(iter(readings)), list(readings.values())
    if len(days) == 1 or first in _SURE + _NAMED or all(other.equals(days[0]) for other in days):
        return first
    steady = [pattern for pattern, one in readings.items() if one.is_monotonic_increasing or one.is_monotonic_decreasing]
    if len(steady) == 1:
        return steady[0]
    raise column.refused(0, f"{column.quoted(0)} may have the day or the month first; write dates as 2022-12-08")


def _epoch_unit(cell: str) -> str | None:
    return _EPOCHS.get(len(cell)) if cell.isascii() and cell.isdigit() else None


def _from_epochs(column: Column, cells: list[str], unit: str) -> np.ndarray:
    """Days of counts since 1970, all in one unit; PriceError naming the first row that is not such a count."""
    first = column.quoted(0)
    for at, cell in enumerate(cells):
        if _epoch_unit(cell) != unit:
            raise column.refused(
                at,
                f"{column.quoted(at)} is not a time of {len(cells[0])} digits like {first}; write dates as 2022-12-08",
            )
    return np.array([int(cell) for cell in cells], dtype=f"datetime64[{unit}]").astype("datetime64[D]")


def read_dates(column: Column, day_first: bool | None = None) -> tuple[np.ndarray, bool | None]:
    """The days of a column, datetime64[D], in the file's order and time zone; times of day are dropped.

    Beside them whether the day stands before the month, None where that is no question. `day_first` answers it beforehand.
    PriceError names the first row that is not a date, or says that day and month cannot be told apart.
    """
    column.refuse_long_cells()
    cells = _without_time(column.cells)
    if unit := _epoch_unit(cells[0]):
        return _from_epochs(column, cells, unit), None
    unwanted = {True: _MONTH_FIRST, False: _DAY_FIRST, None: ()}[day_first]
    formats = [pattern for pattern in _FORMATS if pattern not in unwanted]
    parsed = {pattern: _parsed(cells, pattern) for pattern in _fitting_formats(cells[:HEAD], formats) or formats}
    readings = {pattern: days for pattern, days in parsed.items() if days.notna().all()}
    if not readings:
        best = min((days.isna() for days in parsed.values()), key=np.sum)
        at = int(np.argmax(best))
        raise column.refused(at, f"{column.quoted(at)} is not a date that can be read; write it as 2022-12-08")
    pattern = _settled(column, readings)
    first = True if pattern in _DAY_FIRST else False if pattern in _MONTH_FIRST else None
    return readings[pattern].to_numpy().astype("datetime64[D]"), first


def _numbers(column: Column, mark: Mark) -> np.ndarray:
    if mark == "." and "" not in column.cells and set().union(*column.cells) <= _CLEAN:
        with suppress(ValueError):  # two points in a cell are refused below
            return np.array(column.cells, dtype=np.float64)
    numbers = np.full(len(column.cells), np.nan)
    for at, cell in enumerate(map(_plain, column.cells)):
        if cell.lower() in MISSING:
            continue
        factor = _MULTIPLES.get(cell[-1].upper(), 1.0)
        digits = (cell[:-1] if factor > 1 else cell).replace("," if mark == "." else ".", "").replace(mark, ".")
        if not _NUMBER.fullmatch(digits):
            raise column.refused(at, f"{column.quoted(at)} is not a number")
        numbers[at] = float(digits) * factor
    return numbers


def decimal_mark(column: Column) -> Mark | None:
    """The decimal mark that some cell proves: 1,5 a comma, 1,234.5 a point; None when no cell does, PriceError when both."""
    cells = [cell if cell.isdigit() else _plain(cell).strip("-+KMBkmb") for cell in column.cells]
    marked = [at for at, cell in enumerate(cells) if "," in cell or cell.count(".") > 1]
    comma = next((at for at in marked if _DECIMAL_COMMA.fullmatch(cells[at])), None)
    point = next((at for at, cell in enumerate(cells) if _DECIMAL_POINT.fullmatch(cell)), None)
    if comma is not None and point is not None:
        first, second = sorted((comma, point))
        raise column.refused(second, f"{column.quoted(second)} and {column.quoted(first)} use different decimal marks")
    return "," if comma is not None else "." if point is not None else None


def _plain_mark(column: Column) -> Mark:
    """A point where nothing is proven; PriceError where a comma, or a point in some cells only, may part thousands."""
    cells = [_plain(cell) for cell in column.cells]
    pointed = sum("." in cell for cell in cells)
    for mark, unclear in ((",", any("," in cell for cell in cells)), (".", 0 < pointed < len(cells))):
        if unclear:
            at = next(at for at, cell in enumerate(cells) if mark in cell)
            raise column.refused(at, f"the {mark!r} of {column.quoted(at)} may part decimals or thousands; write it as 1234.50")
    return "."


def read_prices(column: Column, decimal: Mark | None = None) -> np.ndarray:
    """Prices, float64; PriceError names the first row that is missing, not a number, or not above zero."""
    column.refuse_long_cells()
    prices = _numbers(column, decimal or decimal_mark(column) or _plain_mark(column))
    for at in np.flatnonzero(~(np.isfinite(prices) & (prices > 0)))[:1]:
        problem = "the price is missing" if np.isnan(prices[at]) else f"the price is {prices[at]:g}, it must be above zero"
        raise column.refused(at, problem)
    return prices


def read_extras(column: Column, usual: Mark | None) -> np.ndarray:
    """Highs, lows or volumes, float64, NaN where the cell is empty; `usual` is the decimal mark where the column shows none.

    PriceError names the first row that is neither empty nor a number.
    """
    column.refuse_long_cells()
    return _numbers(column, decimal_mark(column) or usual or _plain_mark(column))
