from __future__ import annotations

from typing import Any

import pytest

from core.drive import returned
from core.runs.lab import Lab
from core.runs.registry import Run
from core.system import events
from tests.runs.count import CountRequest

Heard = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """The events of one test."""
    kept: Heard = []
    monkeypatch.setattr(events, "_listeners", [lambda name, fields: kept.append((name, dict(fields)))])
    return kept


def ended(lab: Lab, request: CountRequest) -> Run:
    return returned(lab.iterate(request))


def test_a_run_is_heard_of_when_it_is_queued_started_and_done(lab: Lab, heard: Heard) -> None:
    run = ended(lab, CountRequest(to=3))
    assert [name for name, _ in heard] == ["queued", "running", "done"]
    assert {(fields["run"], fields["kind"]) for _, fields in heard} == {(run.id, "count")}
    assert heard[-1][1]["seconds"] == run.seconds


def test_one_that_fails_says_why(lab: Lab, heard: Heard) -> None:
    run = ended(lab, CountRequest(to=2, mood="diverges"))
    assert heard[-1][0] == "failed"
    assert heard[-1][1]["reason"] == run.error != ""


def test_one_that_is_cancelled_is_heard_of_once(lab: Lab, heard: Heard) -> None:
    run, _ = lab.claim(CountRequest(to=5))
    assert lab.cancel(run.id)
    assert not lab.cancel(run.id)
    assert [name for name, _ in heard] == ["queued", "cancelled"]


def test_a_run_that_is_there_already_is_no_event(lab: Lab, heard: Heard) -> None:
    ended(lab, CountRequest(to=3))
    heard.clear()
    ended(lab, CountRequest(to=3))
    assert heard == []
