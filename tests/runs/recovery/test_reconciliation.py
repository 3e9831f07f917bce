from __future__ import annotations

import pytest

from core.runs.database.state import State
from core.runs.recovery.reconciliation import SURE_SECONDS, Differences, Doing, Row, Suspicion, differences

NOTHING = Doing(frozenset(), {}, frozenset(), frozenset())
QUEUED, RUNNING = Row("a", State.QUEUED, 1), Row("a", State.RUNNING, 1)


def doing(*, waiting: str = "", here: str = "", begun: str = "", **tasks: tuple[str, int]) -> Doing:
    return Doing(frozenset(waiting), tasks, frozenset(begun.split()), frozenset(here))


@pytest.mark.parametrize(
    ("row", "engine"),
    [
        (QUEUED, doing(waiting="a")),
        (QUEUED, doing(t=("a", 1))),
        (RUNNING, doing(t=("a", 1), begun="t")),
        (RUNNING, doing(here="a")),  # done by a thread, or its last word is being written
        (QUEUED, doing(here="a")),
    ],
)
def test_a_run_that_the_engine_has_as_the_registry_does_needs_nothing(row: Row, engine: Doing) -> None:
    assert differences([row], engine) == Differences()


@pytest.mark.parametrize(
    ("rows", "engine", "expected"),
    [
        ([RUNNING], NOTHING, Differences(lost=("a",))),
        ([QUEUED], NOTHING, Differences(unsent=("a",))),
        ([QUEUED], doing(t=("a", 1), begun="t"), Differences(begun=("a",))),
        ([], doing(t=("a", 1), begun="t"), Differences(unwanted=("t",))),
        ([Row("a", State.RUNNING, 2)], doing(t=("a", 1), u=("a", 2), begun="t u"), Differences(unwanted=("t",))),
        ([Row("a", State.QUEUED, 2)], doing(waiting="a", t=("a", 1)), Differences(unwanted=("t",))),
    ],
)
def test_where_registry_and_engine_differ_it_is_said_what_is_to_be_mended(
    rows: list[Row], engine: Doing, expected: Differences
) -> None:
    assert differences(rows, engine) == expected


def test_a_difference_is_believed_when_it_has_lasted() -> None:
    clock = [0.0]
    suspicion = Suspicion(lambda: clock[0])
    lost = Differences(lost=("a",))
    assert suspicion.sure(lost) == Differences()
    clock[0] = SURE_SECONDS / 2
    assert suspicion.sure(Differences()) == Differences()  # it was only written down late
    assert suspicion.sure(lost) == Differences()
    clock[0] += SURE_SECONDS
    assert suspicion.sure(lost) == lost
