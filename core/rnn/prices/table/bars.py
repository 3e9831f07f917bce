"""From the columns that are read to bars: rows without a price are left out, rows are put into order, several a day are joined.

Nothing is filled. Rows that are left out are counted and named.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.errors import PriceError
from core.rnn.prices.bar_sizes import BAR_SIZES, MINUTES, BarSize
from core.rnn.prices.calendars import SEVEN_DAYS
from core.rnn.prices.table.choice import Choice
from core.rnn.prices.table.column import Column
from core.rnn.prices.table.dates import Dates
from core.rnn.prices.table.numbers import Mark, currency_of, decimal_mark, is_missing, read_numbers
from core.system.dates import say_day

MOST_EMPTY = 0.05  # share of the rows that may be without a price
MOST_NOT_ABOVE_ZERO = 0.01  # share of the prices that may not be above zero: a column with more of them holds something else
_OF_A_DAY = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}


@dataclass(frozen=True)
class Bars:
    """Bars (N,), oldest first."""

    moments: np.ndarray  # datetime64[s], when each begins; midnight where there is one a day
    numbers: dict[str, np.ndarray]  # close, and what else there is of open, high, low and volume; NaN where a value is missing
    gaps: np.ndarray  # datetime64[D], days of rows without a price
    currency: str | None = None
    bar_size: BarSize | None = "1d"  # None: several a day, at a distance that is not one of `BAR_SIZES`
    zone: str = ""
    facts: tuple[str, ...] = ()

    @property
    def days(self) -> np.ndarray:
        return self.moments.astype("datetime64[D]")

    def only(self, kept: np.ndarray, *facts: str) -> Bars:
        """Some of the bars, by a mask or by place, with further facts."""
        values = {name: column[kept] for name, column in self.numbers.items()}
        return replace(self, moments=self.moments[kept], numbers=values, facts=self.facts + facts)


def _rows(count: int) -> str:
    return f"{count:,} row{'s' * (count > 1)}"


def _extras(choice: Choice, mark: Mark | None) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Open, high, low and volume where they can be read, and which could not."""
    values, facts = dict[str, np.ndarray](), tuple[str, ...]()
    for name, column in choice.extras.items():
        try:
            values[name] = read_numbers(column, usual=mark)
        except PriceError as error:
            facts += (f"{name} left out ({error})",)
    return values, facts


def _adjusted(choice: Choice, values: dict[str, np.ndarray], decimal: Mark | None) -> tuple[str, ...]:
    """Scale open, high and low like the close, by adjusted over traded; without a traded close leave them out."""
    bars = [name for name in ("open", "high", "low") if name in values]
    if not bars or not choice.adjusted:
        return ()
    if choice.traded is None:
        for name in bars:
            del values[name]
        return ("open, high and low left out: there is no close to adjust them by",)
    factor = values["close"] / read_numbers(choice.traded, decimal)
    values |= {name: values[name] * factor for name in bars}
    return ()


def _refuse_other_things(price: Column, close: np.ndarray) -> None:
    """PriceError naming the first row that is not above zero, where there are more than a few: they are no prices."""
    wrong = ~np.isnan(close) & ~(np.isfinite(close) & (close > 0))
    if wrong.sum() > MOST_NOT_ABOVE_ZERO * len(close) or np.isinf(close).any():
        at = int(np.argmax(wrong))
        raise price.refused(at, f"the price is {close[at]:g}, it must be above zero; {wrong.sum():,} of {len(close):,} are not")


def read_bars(choice: Choice, dates: Dates, decimal: Mark | None) -> Bars:
    """The bars of the rows, in the file's order and with those that have no price."""
    price = choice.price
    values = {"close": read_numbers(price, decimal)}
    _refuse_other_things(price, values["close"])
    extras, facts = _extras(choice, decimal or decimal_mark(price))
    values |= extras
    facts += _adjusted(choice, values, decimal)
    none = np.empty(0, "datetime64[D]")
    bars = Bars(dates.moments, values, none, currency_of(price), zone=dates.zone, facts=(*choice.facts, *dates.facts, *facts))
    if not dates.unfinished.any():
        return bars
    return bars.only(~dates.unfinished, "the price of a month or quarter that is not over is left out")


def _first_empty(price: Column) -> int:
    return next(at for at, cell in enumerate(price.cells) if is_missing(cell))


