"""Questions to the database whose SQL is worded once.

To put a simple one into words takes peewee 0.2 ms, a long one 3 ms: most of what asking it costs.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any

import peewee as pw

MOST_LISTED = 16  # values in a list; of more, a question is worded anew: the lengths of lists are many
MOST_KEPT = 256  # questions

Lengths = tuple[int | None, ...]  # of the values that are lists; None for a single one
Worded = tuple[Any, str, list[Any]]  # model, SQL and parameters


@dataclass(frozen=True)
class _Place:
    """Where a value stands among the parameters of a question."""

    number: int


class Prepared:
    """The questions of one lab's database; safe for several threads. To be asked within a connection."""

    def __init__(self) -> None:
        self._worded: dict[tuple[Hashable, Lengths], Worded] = {}

    def ask(self, name: Hashable, query: Callable[..., Any], *values: Any) -> Any:
        """What `query` gives for these values, tuples among them for lists: an iterable of its model's rows.

        `name` names the question: where it is the same, the query is the same but for the values, which it only compares with.
        """
        lengths = tuple(len(value) if isinstance(value, tuple) else None for value in values)
        if max((length or 0 for length in lengths), default=0) > MOST_LISTED:
            return query(*values)
        model, sql, parameters = self._worded.get((name, lengths)) or self._word(name, lengths, query)
        flat = _flat(values)
        return model.raw(sql, *(flat[one.number] if isinstance(one, _Place) else one for one in parameters))

    def _word(self, name: Hashable, lengths: Lengths, query: Callable[..., Any]) -> Worded:
        built = query(*_places(lengths))
        worded: Worded = built.model, *built.sql()
        if len(self._worded) >= MOST_KEPT:
            self._worded.clear()
        self._worded[name, lengths] = worded
        return worded


def _places(lengths: Lengths) -> list[Any]:
    """A place for each value, a list of them for a list."""
    numbers = count()
    return [_place(next(numbers)) if of is None else [_place(next(numbers)) for _ in range(of)] for of in lengths]


def _place(number: int) -> pw.Value:
    return pw.Value(_Place(number), converter=False)


def _flat(values: Iterable[Any]) -> list[Any]:
    flat: list[Any] = []
    for value in values:
        flat += value if isinstance(value, tuple) else (value,)
    return flat
