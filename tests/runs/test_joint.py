"""Joint runs: their parts are runs of their own, in one process and on a real embedded cluster."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import Any

import pytest

from core.errors import InvalidRequest
from core.runs.cluster.parts import parts_on_workers
from core.runs.engine import Engine, connect
from core.runs.joint import STOPPED, Tally
from core.runs.kinds import KINDS
from core.runs.lab import Lab
from core.runs.recovery.orphans import adopt
from core.runs.recovery.room import awaited
from core.runs.registry import Run, State
from core.runs.request import Progress, Request, Wish, key_of
from core.runs.result import Result
from core.settings import Settings
from tests.runs.count import CountRequest
from tests.runs.counts import CountsRequest, CountsResult

cluster = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
OpenLab = Callable[[], Lab]


def counts(*to: int, **settings: Any) -> CountsRequest:
    return CountsRequest(counts=tuple(CountRequest(to=n, **settings) for n in to))


def finish(lab: Lab, request: Request) -> Run:
    for _ in lab.iterate(request):
        pass
    return lab.registry.find(key_of(request))


# -- a request of parts ------------------------------------------------------------------------------


def test_a_joint_request_runs_without_a_lab() -> None:
    def asked() -> Generator[Progress, Any, None]:
        kept.append((yield from KINDS["counts"].run(counts(1, 2, -1), {})))

    kept: list[Result] = []
    assert [progress.step for progress in asked()] == [0, 100, 150]
    [result] = kept
    assert result == CountsResult(totals={"to 1": 1, "to 2": 2}, failed={"to -1": "cannot count to -1"})


def test_its_inputs_are_those_of_its_parts_each_once() -> None:
    request = CountsRequest(counts=tuple(CountRequest(to=n, image=image) for n, image in enumerate(("aa", "bb", "aa"))))
    assert request.inputs == ("aa", "bb")


def test_a_request_whose_parts_could_only_fail_is_refused(lab: Lab) -> None:
    with pytest.raises(InvalidRequest, match="none of the 2 parts can be done: cannot count to -1"):
        lab.claim(counts(-1, -2))
    assert lab.registry.runs() == []


def test_a_tally_says_what_is_done_what_is_at_work_and_how_long_still(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter((0.0, 10.0, 15.0, 20.0))
    monkeypatch.setattr("core.runs.joint.time.monotonic", lambda: next(clock))
    tally = Tally("abcdef")
    tally.begin(["a"])  # at 10 s
    progress = tally.progress({"c": 0.25}, ["b"])  # 1.25 parts in 5 s, 3.75 to do
    assert (progress.phase, progress.step, progress.total, progress.seconds_left) == ("2 of 6 done, now c", 225, 600, 15.0)
    assert tally.progress(dict.fromkeys("cdef", 1.0)).phase == "2 of 6 done, now c, d, e and 1 more"


# -- in one process ----------------------------------------------------------------------------------


def test_every_part_is_a_run_of_its_own(lab: Lab) -> None:
    run = finish(lab, counts(2, 3))
    assert (run.state, run.scores) == (State.DONE, {"totals": {"to 2": 2, "to 3": 3}, "failed": {}})
    assert {part.title: (part.state, part.direct) for part in lab.runs()} == {
        "2 counts": (State.DONE, True),
        "Count to 2": (State.DONE, False),
        "Count to 3": (State.DONE, False),
    }
    assert [part.title for part in lab.runs(parts=False)] == ["2 counts"]


def test_a_part_that_was_done_before_is_served_from_the_store(lab: Lab) -> None:
    before = finish(lab, CountRequest(to=2))
    finish(lab, counts(2, 3))
    assert lab.registry.get(before.id) == before


def test_a_part_asked_for_later_is_a_run_that_was_asked_for(lab: Lab) -> None:
    finish(lab, counts(2, 3))
    finish(lab, CountRequest(to=2))
    assert {run.title for run in lab.runs(parts=False)} == {"2 counts", "Count to 2"}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (CountRequest(to=-1), "cannot count to -1"),
        (CountRequest(to=1, mood="diverges"), "the loss is nan after 3 steps"),
        (CountRequest(to=1, mood="broken"), "An unexpected ZeroDivisionError: division by zero"),
        (CountRequest(to=1, mood="lost"), "An unexpected FileNotFoundError: No such file or directory"),
    ],
)
def test_a_part_that_fails_does_not_end_the_others(lab: Lab, bad: CountRequest, reason: str) -> None:
    run = finish(lab, CountsRequest(counts=(bad, CountRequest(to=4))))
    assert run.scores == {"totals": {"to 4": 4}, "failed": {f"to {bad.to}": reason}}


def test_a_joint_run_of_failed_parts_has_failed_with_the_reason(lab: Lab) -> None:
    run = finish(lab, counts(1, 2, mood="diverges"))
    assert (run.state, run.error) == (State.FAILED, "none could be counted: the loss is nan after 3 steps")


def test_progress_of_the_whole_counts_its_parts_and_names_what_runs(lab: Lab) -> None:
    reports: list[Progress] = list(lab.iterate(counts(4, 5, 6, pause=0.1)))
    assert {progress.total for progress in reports} == {300}
    assert [progress.step for progress in reports] == sorted(progress.step for progress in reports)
    assert {"0 of 3 done, now to 4", "1 of 3 done, now to 5", "2 of 3 done, now to 6"} == {one.phase for one in reports}


def test_leaving_the_whole_cancels_the_part_it_is_at_and_keeps_those_that_are_done(lab: Lab) -> None:
    running = lab.iterate(counts(3, 100, 101, pause=0.05))
    while "1 of 3" not in next(running).phase:
        pass
    running.close()
    states = {run.title: run.state for run in lab.runs()}
    assert states == {"3 counts": State.CANCELLED, "Count to 3": State.DONE, "Count to 100": State.CANCELLED}


@pytest.mark.parametrize("when", ["0 of 3", "1 of 3"])
def test_stopped_it_is_judged_by_the_parts_that_are_done_at_least_one(lab: Lab, when: str) -> None:
    request = counts(3, 100, 101, pause=0.02)
    for progress in lab.iterate(request):
        if when in progress.phase:
            lab.registry.stop(key_of(request))
    run = lab.registry.find(key_of(request))
    assert run.scores == {"totals": {"to 3": 3}, "failed": {"to 100": STOPPED, "to 101": STOPPED}}


def test_a_part_that_is_needed_is_done_although_the_whole_was_stopped(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CountsRequest, "needed", property(lambda _: frozenset({"to 5"})))
    request = counts(3, 50, 5, pause=0.02)
    for _ in lab.iterate(request):
        lab.registry.stop(key_of(request))
    assert lab.registry.find(key_of(request)).scores["totals"].keys() == {"to 3", "to 5"}


def test_stopped_on_workers_it_waits_no_more_and_ends_what_nobody_else_waits_for(lab: Lab) -> None:
    request = counts(1, 2, 3)
    [first, wanted, _] = request.parts.values()
    finish(lab, first)
    lab.claim(wanted)  # by somebody else
    whole, _ = lab.claim(request)
    lab.registry.start(whole.id)
    parts = parts_on_workers(lab, whole, request, lambda run, part: None, partial(lab.cancel, unless_awaited=True))
    while "1 of 3" not in next(parts).phase:
        pass
    lab.registry.stop(whole.id)
    with pytest.raises(StopIteration) as end:
        parts.send(Wish.STOP)
    assert end.value.value == CountsResult(totals={"to 1": 1}, failed={"to 2": STOPPED, "to 3": STOPPED})
    states = {one.title: one.state for one in lab.runs()}
    assert (states["Count to 2"], states["Count to 3"]) == (State.QUEUED, State.CANCELLED)


def test_cancelling_the_whole_from_elsewhere_ends_it(lab: Lab, open_lab: OpenLab) -> None:
    request = counts(100, 101, pause=0.05)
    running = lab.iterate(request)
    next(running)
    assert open_lab().cancel(key_of(request))
    list(running)
    assert {run.state for run in lab.runs()} == {State.CANCELLED}
    assert list(lab.store.digests()) == []


def test_an_attempt_that_was_asked_again_meanwhile_leaves_the_new_one_alone(lab: Lab) -> None:
    request = CountRequest(to=50, pause=0.05)
    first = lab.iterate(request)
    next(first)
    lab.cancel(key_of(request))
    lab.claim(request)
    list(first)
    run = lab.look(key_of(request))
    assert run
    assert (run.state, run.attempt) == (State.QUEUED, 2)


def test_a_part_is_left_alone_while_somebody_waits_for_it(lab: Lab) -> None:
    part, wholes = CountRequest(to=9), [counts(9, 1), counts(9, 2)]
    ids = [lab.claim(whole)[0].id for whole in wholes]
    for whole in ids:
        lab.claim(part, whole)
    for whole in ids:
        assert not lab.cancel(key_of(part), unless_awaited=True)
        lab.cancel(whole)
    assert lab.cancel(key_of(part), unless_awaited=True)
    lab.claim(part, lab.claim(wholes[0])[0].id)
    lab.claim(part)  # a visitor asks for the same
    lab.cancel(ids[0])
    assert not lab.cancel(key_of(part), unless_awaited=True)


def test_after_a_restart_the_whole_is_interrupted_with_its_parts_and_finds_those_that_were_done(open_lab: OpenLab) -> None:
    gone, here = open_lab(), open_lab()
    request = counts(2, 3, 4)
    whole, _ = gone.claim(request)
    gone.registry.start(whole.id)
    done = finish(gone, CountRequest(to=2))
    for part in request.counts:
        gone.claim(part, whole.id)
    gone.registry.close()  # what the system does to a killed process's lock
    assert adopt(here.registry) == []
    assert {run.title: run.state for run in here.runs()} == {
        "3 counts": State.INTERRUPTED,
        "Count to 2": State.DONE,
        "Count to 3": State.INTERRUPTED,
        "Count to 4": State.INTERRUPTED,
    }
    assert finish(here, request).scores["totals"] == {"to 2": 2, "to 3": 3, "to 4": 4}
    assert here.registry.get(done.id) == done


def test_a_part_interrupted_elsewhere_interrupts_the_whole(open_lab: OpenLab) -> None:
    gone, here = open_lab(), open_lab()
    request = counts(2, 3)
    part, _ = gone.claim(request.counts[0])
    running = here.iterate(request)
    next(running)  # it waits for the other process
    gone.registry.close()
    list(running)
    run = here.look(key_of(request))
    assert run
    assert (run.state, run.error) == (State.INTERRUPTED, here.look(part.id).error)  # type: ignore[union-attr]
    assert finish(here, request).state is State.DONE


def test_results_of_parts_are_kept_while_the_whole_needs_them(lab: Lab) -> None:
    request = counts(2, 3)
    whole, _ = lab.claim(request)
    for part in request.counts:
        lab.claim(part, whole.id)
    finish_part = lab.complete(lab.registry.find(key_of(request.counts[0])))
    list(finish_part)
    assert awaited(lab.registry) == {lab.registry.find(key_of(request.counts[0])).result}
    lab.cancel(whole.id)
    assert awaited(lab.registry) == set()


def test_a_lab_from_before_parts_is_opened_with_its_runs(open_lab: OpenLab) -> None:
    before = open_lab()
    run = finish(before, CountRequest(to=2))
    before.registry._db.execute_sql("ALTER TABLE run DROP COLUMN direct")
    before.registry._db.execute_sql("DROP TABLE part")
    before.registry._db.close()
    assert open_lab().runs(parts=False) == [run]


# -- on a cluster ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    lab = Lab.open(Settings(home=tmp_path_factory.mktemp("home")))
    engine = connect(lab, None, workers=2, memory="2GiB")
    yield engine
    engine.close()
    lab.registry.close()


@pytest.fixture
def engine(started: Engine) -> Engine:
    """Both workers are there: the test before may have killed one."""
    started._client.wait_for_workers(2, timeout=90)
    return started


def wait(engine: Engine, request: Request, until: Callable[[Run], bool], seconds: float = 30) -> Run:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        run = engine.lab.look(key_of(request))
        if run and until(run):
            return run
        time.sleep(0.02)
    raise AssertionError(f"{request.title} is still {run.state if run else 'not there'} after {seconds} s")


def ended(run: Run) -> bool:
    return not run.alive


def running(run: Run) -> bool:
    return run.state is State.RUNNING


class TestOnACluster:
    pytestmark = cluster

    def test_parts_are_done_side_by_side_and_joined(self, engine: Engine) -> None:
        request = counts(10, 11, 12, -1, pause=0.1)
        engine.submit(request)
        wait(engine, request, lambda run: "now to 10, to 11" in run.phase)
        run = wait(engine, request, ended)
        assert run.scores["totals"] == {"to 10": 10, "to 11": 11, "to 12": 12}
        assert run.scores["failed"] == {"to -1": "cannot count to -1"}
        parts = engine.lab.part_runs(request)
        first, second, *_ = sorted((part.started, part.finished) for part in parts.values() if part.state is State.DONE)
        assert second[0] < first[1]

    def test_cancelling_the_whole_cancels_the_parts_that_it_alone_waits_for(self, engine: Engine) -> None:
        request = counts(20, 200, 201, 202, pause=0.1)
        engine.submit(request)
        engine.submit(request.counts[0])  # a visitor asks for the same
        wait(engine, request.counts[1], running)
        assert engine.cancel(key_of(request))
        states = [wait(engine, part, ended).state for part in request.counts]
        assert states == [State.DONE, State.CANCELLED, State.CANCELLED, State.CANCELLED]
        assert engine.lab.look(key_of(request)).state is State.CANCELLED  # type: ignore[union-attr]

    def test_a_whole_cancelled_from_elsewhere_cancels_its_parts(self, engine: Engine) -> None:
        request = counts(210, 211, pause=0.1)
        engine.submit(request)
        wait(engine, request.counts[0], running)
        engine.lab.registry.cancel(key_of(request))  # as another process would
        assert [wait(engine, part, ended).state for part in request.counts] == [State.CANCELLED] * 2

    def test_a_cancelled_whole_can_be_asked_again_at_once(self, engine: Engine) -> None:
        request = counts(8, 9, pause=0.05)
        engine.submit(request)
        wait(engine, request.counts[0], running)
        engine.cancel(key_of(request))
        engine.submit(request)
        run = wait(engine, request, ended)
        assert (run.state, run.attempt, run.scores["totals"]) == (State.DONE, 2, {"to 8": 8, "to 9": 9})

    def test_a_part_cancelled_by_itself_is_a_failed_one(self, engine: Engine) -> None:
        request = counts(13, 220, pause=0.1)
        engine.submit(request)
        wait(engine, request.counts[1], running)
        engine.cancel(key_of(request.counts[1]))
        failed = wait(engine, request, ended).scores["failed"]
        assert list(failed) == ["to 220"]
        assert "cancelled" in failed["to 220"]

    def test_somebody_who_asks_for_one_run_does_not_wait_for_the_parts(self, engine: Engine) -> None:
        request = counts(*range(30, 42), pause=0.05)
        engine.submit(request)
        wait(engine, request, lambda run: "done, now" in run.phase)
        alone = CountRequest(to=7)
        engine.submit(alone)
        wait(engine, alone, ended)
        assert running(engine.lab.look(key_of(request)))  # type: ignore[arg-type]
        engine.cancel(key_of(request))

    def test_a_killed_worker_costs_the_part_that_it_does(self, engine: Engine) -> None:
        request = counts(60, 14, 15, 16, pause=0.05)
        engine.submit(request)
        wait(engine, request.counts[0], running)
        addresses = engine._client.run(os.getpid)
        [address] = [where for task, where in engine._workers.items() if task.startswith(key_of(request.counts[0]))]
        os.kill(addresses[address], signal.SIGKILL)
        run = wait(engine, request, ended, seconds=60)
        assert run.scores == {"totals": {"to 60": 60, "to 14": 14, "to 15": 15, "to 16": 16}, "failed": {}}