def with_prices(bars: Bars, price: Column) -> Bars:
    """Without the rows that have no price; PriceError where these are more than a few.

    Rows before the first price and after the last one are no holes: they are left out and told. Neither are weekends.
    """
    empty, days = np.isnan(bars.numbers["close"]), bars.days
    if not empty.any():
        return bars
    if empty.all():
        raise PriceError(f"column {price.name!r} has not one price")
    priced = days[~empty]
    inside = (days > priced.min()) & (days < priced.max())
    outside = (f"{_rows(int((empty & ~inside).sum()))} before the first or after the last price left out",)
    holes = np.setdiff1d(days[empty & inside], priced)
    weekdays = np.is_busday(holes) if np.is_busday(priced).all() else np.full(len(holes), True)
    count = len(np.unique(priced))
    if (missing := int(weekdays.sum())) > MOST_EMPTY * (count + missing):
        first = price.refused(_first_empty(price), "the price is missing")
        raise PriceError(
            f"{first}, as in {missing:,} of {count + missing:,} rows; a file may lack one in twenty: add the prices"
        )
    kept = bars.only(~empty, *(outside if (empty & ~inside).any() else ()))
    return replace(kept, gaps=holes[weekdays])


def ordered(bars: Bars) -> Bars:
    """Oldest first, equal rows of one time merged; PriceError naming the day of which two rows differ."""
    order = np.argsort(bars.moments, kind="stable")
    bars = bars.only(order)
    again = np.flatnonzero(bars.moments[1:] == bars.moments[:-1]) + 1
    for name, column in bars.numbers.items():
        for at in again[~np.isclose(column[again], column[again - 1], rtol=0, atol=0, equal_nan=True)][:1]:
            raise PriceError(
                f"{say_day(bars.days[at])} is there twice, with {name} {column[at - 1]:g} and {column[at]:g}; "
                "keep one row a day"
            )
    merged = (f"{len(again)} repeated row{'s' * (len(again) > 1)} merged",) if len(again) else ()
    return bars.only(np.delete(np.arange(len(bars.moments)), again), *merged)


def without_filled_weekends(bars: Bars) -> Bars:
    """Without Saturdays and Sundays if all repeat the price before them: somebody filled them in. Else a fact about a few."""
    days = bars.days
    weekend = ~np.is_busday(days)
    if not weekend.any() or weekend.all():
        return bars
    count, close = int(weekend.sum()), bars.numbers["close"]
    repeats = np.append(False, close[1:] == close[:-1])
    filled = (repeats | ~weekend | (np.arange(len(days)) == 0)).all() and (repeats & weekend).any()
    if filled and (close != close[0]).any():
        note = f"{count:,} weekend row{'s' * (count > 1)} left out: they repeat the price before them, as if filled in"
        return bars.only(~weekend, note)
    if weekend.mean() > SEVEN_DAYS or np.median(np.diff(np.unique(days)).astype(int)) > 1:
        return bars
    first, prices = say_day(days[int(np.argmax(weekend))]), "prices of weekends" if count > 1 else "price of a weekend"
    return bars.only(np.full(len(days), True), f"{count:,} {prices}, the first of {first}: stocks do not trade then")


def with_bar_size(bars: Bars) -> Bars:
    """The bars with the size that the distances between their times come to; without times of day where a day has one bar."""
    days = bars.days
    inside = np.diff(bars.moments)[days[1:] == days[:-1]].astype(np.int64)
    if not inside.size:
        return replace(bars, moments=days.astype("datetime64[s]"))
    minutes = round(float(np.median(inside)) / 60)
    sizes: dict[int, BarSize] = {own: bar_size for bar_size, own in MINUTES.items()}
    return replace(bars, bar_size=sizes.get(minutes))


def in_days(bars: Bars) -> Bars:
    """One bar a day, made of several: the first open, the highest high, the lowest low, the last close, the sum of volumes."""
    often = BAR_SIZES[bars.bar_size] + " prices" if bars.bar_size else "several prices a day"
    table = pd.DataFrame(bars.numbers | {"day": bars.days})
    ways = {name: how for name, how in _OF_A_DAY.items() if name in bars.numbers}
    daily = table.groupby("day").agg(ways)
    if "volume" in bars.numbers:
        daily["volume"] = daily["volume"].where(table["volume"].notna().groupby(table["day"]).all())
    values = {name: daily[name].to_numpy(np.float64) for name in ways}
    moments = daily.index.to_numpy().astype("datetime64[D]").astype("datetime64[s]")
    facts = (*bars.facts, f"daily prices made of the file's {often}" if bars.bar_size else f"daily prices made of {often}")
    return replace(bars, moments=moments, numbers=values, bar_size="1d", zone="", facts=facts)
