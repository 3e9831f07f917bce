"""Prices from a CSV file: the date and the price column are detected by name, then by content; nothing is filled or guessed.

Separators `,` `;` tab and `|`, decimal comma or point, gzip or plain. An ambiguous file is refused with the row
and what to write instead.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.errors import PriceError
from core.rnn.prices.bar_sizes import WEEKEND, BarSize
from core.rnn.prices.calendars import SEVEN_DAYS
from core.rnn.prices.csv_cells import (
    Column,
    Mark,
    decimal_mark,
    looks_like_dates,
    looks_like_numbers,
    read_dates,
    read_extras,
    read_prices,
)
from core.rnn.prices.prices import ADJUSTED, MOST_BARS, Prices
from core.rnn.prices.reader import Reader
from core.rnn.words import say_day
from core.system.files import read_file
from core.system.unpacking import refuse_others
from core.system.unreadable import readable

UNREADABLE_TABLE = "it cannot be read ({reason}); save it as CSV again"
LIMIT = 20 * 2**20  # bytes of text; a century of daily prices needs 2 MB
MOST_ROWS, MOST_COLUMNS = MOST_BARS + 10, 2_000  # with lines above the prices; a column a ticker
HEAD_ROWS = 5  # of a table are shown
DATES = ("date", "datum", "day", "tag", "trade date", "trading day", "datetime", "timestamp", "time", "zeit", "fecha", "data")
ADJUSTED_CLOSES = ("adj close", "adjusted close", "adjclose", "close adj", "close adjusted", "adjusted")
CLOSES = ("close", "close last", "closing price", "last", "last price", "price", "settle", "nav", "value")
CLOSES_ELSEWHERE = ("schluss", "schlusskurs", "kurs", "letzter", "zuletzt", "wert", "cierre", "ultimo", "clôture", "cours")
EXTRAS = {
    "open": ("open", "eröffnung", "erster"),
    "high": ("high", "hoch", "tageshoch"),
    "low": ("low", "tief", "tagestief"),
    "volume": ("volume", "vol", "volumen"),
}


@dataclass(frozen=True)
class Layout:
    """How a table is read. What is None is detected: columns by name, then by content; marks and order by the cells."""

    date_column: str | None = None
    price_column: str | None = None
    decimal: Mark | None = None
    day_first: bool | None = None  # 03/04/2022 is in April


@dataclass(frozen=True)
class Preview:
    """How a table is read, so that a visitor can check and correct it: the prices, or why there are none."""

    columns: tuple[str, ...]  # by name, as they follow each other
    head: tuple[tuple[str, ...], ...]  # the cells of the first rows
    layout: Layout  # as given, completed by what was detected
    prices: Prices | None
    problem: str = ""  # a sentence; empty where there are prices


def _plain(title: str) -> str:
    """A column's name without case, punctuation and what stands in brackets."""
    return " ".join(re.sub(r"\(.*?\)|\[.*?\]|[_\-./*^]", " ", title.lower()).split())


def _first_named(columns: list[Column], names: tuple[str, ...]) -> Column | None:
    """The column with the first of some names that there is."""
    by_name = {_plain(column.name): column for column in reversed(columns)}
    return next((by_name[name] for name in names if name in by_name), None)


def _one_ticker(columns: list[Column], symbol: str) -> list[Column]:
    """Only the rows of the symbol, where a column names several; PriceError when it is not among them."""
    tickers = _first_named(columns, ("symbol", "ticker"))
    if tickers is None or len(set(tickers.cells)) == 1:
        return columns
    rows = [at for at, cell in enumerate(tickers.cells) if cell.upper() == symbol.strip().upper()]
    if not rows:
        there = ", ".join([*dict.fromkeys(tickers.cells)][:5])
        raise PriceError(f"column {tickers.name!r} names several tickers ({there}); keep the rows of one")
    return [Column(one.name, [one.cells[at] for at in rows], [one.lines[at] for at in rows]) for one in columns]


def _listed(columns: list[Column]) -> str:
    return ", ".join(column.name for column in columns[:12]) + (" and more" if len(columns) > 12 else "")


def _column_named(columns: list[Column], name: str | None) -> Column:
    """The column of a name; PriceError when there is none."""
    for column in columns:
        if column.name == name:
            return column
    raise PriceError(f"there is no column {name!r}; the columns are {_listed(columns)}")


def _read_extras(columns: list[Column], values: dict[str, np.ndarray], mark: Mark | None) -> tuple[str, ...]:
    """Add open, high, low and volume where they can be read; return which columns could not."""
    facts: tuple[str, ...] = ()
    for name, titles in EXTRAS.items():
        if column := _first_named(columns, titles):
            try:
                values[name] = read_extras(column, mark)
            except PriceError as error:
                facts += (f"{name} left out ({error})",)
    return facts


