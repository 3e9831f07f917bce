"""A run that is done in this process, as the command line does, while the lab's database is away or its disk is full."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.errors import DatabaseError, StoreError
from core.runs.lab import Lab
from core.runs.registry import State
from core.runs.request import key_of
from tests.runs.count import CountRequest
from tests.runs.counts import CountsRequest

AWAY = DatabaseError("the lab's database is locked")
FULL = StoreError("cannot write: No space left on device")


def failing(do: Callable[..., Any], times: int, error: Exception) -> Callable[..., Any]:
    left = iter([error] * times)

    def failing_first(*words: Any, **more: Any) -> Any:
        if now := next(left, None):
            raise now
        return do(*words, **more)

    return failing_first


@pytest.mark.parametrize("place", ["start", "progress", "wish", "finish"])
def test_a_run_comes_to_its_end_whatever_word_of_it_falls_into_an_outage(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setattr(lab.registry, place, failing(getattr(lab.registry, place), 2, AWAY))
    request = CountRequest(to=6, pause=0.11)
    list(lab.iterate(request))
    run = lab.registry.find(key_of(request))
    assert (run.state, run.scores) == (State.DONE, {"total": 6})


def test_a_joint_run_counts_no_part_as_failed_because_of_an_outage(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab.registry, "start", failing(lab.registry.start, 2, AWAY))
    request = CountsRequest(counts=(CountRequest(to=2), CountRequest(to=3)))
    list(lab.iterate(request))
    assert lab.registry.find(key_of(request)).scores["failed"] == {}


def test_a_result_that_the_disk_does_not_take_is_kept_until_it_does(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab.store, "put", failing(lab.store.put, 2, FULL))
    list(lab.iterate(CountRequest(to=3)))
    assert lab.registry.find(key_of(CountRequest(to=3))).state is State.DONE


def test_one_that_it_never_takes_fails_its_run_with_the_reason(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab.store, "put", failing(lab.store.put, 10**6, FULL))
    object.__setattr__(lab, "patience", 0.0)
    list(lab.iterate(CountRequest(to=3)))
    run = lab.registry.find(key_of(CountRequest(to=3)))
    assert (run.state, run.error) == (State.FAILED, str(FULL))


def test_a_defect_on_the_way_interrupts_and_does_not_cancel(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled is only what somebody has cancelled."""
    monkeypatch.setattr(lab.registry, "progress", failing(lab.registry.progress, 1, ZeroDivisionError("division by zero")))
    with pytest.raises(ZeroDivisionError):
        list(lab.iterate(CountRequest(to=3)))
    run = lab.registry.find(key_of(CountRequest(to=3)))
    assert run.state is State.INTERRUPTED
    assert "ZeroDivisionError" in run.error
