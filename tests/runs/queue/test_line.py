"""The queue as it is read from a lab: who waits, who is at work, how long runs take there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.runs.database.engines import EngineNote
from core.runs.kinds import KINDS
from core.runs.lab import Lab
from core.runs.queue.places import Place
from core.runs.queue.policy import Workers
from core.runs.registry import Run
from core.runs.work import Outcome
from core.speed import REFERENCE_SECONDS
from tests.runs.count import CountRequest
from tests.runs.counts import CountsRequest


def asked(lab: Lab, to: int, visitor: str = "x", **more: Any) -> Run:
    run, _ = lab.claim(CountRequest(to=to, **more), visitor=visitor)
    return run


def took(lab: Lab, to: int, seconds: float) -> None:
    """A count that came to its end."""
    run = asked(lab, to)
    lab.registry.start(run.id)
    lab.keep(run.id, Outcome(seconds, b"a result"))


@pytest.fixture
def engine(lab: Lab) -> EngineNote:
    return lab.registry.engines.note(lab.registry.owner.name, "inproc", workers=2, kept=1)


def test_a_run_without_a_row_that_ended_takes_what_its_kind_says(lab: Lab) -> None:
    assert lab.line.expected(CountRequest(to=1)) == KINDS["count"].seconds


def test_how_long_runs_take_is_learned_from_those_that_ended(lab: Lab) -> None:
    for to, seconds in ((1, 3.0), (2, 4.0), (3, 50.0)):
        took(lab, to, seconds)
    assert lab.line.expected(CountRequest(to=9)) == 4.0


def test_a_machine_that_is_slower_is_expected_to_take_longer_until_it_has_runs_of_its_own(lab: Lab, engine: EngineNote) -> None:
    lab.registry.engines.measured(engine.owner, 2.5 * REFERENCE_SECONDS)
    assert lab.line.slowness() == pytest.approx(2.5)
    assert lab.line.expected(CountRequest(to=1)) == pytest.approx(2.5 * KINDS["count"].seconds)


def test_seconds_that_a_run_is_given_are_the_same_on_a_slow_machine(
    lab: Lab, engine: EngineNote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CountRequest, "timed", True)
    lab.registry.engines.measured(engine.owner, 2.5 * REFERENCE_SECONDS)
    assert lab.line.expected(CountRequest(to=1)) == KINDS["count"].seconds


def test_a_run_that_is_given_ten_seconds_stays_short_however_busy_the_machine_was(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CountRequest, "timed", True)
    monkeypatch.setattr(CountRequest, "size", 10.0)
    took(lab, 1, 13.0)
    assert lab.line.expected(CountRequest(to=9)) == 13.0
    for to in (2, 3):
        took(lab, to, 45.0)
    lab.line.durations.forget()
    assert lab.line.expected(CountRequest(to=9)) == 20.0


def test_the_line_knows_who_asked_what_waits_and_what_is_at_work(lab: Lab, engine: EngineNote) -> None:
    running, waiting = asked(lab, 1, "x"), asked(lab, 2, "y")
    lab.claim(CountRequest(to=2), visitor="z")
    lab.registry.start(running.id)
    queue = lab.line.queue(engine)
    assert [(run.run, run.visitors) for run in queue.at_work] == [(running.id, {"x"})]
    assert [(run.run, run.visitors, run.direct) for run in queue.waiting] == [(waiting.id, {"y", "z"}, True)]
    assert queue.workers == Workers(2, 1)
    assert queue.served["x"].seconds >= 0


def test_a_run_that_the_engine_has_sent_is_at_work_before_it_reports(lab: Lab, engine: EngineNote) -> None:
    run = asked(lab, 1)
    assert [one.run for one in lab.line.queue(engine, sent={run.id}).at_work] == [run.id]


def test_a_run_that_has_left_its_worker_does_not_hold_it(lab: Lab, engine: EngineNote) -> None:
    lab.registry.start(asked(lab, 1).id)
    assert lab.line.queue(engine, sent=()).at_work == ()


def test_a_joint_run_needs_no_worker_and_its_parts_are_those_of_who_asked_for_it(lab: Lab, engine: EngineNote) -> None:
    part = CountRequest(to=1)
    whole, _ = lab.claim(CountsRequest(counts=(part,)), visitor="x")
    lab.registry.start(whole.id)
    lab.claim(part, whole=whole.id)
    queue = lab.line.queue(engine)
    assert queue.at_work == ()
    assert [(run.visitors, run.direct) for run in queue.waiting] == [({"x"}, False)]


def test_places_are_told_by_run_and_to_one_who_would_ask_now(lab: Lab, engine: EngineNote) -> None:
    for to in (1, 2):
        lab.registry.start(asked(lab, to).id)
    waiting = asked(lab, 3, "y")
    place = lab.line.place(waiting)
    assert place is not None
    assert (place.number, place.seconds) == (1, KINDS["count"].seconds)
    would_be = lab.line.place_of(10.0, "z")
    assert would_be is not None
    assert would_be.number == 2


def test_where_a_worker_is_free_nobody_is_told_a_wait(lab: Lab, engine: EngineNote) -> None:
    lab.registry.start(asked(lab, 1).id)
    assert lab.line.place_of(10.0, "z") is None


def test_without_an_engine_there_is_no_queue(lab: Lab) -> None:
    assert lab.line.place(asked(lab, 1)) is None
    assert lab.line.place_of(10.0, "z") is None


def test_another_process_reads_the_same_places(open_lab: Callable[[], Lab]) -> None:
    server, shell = open_lab(), open_lab()
    server.registry.engines.note(server.registry.owner.name, "tcp://1", workers=1, kept=0)
    server.registry.start(asked(server, 1).id)
    waiting = asked(server, 2)
    assert shell.line.places(waiting.owner)[waiting.id].number == 1


def test_engines_on_one_cluster_share_its_workers(open_lab: Callable[[], Lab]) -> None:
    one, two = open_lab(), open_lab()
    for lab in (one, two):
        lab.registry.engines.note(lab.registry.owner.name, "tcp://1", workers=2, kept=0)
        lab.registry.start(asked(lab, 1 if lab is one else 2).id)
    assert one.line.place_of(10.0, "z") is not None
    two.registry.close()
    one.line.forget()
    assert one.line.place_of(10.0, "z") is None  # what that process ran has no worker any more


def test_a_place_is_said_as_exactly_as_it_can_be(lab: Lab) -> None:
    lab.registry.engines.note(lab.registry.owner.name, "inproc", workers=1, kept=0)
    running = asked(lab, 1)
    lab.registry.expect(running.id, 43.0)
    lab.registry.start(running.id)
    assert lab.line.place(asked(lab, 2)) == Place(1, 40.0)
