"""How many runs a visitor may have, and for how long."""

from __future__ import annotations

import pytest

from core.errors import InvalidRequest
from core.runs.queue.limits import GRACE_SECONDS, Limits


def test_a_visitor_with_as_many_runs_as_one_may_have_is_told_what_to_do() -> None:
    sentence = (
        "4 runs of yours wait or run, and a visitor may have 4 at once here: wait until one ends, or cancel one under Runs"
    )
    with pytest.raises(InvalidRequest, match=sentence):
        Limits(runs_per_visitor=4).check({"a", "b", "c", "d"})


def test_a_visitor_with_fewer_is_let_in() -> None:
    Limits(runs_per_visitor=4).check({"a", "b", "c"})
    Limits().check({str(n) for n in range(1000)})


def test_several_runs_at_once_are_let_in_or_refused_as_a_whole() -> None:
    Limits(runs_per_visitor=4).check({"a"}, more=3)
    with pytest.raises(InvalidRequest, match="these are 5 runs; a visitor may have 4 at once here: ask for fewer, or a sweep"):
        Limits(runs_per_visitor=4).check(set(), more=5)
    with pytest.raises(InvalidRequest, match="at once here, and 2 of yours wait or run already: ask for fewer"):
        Limits(runs_per_visitor=4).check({"a", "b"}, more=3)


def test_of_a_single_run_is_spoken_in_the_singular() -> None:
    with pytest.raises(InvalidRequest, match="a run of yours waits or runs, and a visitor may have 1 at once"):
        Limits(runs_per_visitor=1).check({"a"})


def test_a_run_is_stopped_at_its_limit_and_ended_after_a_grace_if_it_can_be_stopped() -> None:
    limits = Limits(run_seconds=60.0)
    assert (limits.stops(59.0), limits.stops(61.0)) == (False, True)
    assert limits.ends(61.0, stoppable=False)
    assert not limits.ends(61.0, stoppable=True)
    assert limits.ends(61.0 + GRACE_SECONDS, stoppable=True)


def test_without_a_limit_nothing_is_ended() -> None:
    assert not Limits().stops(1e9)
    assert not Limits().ends(1e9, stoppable=False)


def test_the_reason_names_the_limit_and_the_setting() -> None:
    assert Limits(run_seconds=90.0).reason.startswith(
        "It ran for 1.5 minutes, as long as one run may here (GRIDCAST_RUN_MINUTES)"
    )
