from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from core.errors import DatabaseError, StoreError
from core.runs.recovery.last_words import LastWords
from core.runs.recovery.outages import patiently


class Failing:
    """Fails so many times, then keeps what it is called with."""

    def __init__(self, times: int, error: Exception) -> None:
        self.times, self.error, self.done = times, error, threading.Event()

    def __call__(self) -> None:
        self.times -= 1
        if self.times >= 0:
            raise self.error
        self.done.set()


@pytest.mark.parametrize(
    "error", [DatabaseError("the lab's database is locked"), StoreError("cannot write: no space"), OSError(5)]
)
def test_a_word_is_said_again_until_it_holds(error: Exception) -> None:
    troubles: dict[str, str] = {}
    words, write = LastWords(troubles), Failing(2, error)
    words.say("a", write, lambda _: None)
    assert write.done.wait(30)
    words.close(30)
    assert not words.unwritten
    assert troubles == {}


def test_one_that_cannot_be_written_holds_up_no_other_and_says_why() -> None:
    troubles: dict[str, str] = {}
    words, other = LastWords(troubles), Failing(0, OSError())
    words.say("a", Failing(10**6, DatabaseError("the lab's database is locked")), lambda _: None)
    words.say("b", other, lambda _: None)
    assert other.done.wait(30)
    assert words.unwritten == {"a"}
    assert "the lab's database is locked" in troubles["a"]
    words.close(0)


@pytest.mark.parametrize("error", [StoreError("cannot write: no space"), ZeroDivisionError("division by zero")])
def test_a_result_that_cannot_be_kept_fails_its_run_with_the_reason(error: Exception) -> None:
    reasons: list[str] = []
    said = threading.Event()

    def instead(reason: str) -> None:
        reasons.append(reason)
        said.set()

    words = LastWords({}, patience=0.0)
    words.say("a", Failing(10**6, error), instead)
    assert said.wait(30)
    assert str(error) in reasons[0]
    words.close(30)


def test_an_outage_is_waited_for_only_so_long() -> None:
    pauses: list[float] = []
    give: Callable[[], None] = Failing(3, DatabaseError("away"))
    patiently(give, sleep=pauses.append)
    assert pauses == sorted(pauses)
    assert len(pauses) == 3
    with pytest.raises(DatabaseError):
        patiently(Failing(3, DatabaseError("away")), seconds=0)
