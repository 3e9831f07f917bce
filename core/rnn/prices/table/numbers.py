"""Numbers in the cells of a column; its decimal mark is decided by the whole column.

A 0,75 decides that 1,5 has a decimal comma. What the column leaves open is refused, not guessed. Cells longer than `LONGEST`
are refused first, because some regular expressions take quadratic time.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Literal

import numpy as np

from core.rnn.prices.table.column import HEAD, LONGEST, Column

Mark = Literal[",", "."]  # of decimals
MISSING = {
    "", "-", "--", "–", ".", "n/a", "na", "nan", "null", "none", "#n/a", "#n/a n/a", "nd", "n/d", "n.a.", "k.a.",
}  # fmt: skip
CURRENCIES = {
    "USD", "EUR", "GBP", "GBX", "JPY", "CHF", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "TRY", "ILS",
    "ZAR", "INR", "CNY", "HKD", "SGD", "KRW", "TWD", "THB", "IDR", "MYR", "PHP", "BRL", "MXN", "CLP", "ARS", "RUB", "AED",
}  # fmt: skip
_CURRENCY = re.compile(r"^([A-Z]{3,4})\s*(?=[-+.\d])|(?<=[\d.,])\s*([A-Z]{3,4})$")
_DECORATION = re.compile(r"[$€£¥\s'’]")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_DECIMAL_COMMA = re.compile(r"\d*,(\d{1,2}|\d{4,})|\d{4,},\d+|0,\d+|.*\..*,.*|.*\..*\..*")
_DECIMAL_POINT = re.compile(r"\d*\.(\d{1,2}|\d{4,})|\d{4,}\.\d+|0\.\d+|.*,.*\..*|.*,.*,.*")
_MULTIPLES = {"K": 1e3, "M": 1e6, "B": 1e9}
_CLEAN = set("0123456789.")


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.lower() in MISSING


def is_number(cell: str) -> bool:
    """Whether a cell is a number in some way of writing."""
    if len(cell) > LONGEST or not any(map(str.isdigit, cell)):
        return False
    plain = _plain(cell)
    digits = plain[:-1] if plain[-1:].upper() in (*_MULTIPLES, "%") else plain
    return _NUMBER.fullmatch(digits.replace(",", "").replace(".", "")) is not None


def _currency(cell: str) -> str:
    """The currency that a cell names: 38.26 USD; empty where it names none."""
    match = _CURRENCY.search(cell.strip())
    code = (match[1] or match[2]) if match else ""
    return code if code in CURRENCIES else ""


def _plain(cell: str) -> str:
    """A number without its currency and what parts thousands but comma and point."""
    if (cell[-1:].isalpha() or cell[:1].isalpha()) and (code := _currency(cell)) and cell.count(code) == 1:
        cell = cell.replace(code, "")
    return _DECORATION.sub("", cell)


def looks_like_numbers(column: Column) -> bool:
    """Whether the first cells that are not empty are numbers."""
    head = [cell for cell in column.cells if not is_missing(cell)][:HEAD]
    return bool(head) and all(map(is_number, head))


def currency_of(column: Column) -> str | None:
    """The currency that the cells name; None where none does, PriceError where they name several."""
    currencies: dict[str, int] = {}
    for at, cell in enumerate(column.cells):
        if cell[-1:].isalpha() or cell[:1].isalpha():
            currencies.setdefault(_currency(cell), at)
    named = [code for code in currencies if code]
    if len(named) > 1:
        raise column.refused(currencies[named[1]], f"prices are in {named[0]} and in {named[1]}; keep those of one currency")
    return named[0] if named else None


def _numbers(column: Column, mark: Mark) -> np.ndarray:
    if mark == "." and "" not in column.cells and set().union(*column.cells) <= _CLEAN:
        with suppress(ValueError):  # two points in a cell are refused below, a single one is a missing value
            return np.array(column.cells, dtype=np.float64)
    numbers = np.full(len(column.cells), np.nan)
    for at, cell in enumerate(column.cells):
        if is_missing(cell):
            continue
        plain = _plain(cell)
        factor = _MULTIPLES.get(plain[-1:].upper(), 1.0)
        digits = (plain[:-1] if factor > 1 else plain).replace("," if mark == "." else ".", "").replace(mark, ".")
        if not _NUMBER.fullmatch(digits):
            raise column.refused(at, f"{column.quoted(at)} is not a number")
        numbers[at] = float(digits) * factor
    return numbers


def _bare(column: Column) -> list[str]:
    """The cells without what stands around their digits; "" where a value is missing."""
    if set().union(*column.cells) <= _CLEAN:
        return ["" if cell == "." else cell for cell in column.cells]
    return ["" if is_missing(cell) else cell if cell.isdigit() else _plain(cell).strip("-+KMBkmb") for cell in column.cells]


def decimal_mark(column: Column) -> Mark | None:
    """The decimal mark that some cell proves: 1,5 a comma, 1,234.5 a point; None when no cell does, PriceError when both."""
    cells = _bare(column)
    marked = [at for at, cell in enumerate(cells) if "," in cell or cell.count(".") > 1]
    comma = next((at for at in marked if _DECIMAL_COMMA.fullmatch(cells[at])), None)
    point = next((at for at, cell in enumerate(cells) if _DECIMAL_POINT.fullmatch(cell)), None)
    if comma is not None and point is not None:
        first, second = sorted((comma, point))
        raise column.refused(second, f"{column.quoted(second)} and {column.quoted(first)} use different decimal marks")
    return "," if comma is not None else "." if point is not None else None


def _plain_mark(column: Column) -> Mark:
    """A point where nothing is proven; PriceError where a comma, or a point in some cells only, may part thousands."""
    cells = ["" if is_missing(cell) else _plain(cell) for cell in column.cells]
    pointed, valued = sum("." in cell for cell in cells), sum(map(bool, cells))
    for mark, unclear in ((",", any("," in cell for cell in cells)), (".", 0 < pointed < valued)):
        if unclear:
            at = next(at for at, cell in enumerate(cells) if mark in cell)
            raise column.refused(at, f"the {mark!r} of {column.quoted(at)} may part decimals or thousands; write it as 1234.50")
    return "."


def read_numbers(column: Column, decimal: Mark | None = None, usual: Mark | None = None) -> np.ndarray:
    """The values of a column, float64, NaN where a cell is missing; `usual` is the mark where the column proves none.

    PriceError names the first row that is neither a number nor missing.
    """
    column.refuse_long_cells()
    return _numbers(column, decimal or decimal_mark(column) or usual or _plain_mark(column))
