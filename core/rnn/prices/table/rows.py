"""The rows of a table: what parts its cells, which lines stand above and below it, its headings, and its columns.

A heading is the last line before the first row that has a date and a number; lines above it, and lines without a date below
the last row, are left out. Where nothing stands above the first row it has no heading, and columns are named by their place.
Headings may take two or three lines, as yfinance and pandas write them: Price, Ticker, Date.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import PriceError
from core.rnn.prices.table import headings
from core.rnn.prices.table.column import LONGEST, Column
from core.rnn.prices.table.dates import is_date
from core.rnn.prices.table.numbers import is_missing, is_number

MOST_ROWS, MOST_COLUMNS = 500_000, 2_000  # five years of minutes; a column a ticker
SEPARATORS = "\t;|,"
_LETTERS = 500  # of a cell that are read: no heading has more, and no date and no number has near as many
_TRIED = 60  # lines by which the separator is found
_SHOWN = 60  # characters of a line that is left out
_EVENT = re.compile(
    r"[\d.,:/ ]++((for|to)[\d.,:/ ]*+)?(\w+ )?(dividends?|stock splits?|splits?|capital gains?)\.?", re.IGNORECASE
)  # never tries two ways to read the same digits: that would take a second for a thousand cells
_LAST = ("d", "s", ".")  # letters that such a cell ends with
_SOUGHT = 200  # rows among which the first one of data is


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not empty. `line` is its place in the file, from 1."""

    line: int
    cells: list[str]

    @property
    def width(self) -> int:
        """Cells up to the last one that is not empty."""
        return max((at + 1 for at, cell in enumerate(self.cells) if cell), default=0)

    @property
    def date_at(self) -> int | None:
        """The place of its first date, where it also has a number or a mark that one is missing."""
        at = next((at for at, cell in enumerate(self.cells[:12]) if is_date(cell)), None)
        if at is None:
            return None
        others = self.cells[:at] + self.cells[at + 1 :]
        return at if any(is_number(cell) or (cell and is_missing(cell)) or len(cell) > LONGEST for cell in others) else None


@dataclass(frozen=True)
class Table:
    """The columns of a table, all of the same length, and what was left out around and between its rows."""

    columns: tuple[Column, ...]
    has_header: bool
    facts: tuple[str, ...] = ()


def _valued(line: str, separator: str) -> int:
    """How many cells of a line have a digit and hold no other separator but a comma."""
    cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    others = set(SEPARATORS) - {separator, ","}
    return sum(any(map(str.isdigit, cell)) and not others & set(cell) for cell in cells) if len(cells) > 1 else 0


def _separator(lines: Sequence[str]) -> str:
    """The separator that parts lines into most cells with digits; by the first line where there are no digits."""
    tried = [line for line in lines if line.strip()][:_TRIED]
    counts = {separator: sum(_valued(line, separator) for line in tried) for separator in SEPARATORS}
    best = max(counts, key=lambda separator: counts[separator])
    return best if counts[best] else max(",;\t|", key=(tried or [""])[0].count)


def _rows(text: str) -> list[Row]:
    lines = text.splitlines()
    first = next((line.strip() for line in lines if line.strip()), "")
    declared = re.fullmatch(r"sep=(.)", first)
    try:
        separator = declared[1] if declared else _separator(lines)
        for count, most, what in ((len(lines), MOST_ROWS, "rows"), (first.count(separator), MOST_COLUMNS, "columns")):
            if count > most:
                raise PriceError(f"the file has more than {most:,} {what}; cut it to the dates and prices you need")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
        rows = [Row(reader.line_num, cells) for row in reader if any(cells := [cell.strip()[:_LETTERS] for cell in row])]
    except csv.Error as error:
        raise PriceError(f"the file cannot be read as CSV: {error}") from error
    return rows[1:] if declared else rows


def _first_of_data(rows: Sequence[Row]) -> int | None:
    """The place of the first row with a date and a number that another such row follows, or that is the last one."""
    for at, row in enumerate(rows[:_SOUGHT]):
        if row.date_at is not None:
            following = rows[at + 1 : at + 2]
            repeated = at > 0 and bool(following) and following[0].cells == rows[at - 1].cells
            if not following or following[0].date_at is not None or following[0].width <= 1 or repeated:
                return _with_empty_ones(rows, at, row.date_at)
    return None


def _with_empty_ones(rows: Sequence[Row], at: int, date_at: int) -> int:
    """The first row of data where the rows right above the row `at` have a date in the same place and no price."""
    while at and (above := rows[at - 1]).width == date_at + 1 and is_date(above.cells[date_at]):
        at -= 1
    return at


def _is_event(row: Row) -> bool:
    """Whether a row tells of a dividend or a split in place of prices."""
    return any(cell[-1:].lower() in _LAST and _EVENT.fullmatch(cell) for cell in row.cells if 4 < len(cell) <= LONGEST)


def _levels(rows: Sequence[Row], data: Row) -> tuple[list[Row], str]:
    """The header rows above the data, top to bottom, and the name that the first column has in a row of its own."""
    above, index = list(rows), ""
    if above and above[-1].width == 1 and len(above[-1].cells) == len(data.cells) > 1:
        index = above.pop().cells[0]
    levels = [above.pop()] if above and above[-1].width > 1 else []
    while levels and above and len(above[-1].cells) == len(levels[0].cells) and above[-1].width > 1 and len(levels) < 3:
        levels.insert(0, above.pop())
    return levels, index


