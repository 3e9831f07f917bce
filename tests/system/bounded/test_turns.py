"""What needs much memory is read in turns, and only while somebody waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from core.errors import ImageError
from core.system.bounded.turns import SMALL, Turns

LONGEST_WAIT = 60.0  # seconds, for a machine that is busy with something else


def leave() -> None:
    raise ImageError("nobody waits")


class Holder(threading.Thread):
    """Has a turn, until it is told to end."""

    def __init__(self, turns: Turns, need: int, check: Callable[[], None] = lambda: None) -> None:
        super().__init__(daemon=True)
        self.turns, self.need, self.check = turns, need, check
        self.began, self.may_end = threading.Event(), threading.Event()
        self.error: ImageError | None = None
        self.start()

    def run(self) -> None:
        try:
            with self.turns.turn(self.need, self.check):
                self.began.set()
                self.may_end.wait(LONGEST_WAIT)
        except ImageError as error:
            self.error = error

    def end(self) -> None:
        self.may_end.set()
        self.join(LONGEST_WAIT)


def test_what_is_at_work_is_bounded_and_turns_come_in_order() -> None:
    turns = Turns(10 * SMALL)
    first = Holder(turns, 6 * SMALL)
    assert first.began.wait(LONGEST_WAIT)
    second = Holder(turns, 6 * SMALL)
    while not turns._waiting:
        threading.Event().wait(0.01)
    third = Holder(turns, 2 * SMALL)  # there would be room for it, but it came later
    assert not second.began.wait(0.5)
    assert not third.began.is_set()
    assert turns.at_work == 6 * SMALL
    first.end()
    assert second.began.wait(LONGEST_WAIT)
    assert third.began.wait(LONGEST_WAIT)
    assert turns.at_work == 8 * SMALL
    for one in (second, third):
        one.end()
    assert turns.at_work == 0


def test_what_needs_little_waits_for_nobody() -> None:
    turns = Turns(2 * SMALL)
    with turns.turn(2 * SMALL), turns.turn(SMALL):
        assert turns.at_work == 2 * SMALL


def test_what_is_beyond_the_bound_has_its_turn_alone() -> None:
    turns = Turns(2 * SMALL)
    with turns.turn(5 * SMALL):
        assert turns.at_work == 5 * SMALL
    assert turns.at_work == 0


def test_what_waits_for_somebody_who_has_left_leaves_the_queue() -> None:
    turns = Turns(2 * SMALL)
    first = Holder(turns, 2 * SMALL)
    assert first.began.wait(LONGEST_WAIT)
    left = Holder(turns, 2 * SMALL, leave)
    left.join(LONGEST_WAIT)
    assert not left.began.is_set()
    assert left.error
    next_one = Holder(turns, 2 * SMALL)
    first.end()
    assert next_one.began.wait(LONGEST_WAIT)
    next_one.end()


def test_a_turn_that_fails_is_over() -> None:
    turns = Turns()
    with pytest.raises(ImageError), turns.turn(2 * SMALL):
        raise ImageError("damaged")
    assert turns.at_work == 0
