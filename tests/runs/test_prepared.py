"""Questions whose SQL is worded once: they answer as the queries do that they are worded from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import peewee as pw
import pytest

from core.runs.database import prepared
from core.runs.database.prepared import MOST_LISTED, Prepared


@pytest.fixture
def number() -> Any:
    database = pw.SqliteDatabase(":memory:")

    class Number(pw.Model):
        value = pw.IntegerField()
        word = pw.CharField(default="small")

        class Meta:
            pass

    Number.bind(database)
    Number.create_table()
    Number.insert_many([{"value": value, "word": "small" if value < 10 else "large"} for value in range(40)]).execute()
    return Number


def values(rows: Any) -> list[int]:
    return [row.value for row in rows]


def test_every_question_answers_for_the_values_of_this_time(number: Any) -> None:
    asked = Prepared()

    def between(low: Any, high: Any) -> Any:
        return number.select().where(number.word == "small", number.value >= low, number.value < high).order_by(number.value)

    for low, high in ((2, 5), (7, 30), (5, 5)):
        assert values(asked.ask("between", between, low, high)) == list(range(low, min(high, 10)))


@pytest.mark.parametrize("many", [0, 1, 3, MOST_LISTED, MOST_LISTED + 1])
def test_lists_may_have_any_length(number: Any, many: int) -> None:
    asked, ids = Prepared(), tuple(range(many))

    def among(found: Any, least: Any) -> Any:
        return number.select().where(number.value.in_(found), number.value >= least).order_by(number.value)

    assert values(asked.ask("among", among, ids, 1)) == list(ids[1:])
    assert values(asked.ask("among", among, tuple(one + 5 for one in ids), 6)) == [one + 5 for one in ids[1:]]


def test_a_question_is_worded_once_and_not_all_are_kept(number: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "MOST_KEPT", 2)
    asked, worded = Prepared(), list[str]()

    def above(name: str) -> Callable[[Any], Any]:
        def query(value: Any) -> Any:
            worded.append(name)
            return number.select().where(number.value > value)

        return query

    for name in ("a", "a", "b", "a", "c", "c", "a"):
        assert len(list(asked.ask(name, above(name), 36))) == 3
    assert worded == ["a", "b", "c", "a"]