def _in_order(days: np.ndarray, values: dict[str, np.ndarray]) -> tuple[np.ndarray, dict[str, np.ndarray], tuple[str, ...]]:
    """Oldest first, equal rows of a day merged; PriceError naming the day of which two rows differ."""
    order = np.argsort(days, kind="stable")
    days, values = days[order], {name: column[order] for name, column in values.items()}
    again = np.flatnonzero(days[1:] == days[:-1]) + 1
    for name, column in values.items():
        for at in again[~np.isclose(column[again], column[again - 1], rtol=0, atol=0, equal_nan=True)][:1]:
            raise PriceError(
                f"{say_day(days[at])} is there twice, with {name} {column[at - 1]:g} and {column[at]:g}; keep one row a day"
            )
    kept = np.delete(np.arange(len(days)), again)
    merged = (f"{len(again)} repeated row{'s' * (len(again) > 1)} merged",) if len(again) else ()
    return days[kept], {name: column[kept] for name, column in values.items()}, merged


def _without_filled_weekends(
    days: np.ndarray, values: dict[str, np.ndarray]
) -> tuple[np.ndarray, dict[str, np.ndarray], tuple[str, ...]]:
    """Without Saturdays and Sundays if all repeat the price before them: somebody filled them in. Else a fact about a few."""
    weekend = ~np.is_busday(days)
    if not weekend.any() or weekend.all():
        return days, values, ()
    count, close = int(weekend.sum()), values["close"]
    repeats = np.append(False, close[1:] == close[:-1])
    if (repeats | ~weekend | (np.arange(len(days)) == 0)).all() and (close != close[0]).any():
        note = f"{count:,} weekend row{'s' * (count > 1)} left out: they repeat the price before them, as if filled in"
        return days[~weekend], {name: column[~weekend] for name, column in values.items()}, (note,)
    if weekend.mean() > SEVEN_DAYS:
        return days, values, ()
    first, prices = say_day(days[int(np.argmax(weekend))]), "prices of weekends" if count > 1 else "price of a weekend"
    return days, values, (f"{count:,} {prices}, the first of {first}: stocks do not trade then",)


def _adjust(columns: list[Column], values: dict[str, np.ndarray], decimal: Mark | None) -> tuple[str, ...]:
    """Scale open, high and low like the close, by adjusted over traded; without a traded close leave them out."""
    bars = [name for name in ("open", "high", "low") if name in values]
    traded = _first_named(columns, CLOSES + CLOSES_ELSEWHERE)
    if bars and traded is None:
        for name in bars:
            del values[name]
        return ("open, high and low left out: there is no close to adjust them by",)
    if bars and traded is not None:
        factor = values["close"] / read_prices(traded, decimal)
        values |= {name: values[name] * factor for name in bars}
    return ()


def _spacing(days: np.ndarray) -> tuple[str, ...]:
    """A fact about prices that are not daily."""
    usual = float(np.median(np.diff(days).astype(int))) if len(days) > 2 else 1.0
    return (f"a price about every {usual:g} days, not every trading day",) if usual > WEEKEND else ()


def _symbol_of(name: str) -> str:
    return Path(name.removesuffix(".gz")).stem.upper() or "CSV"


def _prices(name: str, columns: list[Column], symbol: str, layout: Layout) -> Prices:
    price = _column_named(columns, layout.price_column)
    days, _ = read_dates(_column_named(columns, layout.date_column), layout.day_first)
    values = {"close": read_prices(price, layout.decimal)}
    facts = _read_extras(columns, values, layout.decimal or decimal_mark(price))
    adjusted = _plain(price.name) in ADJUSTED_CLOSES
    if adjusted:
        facts += _adjust(columns, values, layout.decimal)
    days, values, merged = _in_order(days, values)
    days, values, weekends = _without_filled_weekends(days, values)
    return Prices(
        symbol=(symbol or _symbol_of(name)).strip().upper(),
        source="csv",
        origin=name,
        basis=ADJUSTED if adjusted else f"closes as in column {price.name!r}",
        dates=days,
        facts=(*facts, *merged, *weekends, *_spacing(days)),
        **values,
    )


def _one_header(rows: list[tuple[int, list[str]]]) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The names and the rows below. A table saved by yfinance has three header rows: Price, Ticker and Date."""
    header, body = rows[0][1] if rows else [], rows[1:]
    if header[:1] == ["Price"] and [row[0] for _, row in body[:2]] == ["Ticker", "Date"]:
        return ["Date", *header[1:]], body[2:]
    return header, body


def _columns(text: str) -> list[Column]:
    """The table as columns of text; the first line that is not empty names them."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    declared = re.fullmatch(r"sep=(.)", first)
    separator = declared[1] if declared else max(",;\t|", key=first.count)
    rows_at_most = max(text.count("\n"), text.count("\r"))
    for count, most, what in ((rows_at_most, MOST_ROWS, "rows"), (first.count(separator), MOST_COLUMNS, "columns")):
        if count > most:
            raise PriceError(f"the file has more than {most:,} {what}; cut it to the dates and prices you need")
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise PriceError(f"the file cannot be read as CSV: {error}") from error
    header, body = _one_header(rows[1:] if declared else rows)
    if not body:
        raise PriceError("the file has no rows below its header")
    while not header[-1]:
        header.pop()
    for line, row in body:
        if len(row) < len(header) or any(row[len(header) :]):
            raise PriceError(f"row {line} has {len(row)} values, the header names {len(header)} columns")
    numbers = [line for line, _ in body]
    return [Column(title[:40] or "(unnamed)", [row[at] for _, row in body], numbers) for at, title in enumerate(header)]


