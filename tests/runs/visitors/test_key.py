from __future__ import annotations

import pytest

from core.errors import InvalidRequest
from core.runs.visitors.key import TRIES_OF_ALL, TRIES_OF_ONE, TRY_SECONDS, Tries, holds, is_key, mark_of
from core.settings import Settings, settings

KEY, ADA, BOB = "correct horse", "a" * 20, "b" * 20


def test_the_mark_of_a_key_is_worth_nothing_to_another_visitor_or_with_another_key() -> None:
    mark = mark_of(KEY, ADA)
    assert holds(KEY, ADA, mark)
    assert not holds(KEY, BOB, mark)
    assert not holds("wrong horse", ADA, mark)
    assert not holds(None, ADA, mark)
    assert not holds(KEY, ADA, "")
    assert KEY not in mark


@pytest.mark.parametrize("text", ["", "correct", "correct horse ", "Correct horse", "ключ"])
def test_what_is_nearly_the_key_is_not_the_key(text: str) -> None:
    assert is_key(KEY, KEY)
    assert not is_key(text, KEY)


def test_a_thousand_tries_get_five_answers_a_minute() -> None:
    clock = [0.0]
    tries = Tries(lambda: clock[0])
    assert sum(tries.allowed(ADA) for _ in range(1000)) == TRIES_OF_ONE
    clock[0] = TRY_SECONDS
    assert tries.allowed(ADA)


def test_a_thousand_visitors_together_get_thirty() -> None:
    tries = Tries(lambda: 0.0)
    assert sum(tries.allowed(f"visitor {number}") for number in range(1000)) == TRIES_OF_ALL


def test_a_key_that_is_too_short_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDCAST_KEY", "seven77")
    settings.cache_clear()
    with pytest.raises(InvalidRequest, match="GRIDCAST_KEY") as error:
        settings()
    settings.cache_clear()
    assert "seven77" not in str(error.value)
    monkeypatch.setenv("GRIDCAST_KEY", KEY)
    assert KEY not in repr(Settings())
