"""How fast a machine is, and what is said of it."""

from __future__ import annotations

import pytest

from core.speed import REFERENCE_SECONDS, in_words, measured, slowness, worth_saying


def test_the_reference_is_as_fast_as_itself_and_so_is_what_was_not_measured() -> None:
    assert slowness(REFERENCE_SECONDS) == slowness(None) == 1.0


def test_a_form_says_what_a_time_is_worth_on_a_slow_machine() -> None:
    words = worth_saying(2.5, 10.0)
    assert words.startswith("This machine is 2.5 times slower")
    assert "10 s here are worth 4.0 s there" in words
    assert "5 min here are worth 2 min there" in worth_saying(2.5, 300.0)


def test_a_form_says_nothing_where_a_machine_is_about_as_fast() -> None:
    assert worth_saying(1.4, 10.0) == ""


@pytest.mark.parametrize(
    ("slower", "words"), [(1.0, "as fast as"), (2.0, "2.0 times slower than"), (0.5, "2.0 times faster than")]
)
def test_it_is_said_in_which_direction_a_machine_differs(slower: float, words: str) -> None:
    assert in_words(slower).startswith(words)


def test_the_work_is_measured_in_seconds_of_the_processor() -> None:
    assert 0 < measured() < 60
