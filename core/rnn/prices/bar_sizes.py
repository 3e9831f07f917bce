"""How long a bar is: a day, a week, or some minutes. Every bar of a series has the same size."""

from __future__ import annotations

from typing import Literal

from core.errors import InvalidRequest

BarSize = Literal["1d", "1wk", "1h", "30m", "15m", "5m"]
BAR_SIZES: dict[BarSize, str] = {
    "1d": "daily",
    "1wk": "weekly",
    "1h": "hourly",
    "30m": "half-hourly",
    "15m": "quarter-hourly",
    "5m": "five-minute",
}
MINUTES: dict[BarSize, int] = {"1h": 60, "30m": 30, "15m": 15, "5m": 5}  # of the sizes inside a day
WEEKEND = 3  # days from Friday to Monday: prices further apart are not daily
_SPACINGS = {"day": (0, WEEKEND), "week": (7, 7), "month": (27, 33), "quarter": (86, 96), "year": (355, 375)}  # days
A_YEAR = {"week": round(365.2425 / 7, 1), "month": 12.0, "quarter": 4.0, "year": 1.0}  # bars, of those that are not days
ADVERBS = {"week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly"}


def bar_of(bar_size: BarSize, spacing: float = 1.0) -> str:
    """What one price stands for, in words: a day, a week, a bar of some minutes; rows of a file by the days between them."""
    if bar_size == "1d":
        return next((name for name, (least, most) in _SPACINGS.items() if least <= spacing <= most), "bar")
    return {"1wk": "week"}.get(bar_size, "bar")


def bar_size_of(text: str) -> BarSize:
    """The bar size that a text means, 60m being 1h; InvalidRequest names those there are."""
    tidied = {"60m": "1h"}.get(text.strip().lower(), text.strip().lower())
    for bar_size in BAR_SIZES:
        if tidied == bar_size:
            return bar_size
    raise InvalidRequest(f"there is no bar size {text!r}; choose {', '.join(BAR_SIZES)}")
