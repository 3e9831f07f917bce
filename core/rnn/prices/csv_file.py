"""Prices from a CSV file: how it is read is detected, can be corrected, and is said; nothing is filled or guessed.

What makers of such files write is in `table`: separators, headings, dates, numbers, holes. An ambiguous file is refused with
the row and what to write instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.errors import PriceError
from core.rnn.prices.bar_sizes import BAR_SIZES, MINUTES, BarSize
from core.rnn.prices.prices import ADJUSTED, Prices
from core.rnn.prices.reader import Reader
from core.rnn.prices.table.bars import (
    Bars,
    in_days,
    ordered,
    read_bars,
    with_bar_size,
    with_prices,
    without_filled_weekends,
)
from core.rnn.prices.table.choice import Choice, chosen, date_column, of_ticker, tickers_of
from core.rnn.prices.table.column import Column
from core.rnn.prices.table.dates import Dates, read_dates
from core.rnn.prices.table.numbers import Mark, decimal_mark
from core.rnn.prices.table.rows import Table, table_of
from core.rnn.prices.table.text import LIMIT, text_of
from core.system.files import read_file
from core.system.unreadable import readable

UNREADABLE_TABLE = "it cannot be read ({reason}); save it as CSV again"
HEAD_ROWS = 5  # of a table are shown


@dataclass(frozen=True)
class Layout:
    """How a table is read. What is None is detected: columns by name, then by content; marks and order by the cells."""

    date_column: int | None = None  # places, from 0
    price_column: int | None = None
    decimal: Mark | None = None
    day_first: bool | None = None  # 03/04/2022 is in April


@dataclass(frozen=True)
class Preview:
    """How a table is read, so that a visitor can check and correct it: the prices, or why there are none."""

    columns: tuple[str, ...]  # as they are offered for choice, as they follow each other
    head: tuple[tuple[str, ...], ...]  # the cells of the first rows
    layout: Layout  # as given, completed by what was detected
    prices: Prices | None
    problem: str = ""  # a sentence; empty where there are prices
    tickers: tuple[str, ...] = ()  # whose prices the table holds, where it says so


def _symbol_of(name: str) -> str:
    return Path(name.removesuffix(".gz")).stem.upper() or "CSV"


def _bars(choice: Choice, dates: Dates, layout: Layout, bar_size: BarSize) -> Bars:
    bars = with_prices(read_bars(choice, dates, layout.decimal), choice.price)
    bars = with_bar_size(ordered(bars))
    if bars.bar_size == "1d":
        bars = without_filled_weekends(bars)
    if bar_size == bars.bar_size:
        return bars
    if bar_size in ("1d", "1wk"):
        return bars if bars.bar_size == "1d" else in_days(bars)
    has = f"{BAR_SIZES[bars.bar_size]} prices" if bars.bar_size else "prices at other times"
    own = f"{bars.bar_size}, " if bars.bar_size in MINUTES else ""
    raise PriceError(f"the file has {has}, not {BAR_SIZES[bar_size]} ones; choose {own}1d or 1wk")


def _above_zero(bars: Bars) -> tuple[Bars, np.ndarray | None]:
    """The bars with a price above zero, and day and price of the others, (K, 2)."""
    wrong = ~(bars.numbers["close"] > 0)
    if not wrong.any():
        return bars, None
    return bars.only(~wrong), np.stack([bars.days[wrong].astype(np.int64), bars.numbers["close"][wrong]], axis=1)


@dataclass(frozen=True)
class _Question:
    """A table and what is asked of it."""

    name: str  # of the file
    table: Table
    symbol: str
    layout: Layout
    bar_size: BarSize

    def columns(self) -> tuple[list[Column], str]:
        """Those of the ticker that is asked for, or whose price column is chosen by its place."""
        chosen = [column.ticker for column in self.table.columns if column.at == self.layout.price_column and column.ticker]
        return of_ticker(self.table.columns, chosen[0] if chosen else self.symbol)

    def choice(self, columns: list[Column]) -> Choice:
        dates = date_column(columns, self.layout.date_column)
        return chosen(self.table, columns, self.symbol, dates, self.layout.price_column)

    def dates(self, choice: Choice) -> Dates:
        return read_dates(choice.dates, self.layout.day_first, choice.times)

    def prices(self, choice: Choice, ticker: str, dates: Dates) -> Prices:
        bars, below_zero = _above_zero(_bars(choice, dates, self.layout, self.bar_size))
        inside = bars.bar_size != "1d"
        return Prices(
            symbol=(self.symbol or ticker or _symbol_of(self.name)).strip().upper(),
            source="csv",
            origin=self.name,
            basis=ADJUSTED if choice.adjusted else f"closes as in column {choice.price.name!r}",
            currency=bars.currency,
            bar_size=bars.bar_size or "1d",
            dates=bars.days,
            times=bars.moments.astype(np.int64) if inside else None,
            zone=bars.zone if inside else "",
            gaps=bars.gaps,
            below_zero=below_zero,
            facts=(*self.table.facts, *bars.facts),
            **bars.numbers,
        )


def read_csv(
    name: str, content: bytes, symbol: str | None = None, layout: Layout = Layout(), bar_size: BarSize = "1d"
) -> Prices:
    """Prices from a file's content. In a table of several tickers, `symbol` chooses one. Several bars a day become one, unless
    `bar_size` asks for them; weeks are made by who asks for them.

    PriceError says which row or column cannot be used and what to change.
    """
    try:
        with readable(UNREADABLE_TABLE, PriceError):
            question = _Question(name, table_of(text_of(content)), (symbol or "").strip(), layout, bar_size)
            columns, ticker = question.columns()
            choice = question.choice(columns)
            return question.prices(choice, ticker, question.dates(choice))
    except PriceError as error:
        raise type(error)(f"{name}: {error}") from error


def preview_csv(
    name: str, content: bytes, symbol: str | None = None, layout: Layout = Layout(), bar_size: BarSize = "1d"
) -> Preview:
    """How a file's content is read, as far as it can be; PriceError only where the file is no table at all."""
    try:
        with readable(UNREADABLE_TABLE, PriceError):
            table = table_of(text_of(content))
    except PriceError as error:
        raise type(error)(f"{name}: {error}") from error
    head = tuple(zip(*(column.cells[:HEAD_ROWS] for column in table.columns), strict=True))
    labels, tickers = tuple(column.label for column in table.columns), tickers_of(table.columns)
    preview = Preview(labels, head, layout, None, tickers=tickers)
    question = _Question(name, table, (symbol or "").strip(), layout, bar_size)
    try:
        with readable(UNREADABLE_TABLE, PriceError):
            columns, ticker = question.columns()
            dates_at = date_column(columns, layout.date_column).at
            preview = replace(preview, layout=replace(layout, date_column=dates_at))
            choice = question.choice(columns)
            preview = replace(preview, layout=replace(preview.layout, price_column=choice.price.at))
            dates = question.dates(choice)
            prices = question.prices(choice, ticker, dates)
            decimal = layout.decimal or decimal_mark(choice.price) or "."
            detected = replace(preview.layout, decimal=decimal, day_first=dates.day_first)
            preview = replace(preview, layout=detected, prices=prices)
    except PriceError as error:
        return replace(preview, problem=f"{name}: {error}")
    return preview


class CsvFile(Reader):
    """A CSV file as a source."""

    name = "csv"

    def __init__(self, path: Path, column: int | None = None) -> None:
        """`column` is the place of the prices, from 1 as people count; None: found by its name, or by what is in it."""
        self.path, self.layout = path, Layout(price_column=None if column is None else column - 1)

    def history(self, symbol: str, bar_size: BarSize) -> Prices:
        """The prices in the file, under the symbol given or, without one, the ticker that it names, else the file's name."""
        return read_csv(self.path.name, read_file(self.path, LIMIT, PriceError), symbol, self.layout, bar_size)
