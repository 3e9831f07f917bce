"""Visitors' turns on a real embedded cluster of two workers, one of them kept for short runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from core.errors import InvalidRequest
from core.runs.engine import Engine, connect
from core.runs.lab import Lab
from core.runs.queue.limits import Limits
from core.runs.registry import Run, State
from core.runs.request import key_of
from core.settings import Settings
from tests.runs.count import CountRequest
from tests.runs.counts import CountsRequest

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # Dask warns on its own account when workers end


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    lab = Lab.open(Settings(home=tmp_path_factory.mktemp("home")))
    engine = connect(lab, None, workers=2, memory="2GiB", limits=Limits(runs_per_visitor=4, kept=True))
    engine._client.wait_for_workers(2, timeout=90)
    yield engine
    engine.close()
    lab.registry.close()


@pytest.fixture(autouse=True)
def empty(engine: Engine) -> Iterator[None]:
    """No run is left over for the next test."""
    yield
    for run in engine.lab.runs():
        engine.cancel(run.id)
    until(lambda: not engine._futures)


def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"it did not come about in {seconds:.0f} s"
        time.sleep(0.02)


def look(engine: Engine, run: Run) -> Run:
    now = engine.lab.look(run.id)
    assert now
    return now


def state(engine: Engine, run: Run) -> State:
    return look(engine, run).state


def long(number: int) -> CountRequest:
    """A minute."""
    return CountRequest(to=600 + number, pause=0.1)


def short(number: int) -> CountRequest:
    """Some tenths of a second."""
    return CountRequest(to=20 + number, pause=0.02)


def test_long_runs_leave_a_worker_to_short_ones(engine: Engine) -> None:
    trainings = [engine.submit(long(n), f"v{n}") for n in range(3)]
    until(lambda: state(engine, trainings[0]) is State.RUNNING)
    quick = engine.submit(short(0), "w")
    until(lambda: state(engine, quick) is State.DONE)
    assert [state(engine, run) for run in trainings] == [State.RUNNING, State.QUEUED, State.QUEUED]
    place = engine.lab.line.place(look(engine, trainings[2]))
    assert place is not None
    assert place.number == 2
    assert 60 <= place.seconds <= 120  # both before it take a minute
    until(lambda: engine.cancel(trainings[0].id) or not look(engine, trainings[0]).alive)
    until(lambda: state(engine, trainings[1]) is State.RUNNING)


def test_a_run_that_waits_is_cancelled_at_once_and_never_begins(engine: Engine) -> None:
    trainings = [engine.submit(long(n), f"v{n}") for n in range(2)]
    until(lambda: state(engine, trainings[0]) is State.RUNNING)
    assert engine.cancel(trainings[1].id)
    assert state(engine, trainings[1]) is State.CANCELLED
    assert engine.waiting == frozenset()
    engine.cancel(trainings[0].id)
    until(lambda: not engine._futures)
    assert look(engine, trainings[1]).started is None


def test_a_waiting_run_that_another_process_cancels_is_not_begun(engine: Engine) -> None:
    trainings = [engine.submit(long(n), f"v{n}") for n in range(2)]
    until(lambda: state(engine, trainings[0]) is State.RUNNING)
    engine.lab.registry.cancel(trainings[1].id)
    until(lambda: engine.waiting == frozenset())
    engine.cancel(trainings[0].id)
    until(lambda: not engine._futures)
    assert look(engine, trainings[1]).started is None


def test_who_asks_for_much_does_not_keep_others_waiting(engine: Engine) -> None:
    blocking = [engine.submit(CountRequest(to=50 + n, pause=0.02), "b") for n in range(2)]
    until(lambda: all(state(engine, run) is State.RUNNING for run in blocking))
    many = [engine.submit(short(10 + n), "x") for n in range(4)]
    one = engine.submit(short(20), "y")
    until(lambda: all(state(engine, run) is State.DONE for run in (*many, one)))
    begun = sorted((look(engine, run) for run in (*many, one)), key=lambda run: run.started or 0.0)
    assert one.id in [run.id for run in begun[:2]]


def test_a_visitor_is_refused_what_is_too_much_and_told_what_to_do(engine: Engine) -> None:
    for n in range(4):
        engine.submit(long(n), "x")
    with pytest.raises(InvalidRequest, match="4 runs of yours wait or run, and a visitor may have 4 at once here"):
        engine.submit(long(4), "x")
    assert engine.lab.look(key_of(long(4))) is None  # it leaves no run behind
    assert engine.submit(long(0), "x").alive  # one that they have asked for already is no further one
    engine.submit(long(5), "y")
    engine.submit(long(6))  # the command line


def test_a_joint_run_counts_once(engine: Engine) -> None:
    engine.submit(CountsRequest(counts=tuple(long(50 + n) for n in range(8))), "x")
    until(lambda: len(engine.lab.runs()) >= 9)
    for n in range(3):
        engine.submit(long(20 + n), "x")
    with pytest.raises(InvalidRequest, match="4 runs of yours"):
        engine.submit(long(30), "x")


def test_a_run_that_can_be_stopped_keeps_at_its_limit_what_it_has(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "limits", replace(engine.limits, run_seconds=1.0))
    run = engine.submit(long(40), "x")
    until(lambda: not look(engine, run).alive)
    ended = look(engine, run)
    assert (ended.state, ended.stopping) == (State.DONE, True)
    assert 0 < ended.scores["total"] < 600


def test_a_run_that_cannot_be_stopped_ends_at_its_limit_with_the_reason_and_its_checkpoint(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "limits", replace(engine.limits, run_seconds=1.0))
    monkeypatch.setattr(CountRequest, "stoppable", False)
    run = engine.submit(long(41).model_copy(update={"careful": True}), "x")
    until(lambda: not look(engine, run).alive)
    ended = look(engine, run)
    assert ended.state is State.FAILED
    assert "It ran for" in ended.error
    assert engine.lab.start_of(ended).content
    until(lambda: not engine._futures)  # its worker is free again


def test_ten_visitors_with_the_same_question_have_one_run_and_those_who_stay_have_its_result(engine: Engine) -> None:
    request = CountRequest(to=61, pause=0.05)
    runs = {engine.submit(request, f"v{n}").id for n in range(10)}
    [run_id] = runs
    for n in range(5):
        engine.leave(run_id, f"v{n}")
    until(lambda: not engine.lab.look(run_id).alive)  # type: ignore[union-attr]
    [run] = [engine.lab.look(run_id)]
    assert run
    assert (run.state, run.attempt, run.scores) == (State.DONE, 1, {"total": 61})


def test_ten_visitors_with_different_questions_have_their_turns_and_the_waits_they_were_told(engine: Engine) -> None:
    """Of runs of a second each, two at once; told at the moment of asking, which is not rounded here."""
    told, came = list[float](), list[float]()
    runs = []
    for n in range(10):
        place = engine.lab.line.place_of(engine.lab.line.expected(one := CountRequest(to=50 + n, pause=0.02)), f"v{n}")
        told.append(place.seconds if place else 0.0)
        runs.append(engine.submit(one, f"v{n}"))
    until(lambda: not any(look(engine, run).alive for run in runs))
    ended = [look(engine, run) for run in runs]
    assert {run.state for run in ended} == {State.DONE}
    came = [(run.started or 0.0) - run.created for run in ended]
    begun = sorted(range(10), key=lambda n: ended[n].started or 0.0)
    assert all(abs(begun.index(n) - n) <= 1 for n in range(10))  # in the order in which they asked, two at once
    took = sum(run.seconds or 0.0 for run in ended) / 10
    assert told[:2] == [0.0, 0.0]
    assert all(abs(told[n] - came[n]) <= 3 * max(took, 1.0) for n in range(10))
