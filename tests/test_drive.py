from __future__ import annotations

from collections.abc import Generator

import pytest

from core.drive import in_turn, relayed, returned
from core.runs.request import Progress, Wish
from tests.drive import played


def counting(to: int, log: list[object] | None = None) -> Generator[Progress, Wish | None, int]:
    """Yields a step at a time, notes what is sent to it and that it was closed, returns how far it counted."""
    log = [] if log is None else log
    try:
        for step in range(1, to + 1):
            log.append((yield Progress(phase="counting", step=step, total=to)))
        return to
    finally:
        log.append("closed")


def halved(progress: Progress) -> Progress:
    return progress.model_copy(update={"total": 2 * progress.total})


def test_returned_is_what_the_generator_gives_at_its_end() -> None:
    assert returned(counting(3)) == 3


def test_relayed_work_tells_how_far_the_whole_is_and_gives_the_same() -> None:
    steps, count = played(relayed(counting(2), halved))
    assert [step.fraction for step in steps] == [0.25, 0.5]
    assert count == 2


def test_a_wish_reaches_relayed_work() -> None:
    log: list[object] = []
    relay = relayed(counting(3, log), halved)
    next(relay)
    relay.send(Wish.STOP)
    assert log == [Wish.STOP]


def test_relayed_work_is_closed_with_its_relay() -> None:
    log: list[object] = []
    relay = relayed(counting(3, log), halved)
    next(relay)
    relay.close()
    assert log == ["closed"]


def test_parts_in_turn_go_on_from_one_another() -> None:
    def overall(number: int, progress: Progress) -> Progress:
        return Progress(phase=str(number), step=round(100 * (number + progress.fraction)), total=200)

    steps, counts = played(in_turn((counting(to) for to in (2, 1)), overall))
    assert [(step.phase, step.fraction) for step in steps] == [("0", 0.25), ("0", 0.5), ("1", 1.0)]
    assert counts == [2, 1]


def test_a_part_that_fails_ends_the_others() -> None:
    def failing() -> Generator[Progress, None, int]:
        yield Progress(phase="about to fail")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        played(in_turn([failing(), counting(1)], lambda number, progress: progress))
