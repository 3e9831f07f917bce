"""Months and quarters in place of dates: 1990-01, Jan-90, 199001, 1990Q1; each by its last day, when its price is known."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

PATTERNS = ("%Y-%m", "%Y/%m", "%Y.%m", "%m/%Y", "%m-%Y", "%m.%Y", "%Y%m", "%YM%m", "%b-%y", "%b-%Y", "%b %Y", "%B %Y", "%b %y")
_YEAR, _MONTH = "(18|19|20)[0-9]{2}", "(0[1-9]|1[0-2])"
SHAPE = re.compile(rf"{_YEAR}[-/.M]{_MONTH}|{_MONTH}[-/.]{_YEAR}|{_YEAR}{_MONTH}|[A-Za-z]{{3,9}}[- ]({_YEAR}|[0-9]{{2}})")
QUARTER = re.compile(r"(\d{4})[- :]?Q([1-4])|Q([1-4])[- /]?(\d{4})", re.IGNORECASE)


def _months(cells: list[str], pattern: str) -> np.ndarray:
    first = pd.Series(pd.to_datetime(pd.Series(cells, dtype=object), format=pattern, errors="coerce"))
    return first.to_numpy().astype("datetime64[D]")


def first_days(cells: list[str], in_century: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, int]:
    """The first day of each cell's month or quarter, NaT where it is none, and how many months a period has.

    `in_century` puts dates whose years have two digits into their century.
    """
    if all(map(QUARTER.fullmatch, cells[:1])):
        quarters = [QUARTER.fullmatch(cell) for cell in cells]
        text = [f"{one[1] or one[4]}-{3 * int(one[2] or one[3]) - 2:02d}" if one else "NaT" for one in quarters]
        return np.array(text, "datetime64[M]").astype("datetime64[D]"), 3
    readings = [(pattern, _months(cells, pattern)) for pattern in PATTERNS]
    pattern, days = min(readings, key=lambda one: int(np.isnat(one[1]).sum()))
    return (in_century(days) if "%y" in pattern and not np.isnat(days).any() else days), 1


def last_days(first: np.ndarray, months: int) -> np.ndarray:
    """The last day of the periods that begin on some days."""
    return (first.astype("datetime64[M]") + months).astype("datetime64[D]") - 1
