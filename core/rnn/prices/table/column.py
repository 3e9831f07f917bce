"""A column of a table as text, and the sentences that refuse one of its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import PriceError

LONGEST = 64  # characters: no date and no number is longer
HEAD = 20  # first cells by which the kind of a column is detected


@dataclass(frozen=True)
class Column:
    """One column. `lines` are the cells' rows in the file, counted from 1, the header included."""

    name: str  # as the file heads it, or its position where it has no header
    at: int  # its place in the table, from 0
    cells: list[str]
    lines: list[int]
    ticker: str = ""  # whose values these are, where the header says so

    @property
    def label(self) -> str:
        """The column as people choose it: its place from 1, its name, and whose it is."""
        named = f"{self.name} ({self.ticker})" if self.ticker and self.ticker not in self.name else self.name
        return f"{self.at + 1} · {named}"

    def quoted(self, at: int) -> str:
        """A cell as it stands in a sentence."""
        return repr(self.cells[at][:40])

    def refuse_long_cells(self) -> None:
        """PriceError naming the first cell that is too long to be read."""
        for at, cell in enumerate(self.cells):
            if len(cell) > LONGEST:
                raise self.refused(at, f"the cell has more than {LONGEST} characters; no date and no number has so many")

    def refused(self, at: int, problem: str) -> PriceError:
        return PriceError(f"row {self.lines[at]}, column {self.name!r}: {problem}")

    def at_rows(self, rows: Sequence[int]) -> Column:
        """Only some rows of it, by their place."""
        return replace(self, cells=[self.cells[row] for row in rows], lines=[self.lines[row] for row in rows])


def listed(columns: Sequence[Column]) -> str:
    """The columns in a sentence."""
    return ", ".join(column.name for column in columns[:12]) + (" and more" if len(columns) > 12 else "")
