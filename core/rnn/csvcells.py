"""Dates and numbers as people and programs write them into CSV files: a whole column decides how it is to be read.

03/04/2022 is settled by a 25/04/2022 further down, 1,5 by a 0,75. What the column leaves open is refused, not guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.errors import PriceError

MISSING = {"", "-", "--", "–", "n/a", "na", "nan", "null", "none", "#n/a"}
_SURE = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d.%m.%y")
_NAMED = ("%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y")
_DAY_FIRST = ("%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y", "%d-%m-%y")
_MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%m-%d-%y")
_FORMATS = _SURE + _NAMED + _DAY_FIRST + _MONTH_FIRST
_TIME_OF_DAY = re.compile(r"[T ]\s*\d{1,2}:\d{2}.*$")
_EPOCH = {10: "s", 13: "ms"}  # digits of a count since 1970 -> its unit
_DECORATION = re.compile(r"[$€£¥\s'’]")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_DECIMAL_COMMA = re.compile(r"\d*,(\d{1,2}|\d{4,})|\d{4,},\d+|0,\d+|.*\..*,.*|.*\..*\..*")
_DECIMAL_POINT = re.compile(r"\d*\.(\d{1,2}|\d{4,})|\d{4,}\.\d+|0\.\d+|.*,.*\..*|.*,.*,.*")
_MULTIPLES = {"K": 1e3, "M": 1e6, "B": 1e9}


@dataclass(frozen=True)
class Column:
    """One column of a file as text. `lines` are the cells' rows in the file, counted from 1, the header included."""

    name: str
    cells: list[str]
    lines: list[int]

    def said(self, at: int) -> str:
        """A cell as it stands in a sentence."""
        return repr(self.cells[at][:40])

    def refused(self, at: int, why: str) -> PriceError:
        return PriceError(f"row {self.lines[at]}, column {self.name!r}: {why}")


def looks_like_dates(column: Column) -> bool:
    """Whether the first cells are dates in one of the known ways."""
    cells = _without_time(column.cells[:20])
    return bool(cells) and any(_parsed(cells, way).notna().all() for way in _FORMATS)


def looks_like_numbers(column: Column) -> bool:
    """Whether the first cells that are not empty are numbers."""
    cells = [cell for cell in map(_plain, column.cells[:20]) if cell.lower() not in MISSING]
    return bool(cells) and all(_NUMBER.fullmatch(cell.replace(",", "").replace(".", "")) for cell in cells)


def read_dates(column: Column) -> np.ndarray:
    """The days of a column, datetime64[D], in the file's order and time zone; times of day are dropped.

    PriceError names the first row that is not a date, or says that day and month cannot be told apart.
    """
    cells = _without_time(column.cells)
    if all(cell.isdigit() and len(cell) in _EPOCH for cell in cells):
        unit = _EPOCH[len(cells[0])]
        return np.array([int(cell) for cell in cells], dtype=f"datetime64[{unit}]").astype("datetime64[D]")
    readings = {way: days for way in _FORMATS if (days := _parsed(cells, way)).notna().all()}
    if not readings:
        best = min((_parsed(cells, way).isna() for way in _FORMATS), key=np.sum)
        at = int(np.argmax(best))
        raise column.refused(at, f"{column.said(at)} is not a date that can be read; write it as 2022-12-08")
    return _settled(column, readings).to_numpy().astype("datetime64[D]")


def _settled(column: Column, readings: dict[str, pd.Series]) -> pd.Series:
    """One reading of several: a sure one, the only one, or the only one in which time runs in one direction."""
    days = list(readings.values())
    if len(days) == 1 or next(iter(readings)) in _SURE + _NAMED or all(other.equals(days[0]) for other in days):
        return days[0]
    steady = [one for one in days if one.is_monotonic_increasing or one.is_monotonic_decreasing]
    if len(steady) == 1:
        return steady[0]
    raise column.refused(0, f"{column.said(0)} may have the day or the month first; write dates as 2022-12-08")


def read_prices(column: Column) -> np.ndarray:
    """Prices, float64; PriceError names the first row that is missing, not a number, or not above zero."""
    prices = _numbers(column, decimal_mark(column) or _plain_mark(column))
    for at in np.flatnonzero(~(np.isfinite(prices) & (prices > 0)))[:1]:
        told = "the price is missing" if np.isnan(prices[at]) else f"the price is {prices[at]:g}, it must be above zero"
        raise column.refused(at, told)
    return prices


def read_extras(column: Column, usual: str | None) -> np.ndarray:
    """Highs, lows or volumes, float64, NaN where the cell is empty; `usual` is the decimal mark where the column shows none.

    PriceError names the first row that is neither empty nor a number.
    """
    return _numbers(column, decimal_mark(column) or usual or _plain_mark(column))


def decimal_mark(column: Column) -> str | None:
    """The decimal mark that some cell proves: 1,5 a comma, 1,234.5 a point; None when no cell does, PriceError when both."""
    cells = [_plain(cell).strip("-+KMBkmb") for cell in column.cells]
    comma = next((at for at, cell in enumerate(cells) if _DECIMAL_COMMA.fullmatch(cell)), None)
    point = next((at for at, cell in enumerate(cells) if _DECIMAL_POINT.fullmatch(cell)), None)
    if comma is not None and point is not None:
        first, second = sorted((comma, point))
        raise column.refused(second, f"{column.said(second)} and {column.said(first)} use different decimal marks")
    return "," if comma is not None else "." if point is not None else None


def _plain_mark(column: Column) -> str:
    """A point where nothing is proven; PriceError where a comma, or a point in some cells only, may part thousands."""
    cells = [_plain(cell) for cell in column.cells]
    pointed = sum("." in cell for cell in cells)
    for mark, unclear in ((",", any("," in cell for cell in cells)), (".", 0 < pointed < len(cells))):
        if unclear:
            at = next(at for at, cell in enumerate(cells) if mark in cell)
            raise column.refused(at, f"the {mark!r} of {column.said(at)} may part decimals or thousands; write it as 1234.50")
    return "."


def _numbers(column: Column, mark: str) -> np.ndarray:
    numbers = np.full(len(column.cells), np.nan)
    for at, cell in enumerate(map(_plain, column.cells)):
        if cell.lower() in MISSING:
            continue
        factor = _MULTIPLES.get(cell[-1].upper(), 1.0)
        digits = (cell[:-1] if factor > 1 else cell).replace("," if mark == "." else ".", "").replace(mark, ".")
        if not _NUMBER.fullmatch(digits):
            raise column.refused(at, f"{column.said(at)} is not a number")
        numbers[at] = float(digits) * factor
    return numbers


def _plain(cell: str) -> str:
    return _DECORATION.sub("", cell)


def _without_time(cells: list[str]) -> list[str]:
    return [_TIME_OF_DAY.sub("", cell.strip()) for cell in cells]


def _parsed(cells: list[str], way: str) -> pd.Series:
    return pd.Series(pd.to_datetime(pd.Series(cells, dtype=object), format=way, errors="coerce"))