def _date_column(columns: list[Column], layout: Layout) -> Column:
    if layout.date_column is not None:
        return _column_named(columns, layout.date_column)
    column = _first_named(columns, DATES) or next((other for other in columns if looks_like_dates(other)), None)
    if column is None:
        raise PriceError(f"there is no date column; the columns are {_listed(columns)}. Name the one with the days Date")
    return column


def _price_column(columns: list[Column], symbol: str, layout: Layout) -> Column:
    """That of the layout, else the adjusted close, the symbol's column, a close or price, the only column of numbers."""
    if layout.price_column is not None:
        return _column_named(columns, layout.price_column)
    of_symbol = tuple(filter(None, [_plain(symbol)]))
    for names in (ADJUSTED_CLOSES, of_symbol, CLOSES, CLOSES_ELSEWHERE):
        if column := _first_named(columns, names):
            return column
    numeric = [column for column in columns if looks_like_numbers(column)]
    if len(numeric) == 1:
        return numeric[0]
    raise PriceError(f"there is no price column; the columns are {_listed(columns)}. Name the one with the prices Close")


def _with_columns(columns: list[Column], symbol: str, layout: Layout) -> Layout:
    """The layout with both columns named; PriceError where one cannot be detected."""
    dates = _date_column(columns, layout)
    price = _price_column([column for column in columns if column is not dates], symbol, layout)
    return replace(layout, date_column=dates.name, price_column=price.name)


def _unpacked(content: bytes) -> bytes:
    with readable("the gzip file is damaged: {reason}", PriceError), gzip.open(io.BytesIO(content)) as file:
        return file.read(LIMIT + 1)


def _text(content: bytes) -> str:
    """The file as text; PriceError when it is too large, packed otherwise than gzip, or no text."""
    if content[:2] == b"\x1f\x8b":
        content = _unpacked(content)
    refuse_others("the file", content, PriceError)
    if len(content) > LIMIT:
        raise PriceError(f"the file is larger than {LIMIT // 2**20} MB; cut it to the dates and prices you need")
    if content[:2] == b"PK":
        raise PriceError("this is a spreadsheet or an archive; save the sheet as CSV and try again")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content:
        raise PriceError("this is not a text file; save the prices as CSV and try again")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def read_csv(name: str, content: bytes, symbol: str | None = None, layout: Layout = Layout()) -> Prices:
    """Prices from a file's content. In a table with a column for each ticker, `symbol` chooses the column.

    PriceError says which row or column cannot be used and what to change.
    """
    try:
        with readable(UNREADABLE_TABLE, PriceError):
            columns = _one_ticker(_columns(_text(content)), symbol or "")
            prices = _prices(name, columns, symbol or "", _with_columns(columns, symbol or "", layout))
    except PriceError as error:
        raise type(error)(f"{name}: {error}") from error
    return prices


def _with_marks(columns: list[Column], layout: Layout) -> Layout:
    """The layout with what the cells say about marks and order, for a table that can be read."""
    price = _column_named(columns, layout.price_column)
    _, day_first = read_dates(_column_named(columns, layout.date_column), layout.day_first)
    return replace(layout, decimal=layout.decimal or decimal_mark(price) or ".", day_first=day_first)


def preview_csv(name: str, content: bytes, symbol: str | None = None, layout: Layout = Layout()) -> Preview:
    """How a file's content is read, as far as it can be; PriceError only where the file is no table at all."""
    try:
        with readable(UNREADABLE_TABLE, PriceError):
            columns = _columns(_text(content))
    except PriceError as error:
        raise type(error)(f"{name}: {error}") from error
    head = tuple(zip(*(column.cells[:HEAD_ROWS] for column in columns), strict=True))
    preview = Preview(tuple(column.name for column in columns), head, layout, None)
    try:
        with readable(UNREADABLE_TABLE, PriceError):
            columns = _one_ticker(columns, symbol or "")
            preview = replace(preview, layout=replace(layout, date_column=_date_column(columns, layout).name))
            preview = replace(preview, layout=(detected := _with_columns(columns, symbol or "", layout)))
            prices = _prices(name, columns, symbol or "", detected)
            preview = replace(preview, layout=_with_marks(columns, detected), prices=prices)
    except PriceError as error:
        return replace(preview, problem=f"{name}: {error}")
    return preview


class CsvFile(Reader):
    """A CSV file as a source."""

    name = "csv"

    def __init__(self, path: Path) -> None:
        self.path = path

    def history(self, symbol: str, bar_size: BarSize) -> Prices:
        """The prices in the file, under the symbol given or, without one, the file's name."""
        return read_csv(self.path.name, read_file(self.path, LIMIT, PriceError), symbol)
