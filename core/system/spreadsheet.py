"""Tables as CSV for programs that take a cell which begins with = + - or @ for a formula, and do what it says.

A text that begins so gets an apostrophe in front, which spreadsheets take as "this is text"; numbers stay numbers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = re.compile(r"[=+\-@\t\r\n]|\s+[=+\-@]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def safe_cell(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def to_csv(table: pd.DataFrame) -> bytes:
    """A table as CSV in UTF-8, without its index, days as 2026-11-29; its cells and headings safe."""
    texts = [column for column, kind in zip(table.columns, table.dtypes, strict=True) if not _plain_numbers(kind)]
    safe = table.copy(deep=False)
    for place, column in enumerate(table.columns):
        if column in texts:
            cells = table.iloc[:, place]
            if any(safe_cell(cell) is not cell for cell in cells):
                safe.isetitem(place, [safe_cell(cell) for cell in cells])
    safe.columns = table.columns.map(safe_cell)
    return safe.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n").encode("utf-8", "replace")


def _plain_numbers(kind: Any) -> bool:
    return kind.kind in "biufM"
