"""Columns: what stands in the tables of a result, in words. A table that leaves the lab has these headings, and a list of them.

Each bench has its own, the WORDS of `core/<stn or rnn>/columns.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from core.runs.kinds import FOLDERS
from core.runs.request import Bench

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Heading:
    """A column in words: what people call it, its unit ("" where it has none), and what it says, in a sentence."""

    title: str
    meaning: str
    unit: str = ""

    @property
    def text(self) -> str:
        """The title with the unit; that of a day, or of yes and no, is seen."""
        return f"{self.title} ({self.unit})" if self.unit not in ("", "day", "yes or no") else self.title


def headings(text: str) -> dict[str, Heading]:
    """Headings by name from lines such as "name | title | unit | what it says"."""
    rows = ([cell.strip() for cell in line.split("|")] for line in text.strip().splitlines())
    return {name: Heading(title, meaning, unit) for name, title, unit, meaning in rows}


@dataclass(frozen=True)
class Words:
    """The words of one bench."""

    headings: Mapping[str, Heading]
    cells: Mapping[str, Callable[[str], str]]  # what a cell of a column of texts is called, such as a model
    of_others: Callable[[str], Heading | None] = lambda name: None  # a column whose name is made of others'

    def heading(self, name: str) -> Heading:
        """The heading of a column; of one that nobody has described its name."""
        return self.headings.get(name) or self.of_others(name) or Heading(name.replace("_", " ").capitalize(), "")


def words_of(bench: Bench) -> Words:
    """The words of a bench."""
    words: Words = resolve_name(f"core.{FOLDERS[bench]}.columns:WORDS")
    return words


def readable(bench: Bench, table: pd.DataFrame) -> pd.DataFrame:
    """A table with headings that people read, its texts too; values stay as they are."""
    words = words_of(bench)
    named = table.assign(**{name: _said(table[name], say) for name, say in words.cells.items() if name in table})
    headings = [words.heading(str(name)).text for name in named.columns]
    doubled = {text for text in headings if headings.count(text) > 1}
    return named.set_axis(
        [f"{text} [{name}]" if text in doubled else text for text, name in zip(headings, table.columns, strict=True)], axis=1
    )


def _said(cells: pd.Series, say: Callable[[str], str]) -> Any:
    """Of few different texts in a long table: each is said once."""
    return cells.map({one: say(one) if isinstance(one, str) and one else one for one in cells.unique()})


def readable_tables(bench: Bench, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Tables by name, readable."""
    return {name.replace("_", " ").capitalize(): readable(bench, table) for name, table in tables.items()}


def dictionary(bench: Bench, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What every column of tables is: a row a column, in their order."""
    import pandas as pd

    words = words_of(bench)
    rows = [
        (f"{name}.csv", readable_name, str(column), heading.unit, heading.meaning)
        for name, table in tables.items()
        for readable_name, column in zip(readable(bench, table.head(0)).columns, table.columns, strict=True)
        for heading in [words.heading(str(column))]
    ]
    return pd.DataFrame(rows, columns=["File", "Column", "Name in core", "Unit", "What it says"])
