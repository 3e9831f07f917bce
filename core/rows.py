"""Tables of variants: names that are checked against a table, and one column of a table.

Both look into the table when they are used, so a row that is added later needs no second entry anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

Row = TypeVar("Row")
Cell = TypeVar("Cell")


class Column(Mapping[str, Cell], Generic[Row, Cell]):
    """One attribute of all rows of a table, by the rows' names; rows where it is None are left out."""

    def __init__(self, table: Mapping[str, Row], value: Callable[[Row], Cell | None]) -> None:
        self._table, self._value = table, value

    def __getitem__(self, name: str) -> Cell:
        cell = self._value(self._table[name])
        if cell is None:
            raise KeyError(name)
        return cell

    def __iter__(self) -> Iterator[str]:
        return (name for name, row in self._table.items() if self._value(row) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def name_in(names: Callable[[], Iterable[str]]) -> AfterValidator:
    """A pydantic validator: the text must be one of these names. The error message is that of a `Literal`."""

    def checked(name: str) -> str:
        allowed = dict.fromkeys(names())
        if name not in allowed:
            *most, last = map(repr, allowed)
            expected = f"{', '.join(most)} or {last}" if most else last
            raise PydanticCustomError("literal_error", "Input should be {expected}", {"expected": expected})
        return name

    return AfterValidator(checked)
