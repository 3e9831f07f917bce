"""Tables as CSV for programs that take a cell which begins with = + - or @ for a formula, and do what it says.

A text that begins so gets an apostrophe in front, which spreadsheets take as "this is text"; numbers stay numbers.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow

_FORMULA = re.compile(r"[=+\-@\t\r\n]|\s+[=+\-@]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def safe_cell(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def to_csv(table: pd.DataFrame) -> bytes:
    """A table as CSV in UTF-8, without its index, days as 2026-11-29; its cells and headings safe."""
    import pyarrow
    from pyarrow import csv

    columns = [_column(table.iloc[:, place]) for place in range(table.shape[1])]
    headings = [_text(heading) for heading in table.columns]
    written = io.BytesIO()
    options = csv.WriteOptions(quoting_style="needed", quoting_header="needed")
    csv.write_csv(pyarrow.Table.from_arrays(columns, headings), written, options)
    return written.getvalue()


def _text(value: Any) -> str:
    return str(safe_cell(str(value))).encode("utf-8", "replace").decode()


def _column(cells: pd.Series) -> pyarrow.Array:
    import pandas as pd
    import pyarrow

    if cells.dtype.kind == "M":
        return pyarrow.array(cells).cast(pyarrow.date32(), safe=False)
    if cells.dtype.kind in "biuf":
        return pyarrow.array(cells, from_pandas=True)
    if isinstance(cells.dtype, pd.StringDtype):  # of few different texts in most tables
        places, texts = pd.factorize(cells)
        safe = pyarrow.array(map(_text, texts), pyarrow.string())
        return safe.take(pyarrow.array(places, mask=places < 0))
    return pyarrow.array([None if _missing(cell) else _text(cell) for cell in cells], pyarrow.string())


def _missing(cell: Any) -> bool:
    return cell is None or cell != cell