def _filled(cells: Sequence[str]) -> list[str]:
    """The cells of a header row, empty ones like those to their left: one cell may head several columns."""
    filled: list[str] = []
    for cell in cells:
        filled.append(cell or (filled[-1] if len(filled) > 1 else ""))
    return filled


def _with_tickers(levels: list[Row], index: str) -> tuple[list[Row], int, int | None]:
    """Of the header rows those that are used, and which of them has the names, which the tickers of the columns."""
    names = [sum(map(headings.is_known, row.cells[1:])) for row in levels]
    at = max(range(len(levels)), key=lambda level: (names[level], level))
    marks = [headings.plain(row.cells[0]) for row in levels]
    beside = next((level for level, mark in enumerate(marks) if mark in headings.TICKERS and level != at), None)
    if beside is None and index and len(levels) > 1:
        beside = at - 1 if at else at + 1
    if beside is None:
        return levels[at:], 0, None
    first = min(at, beside)
    return levels[first:], at - first, beside - first


def _names_and_tickers(levels: list[Row], index: str, at: int, beside: int | None) -> list[tuple[str, str]]:
    """Name and ticker of every column."""
    names = levels[at].cells
    if beside is None:
        return [headings.with_ticker(name) for name in names]
    tickers = _filled(levels[beside].cells)
    names = _filled(names) if at < beside else list(names)
    return [(index or "Date", ""), *zip(names[1:], tickers[1:], strict=False)]


def _without_copies(names: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Headings as they were before pandas numbered those that were there twice: Close, Close.1."""
    there = {name for name, _ in names}
    return [(re.sub(r"\.\d+$", "", name) if re.sub(r"\.\d+$", "", name) in there else name, ticker) for name, ticker in names]


def _is_footer(row: Row, date_at: int) -> bool:
    return len(row.cells) <= date_at or not is_date(row.cells[date_at])


def _quoted(rows: Sequence[Row]) -> str:
    return repr(" ".join(filter(None, rows[0].cells))[:_SHOWN])


def _counted(rows: Sequence[Row], what: str) -> tuple[str, ...]:
    """A fact about lines that are left out; none where there are none."""
    if not rows:
        return ()
    return (f"{len(rows):,} {what.format(s='s' * (len(rows) > 1))} left out, the first row {rows[0].line}: {_quoted(rows)}",)


def _body(rows: Sequence[Row], header: Sequence[Row], date_at: int) -> tuple[list[Row], tuple[str, ...]]:
    """The rows of data, and facts about the other lines among and below them."""
    last = next(at for at in reversed(range(len(rows))) if not _is_footer(rows[at], date_at))
    heads = [row.cells for row in header]
    repeated = [row for row in rows[: last + 1] if row.cells in heads]
    facts = _counted(repeated, "repeated heading{s}") + _counted(rows[last + 1 :], "line{s} below the table")
    return [row for row in rows[: last + 1] if row.cells not in heads], facts


def _columns(names: Sequence[tuple[str, str]], body: Sequence[Row]) -> tuple[Column, ...]:
    """PriceError naming the first row that has another number of values than the header names."""
    for row in body:
        if len(row.cells) < len(names) or any(row.cells[len(names) :]):
            raise PriceError(f"row {row.line} has {len(row.cells)} values, the header names {len(names)} columns")
    lines = [row.line for row in body]
    return tuple(
        Column(name[:80] or "(unnamed)", at, [row.cells[at] for row in body], lines, ticker)
        for at, (name, ticker) in enumerate(names)
    )


def _ended(names: list[tuple[str, str]], body: Sequence[Row]) -> list[tuple[str, str]]:
    """Without unnamed columns at the end in which nothing stands."""
    while names and not names[-1][0] and not any(row.width >= len(names) for row in body):
        names.pop()
    return names


def table_of(text: str) -> Table:
    """The table in a text; PriceError where there is none."""
    rows = _rows(text)
    events = [row for row in rows if _is_event(row)]
    rows = [row for row in rows if not _is_event(row)] if events else rows
    at = _first_of_data(rows)
    if at is None:  # what is wrong with its cells is said by who reads them
        start = next((place for place, row in enumerate(rows) if row.width > 1), 0)
        if not rows[start + 1 :]:
            raise PriceError("the file has no rows below its header")
        names = [(name, "") for name in rows[start].cells]
        return Table(_columns(_ended(names, rows[start + 1 :]), rows[start + 1 :]), has_header=True)
    levels, index = _levels(rows[:at], rows[at])
    if levels:
        levels, place, beside = _with_tickers(levels, index)
        names = _without_copies(_names_and_tickers(levels, index, place, beside))
    else:
        names = [(f"column {place + 1}", "") for place in range(rows[at].width)]
    body, facts = _body(rows[at:], levels, next(row.date_at for row in rows[at:] if row.date_at is not None))
    names = _ended(names, body)
    above = rows[: at - len(levels) - bool(index)]
    facts = (*_counted(above, "line{s} above the table"), *_counted(events, "row{s} of dividends and splits"), *facts)
    return Table(_columns(names, body), has_header=bool(levels), facts=facts)
