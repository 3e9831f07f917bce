"""Which columns of a table are read: those of one ticker, by name, by place or by what is in them. A doubt is refused.

An honest reader must not put one company's prices under another's name: where a table holds several tickers, one has to be
asked for, and where two columns have the same name, one has to be chosen by its place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from core.errors import PriceError
from core.rnn.prices.table import headings
from core.rnn.prices.table.clock import time_of
from core.rnn.prices.table.column import HEAD, Column, listed
from core.rnn.prices.table.dates import COUNTS, WRITTEN, looks_like_dates
from core.rnn.prices.table.numbers import looks_like_numbers, read_numbers
from core.rnn.prices.table.rows import Table

_LIKE_A_TICKER = re.compile(r"[A-Z]{1,5}([.-][A-Z]{1,2})?")
_MOST_NAMED = 8  # tickers in a sentence


@dataclass(frozen=True)
class Choice:
    """The columns that are read."""

    dates: Column
    price: Column
    times: Column | None = None  # of day, beside the dates
    extras: dict[str, Column] = field(default_factory=dict)  # open, high, low and volume, as far as there are any
    adjusted: bool = False  # whether the price is an adjusted close
    traded: Column | None = None  # the close beside an adjusted one
    facts: tuple[str, ...] = ()


def _closes(columns: Sequence[Column]) -> list[Column]:
    closes = (*headings.ADJUSTED_CLOSES, *headings.CLOSES, *headings.CLOSES_ELSEWHERE)
    return [column for column in columns if headings.plain(column.name) in closes]


def _ticker_cells(columns: Sequence[Column]) -> Column | None:
    """The column that says of each row whose it is."""
    return next(iter(headings.named(columns, headings.TICKERS)), None)


def tickers_of(columns: Sequence[Column]) -> tuple[str, ...]:
    """The tickers whose prices a table says it holds: by its headings, else by a column; none where it does not say."""
    marked = [column for column in columns if column.ticker]
    by_heading = dict.fromkeys(column.ticker for column in _closes(columns) or marked)
    if by_heading and "" not in by_heading:
        return tuple(by_heading)
    cells = _ticker_cells(columns)
    return tuple(dict.fromkeys(cell for cell in cells.cells if cell)) if cells else ()


def _forms(ticker: str) -> set[str]:
    """How else a ticker may be written: NASDAQ:AAPL and AAPL.US are AAPL, BRK.B is BRK-B."""
    upper = ticker.strip().upper()
    parts = {upper.rpartition(":")[2], re.split(r"[.: ]", upper)[0] if len(re.split(r"[.: ]", upper)[-1]) > 1 else upper}
    return {re.sub(r"[^A-Z0-9]", "", part) for part in (upper, *parts)}


def _may_be(ticker: str, symbol: str) -> bool:
    """Whether two tickers are one: written otherwise, or one of them without its exchange."""
    (ticker_forms, whole), (symbol_forms, asked) = (
        (_forms(one), re.sub(r"[^A-Z0-9]", "", one.upper())) for one in (ticker, symbol)
    )
    return whole == asked or whole in symbol_forms or asked in ticker_forms


def _asked_for(tickers: Sequence[str], symbol: str) -> str:
    """The ticker that a symbol means; PriceError where it means none of them, or where one has to be asked for."""
    if not symbol:
        if len(tickers) == 1:
            return tickers[0]
        raise PriceError(f"it has the prices of several tickers ({_named(tickers)}); ask for one of them")
    for fitting in (
        [ticker for ticker in tickers if ticker.upper() == symbol.upper()],
        [ticker for ticker in tickers if _may_be(ticker, symbol)],
    ):
        if len(fitting) == 1:
            return fitting[0]
    raise PriceError(f"it has the prices of {_named(tickers)}, not of {symbol}; ask for one that it has")


def _named(tickers: Sequence[str]) -> str:
    more = f" and {len(tickers) - _MOST_NAMED:,} more" if len(tickers) > _MOST_NAMED else ""
    return ", ".join(tickers[:_MOST_NAMED]) + more


def of_ticker(columns: Sequence[Column], symbol: str) -> tuple[list[Column], str]:
    """The columns and rows of the ticker that is asked for, and the ticker; all of them, and "", where the table names none."""
    if not (tickers := tickers_of(columns)):
        return list(columns), ""
    ticker = _asked_for(tickers, symbol)
    kept = [column for column in columns if column.ticker in ("", ticker)]
    cells = _ticker_cells(columns)
    if cells is None or ticker not in cells.cells:
        return kept, ticker
    rows = [at for at, cell in enumerate(cells.cells) if cell == ticker]
    return [column.at_rows(rows) for column in kept], ticker


def _at(columns: Sequence[Column], place: int) -> Column:
    """The column at a place, from 0; PriceError when there is none."""
    for column in columns:
        if column.at == place:
            return column
    raise PriceError(f"there is no column {place + 1}; the columns are {listed(columns)}")


def _only(columns: Sequence[Column], what: str) -> Column:
    """The one column that a name has; PriceError where several are called so, unless they hold the same."""
    first, *others = columns
    if any(other.cells != first.cells for other in others):
        places = ", ".join(str(column.at + 1) for column in columns)
        raise PriceError(
            f"columns {places} are all called {first.name!r}; keep one as {what}, "
            "or choose it by its place (on the screen, or with --column)"
        )
    return first


def date_column(columns: Sequence[Column], place: int | None) -> Column:
    """That at the place, else the one whose name says so, else the first that looks like dates."""
    if place is not None:
        return _at(columns, place)
    named = headings.named(columns, headings.DATES)
    if named and not (headings.plain(named[0].name) in headings.TIMES and _are_times(named[0])):
        return named[0]
    for kinds in (WRITTEN, COUNTS):
        for column in columns:
            if looks_like_dates(column, kinds):
                return column
    raise PriceError(f"there is no date column; the columns are {listed(columns)}. Name the one with the days Date")


def _are_times(column: Column) -> bool:
    """Whether the first cells of a column are times of day."""
    head = column.cells[:HEAD]
    return bool(head) and all(len(cell) <= 16 and time_of(cell) is not None for cell in head)


def _time_column(columns: Sequence[Column], dates: Column, has_header: bool) -> Column | None:
    """A column with the times of day: one that is called so or, without headings, the one after the dates."""
    others = [column for column in columns if column is not dates]
    named = headings.named(others, headings.TIMES)
    if not has_header:
        named = [column for column in others if column.at == dates.at + 1 and all(":" in cell for cell in column.cells[:HEAD])]
    return next((column for column in named if _are_times(column)), None)


def _values(column: Column) -> np.ndarray:
    """The first values of a column, NaN where there is none; for looking at, not for use."""
    try:
        return read_numbers(column.at_rows(range(min(len(column.cells), 500))), usual=".")
    except PriceError:
        return np.full(min(len(column.cells), 500), np.nan)


def _bars_by_content(columns: Sequence[Column]) -> dict[str, Column]:
    """Open, high, low and close of a table without headings: four columns of which the second is never below, the third never
    above the others, in at least ten rows that move."""
    numeric = [column for column in columns if looks_like_numbers(column)]
    for at in range(len(numeric) - 3):
        four = numeric[at : at + 4]
        opened, high, low, close = (_values(column) for column in four)
        fits = (high >= np.maximum(opened, close)) & (low <= np.minimum(opened, close))
        if fits.all() and (high > low).sum() >= min(10, len(high)) and len(high) > 1:
            return dict(zip(("open", "high", "low", "close"), four, strict=True))
    return {}


def _price_column(columns: Sequence[Column], symbol: str, has_header: bool) -> Column:
    """The adjusted close, the column of the symbol, a close or price, or the only column of numbers."""
    of_symbol = [column for column in columns if symbol and _may_be(column.name, symbol)]
    by_name = [
        headings.named(columns, names) for names in (headings.ADJUSTED_CLOSES, headings.CLOSES, headings.CLOSES_ELSEWHERE)
    ]
    not_known = [column for column in of_symbol if not headings.is_known(column.name)]  # LOW and OPEN are tickers, too
    for found in (by_name[0], not_known, *by_name[1:], of_symbol):
        if found:
            return _only(found, "the price")
    volumes = headings.named(columns, headings.EXTRAS["volume"])
    numeric = [column for column in columns if looks_like_numbers(column) and column not in volumes]
    if len(numeric) == 1:
        return numeric[0]
    if not columns or (not numeric and not has_header):
        raise PriceError("beside the dates there is no column of numbers; a table needs one with the prices")
    if not has_header:
        if bars := _bars_by_content(columns):
            return bars["close"]
        raise PriceError(
            f"it has no header, and any of {listed(numeric)} may be the price; write a first line such as Date,Close, "
            "or choose the column on the screen"
        )
    raise PriceError(
        f"there is no price column; the columns are {listed(columns)}. Name the one with the prices Close, or ask for one by "
        "its name"
    )


def _other_name(price: Column, symbol: str) -> tuple[str, ...]:
    """A fact where the only column of numbers is called otherwise than what was asked for; PriceError where like a ticker."""
    if not symbol or headings.is_known(price.name) or _may_be(price.name, symbol):
        return ()
    if _LIKE_A_TICKER.fullmatch(price.name):
        raise PriceError(f"it has the prices of {price.name}, not of {symbol}; ask for {price.name}")
    return (f"the prices of column {price.name!r} are called {symbol.upper()}, as was asked for",)


def _extras(columns: Sequence[Column], has_header: bool) -> tuple[dict[str, Column], tuple[str, ...]]:
    """Open, high, low and volume, and facts about those that are left out because two columns have the name."""
    if not has_header:
        bars = _bars_by_content(columns)
        return {name: bars[name] for name in ("open", "high", "low") if bars}, ()
    extras, facts = dict[str, Column](), tuple[str, ...]()
    for name, titles in headings.EXTRAS.items():
        if found := headings.named(columns, titles):
            try:
                extras[name] = _only(found, f"the {name}")
            except PriceError as error:
                facts += (f"{name} left out ({error})",)
    return extras, facts


def chosen(table: Table, columns: Sequence[Column], symbol: str, dates: Column, price_at: int | None) -> Choice:
    """All columns that are read, of those of one ticker; PriceError where the price is in doubt."""
    times = _time_column(columns, dates, table.has_header)
    others = [column for column in columns if column is not dates and column is not times]
    if price_at == dates.at:
        raise PriceError(f"column {dates.name!r} has the dates; choose another one for the prices")
    price = _at(columns, price_at) if price_at is not None else _price_column(others, symbol, table.has_header)
    named_otherwise = _other_name(price, symbol) if table.has_header and price_at is None else ()
    others = [column for column in others if column is not price]
    adjusted = headings.plain(price.name) in headings.ADJUSTED_CLOSES
    unnamed = [column for column in columns if column is not dates and column is not times]
    extras, facts = _extras(others if table.has_header else unnamed, table.has_header)
    traded = headings.named(others, headings.CLOSES + headings.CLOSES_ELSEWHERE) if adjusted else []
    if not table.has_header:
        facts += (f"it has no header: {dates.name} is read as the dates, {price.name} as the price",)
    facts += named_otherwise
    return Choice(dates, price, times, extras, adjusted, traded[0] if len(traded) == 1 else None, facts)
