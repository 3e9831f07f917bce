from __future__ import annotations

import gc
import os
import time
import weakref
from collections.abc import Callable

import pytest

from core.drive import returned
from core.errors import InvalidRequest, RunFailed, StoreError
from core.runs.lab import Lab
from core.runs.recovery.orphans import adopt
from core.runs.registry import Run, State
from core.runs.request import Progress, Request, key_of
from core.runs.storage.folder import Folder
from core.runs.store import Store
from core.settings import Settings
from tests.runs.count import CountRequest

pytestmark = pytest.mark.databases

OpenLab = Callable[[], Lab]


def finish(lab: Lab, request: Request) -> Run:
    return returned(lab.iterate(request))


def test_a_run_is_kept_with_its_result_and_scores(lab: Lab) -> None:
    run = finish(lab, CountRequest(to=4))
    assert (run.state, run.headline, run.scores) == (State.DONE, "counted to 4", {"total": 4})
    assert lab.result(run).squares.tolist() == [0, 1, 4, 9]
    assert run.id == key_of(CountRequest(to=4))


def test_inputs_reach_the_run_by_their_digest(lab: Lab) -> None:
    digest = lab.store.put(b"12345")
    assert finish(lab, CountRequest(to=1, image=digest)).scores == {"total": 6}


def test_a_request_asked_twice_is_served_from_the_store(lab: Lab, open_lab: OpenLab) -> None:
    first = finish(lab, CountRequest(to=2))
    assert finish(open_lab(), CountRequest(to=2)) == first


def test_all_who_look_at_a_result_have_one_object_which_is_let_go_with_the_last_in_a_pause(lab: Lab) -> None:
    run = finish(lab, CountRequest(to=4))
    seen = [lab.result(run) for _ in range(3)]
    assert len(set(map(id, seen))) == 1
    remembered = weakref.ref(seen[0])
    lab.opened.let_go()
    assert lab.result(run) is remembered()
    seen.clear()
    lab.opened.let_go()
    gc.collect()
    assert remembered() is None
    assert lab.result(run).scores == run.scores


def test_a_result_whose_file_is_gone_is_gone_for_those_who_come_later(lab: Lab) -> None:
    run = finish(lab, CountRequest(to=4))
    seen = lab.result(run)
    assert run.result
    lab.store.delete(run.result)
    with pytest.raises(RunFailed, match="is gone"):
        lab.result(run)
    assert seen.scores == run.scores


def test_a_result_in_use_is_not_cleared_before_others(lab: Lab) -> None:
    run, later = finish(lab, CountRequest(to=4)), finish(lab, CountRequest(to=5))
    seen = lab.result(run)
    for one, age in ((run, 200), (later, 100)):
        assert one.result
        os.utime(lab.store.place.path_of(one.result), (time.time() - age,) * 2)
    assert lab.result(run) is seen
    small = Store(Folder(lab.store.place.folder), lab.store.place.path_of(run.result or "").stat().st_size)
    assert small.clear_room() == [later.result]


def test_a_lost_result_is_trained_again(lab: Lab) -> None:
    first = finish(lab, CountRequest(to=2))
    lab.store.delete(str(first.result))
    with pytest.raises(RunFailed, match="run it again"):
        lab.result(first)
    assert finish(lab, CountRequest(to=2)).attempt == 2


@pytest.mark.parametrize(("mood", "reason"), [("diverges", "the loss is nan"), ("broken", "unexpected ZeroDivisionError")])
def test_a_failed_run_says_why_and_can_be_asked_again(lab: Lab, mood: str, reason: str) -> None:
    request = CountRequest(to=1, mood=mood)  # type: ignore[arg-type]
    run = finish(lab, request)
    assert run.state is State.FAILED
    assert reason in run.error
    with pytest.raises(RunFailed, match=reason):
        lab.result(run)
    assert finish(lab, request).attempt == 2


def test_an_iteration_left_early_is_a_cancelled_run_and_leaves_no_file(lab: Lab) -> None:
    running = lab.iterate(CountRequest(to=50, pause=0.01))
    next(running)
    running.close()
    run = lab.registry.get(key_of(CountRequest(to=50, pause=0.01)))
    assert run
    assert run.state is State.CANCELLED
    assert list(lab.store.digests()) == []


def test_cancelling_from_elsewhere_stops_a_run_and_leaves_no_file(lab: Lab, open_lab: OpenLab) -> None:
    request = CountRequest(to=100, pause=0.05)
    running = lab.iterate(request)
    next(running)
    assert open_lab().registry.cancel(key_of(request))
    assert sum(1 for _ in running) < 10
    assert [run.state for run in lab.registry.runs()] == [State.CANCELLED]
    assert list(lab.store.digests()) == []


def test_progress_and_pictures_are_seen_while_it_runs_and_forgotten_after(lab: Lab) -> None:
    request = CountRequest(to=6, pause=0.1)
    running = lab.iterate(request)
    next(running)
    run = lab.look(key_of(request))
    assert run
    assert (run.state, run.phase, run.total) == (State.RUNNING, "counting", 6)
    assert lab.registry.pictures(run.id) == {"dot": b"0"}
    assert lab.registry.numbers(run.id) == [{"n": 0, "step": 0, "phase": "counting"}]
    list(running)
    assert lab.registry.numbers(run.id) == []
    assert lab.registry.pictures(run.id) == {}


def test_of_many_numbers_an_even_share_is_shown_in_their_order(lab: Lab) -> None:
    runs = [lab.claim(CountRequest(to=to))[0] for to in (1, 2)]  # two at once, so that their rows alternate
    for run in runs:
        lab.registry.start(run.id)
    for step in range(9):
        for run in runs:
            lab.registry.progress(run.id, Progress(phase="counting", step=step, total=9))
    for run in runs:
        assert [row["step"] for row in lab.registry.numbers(run.id, most=4)] == [0, 3, 6]
        assert [row["step"] for row in lab.registry.numbers(run.id, most=100)] == list(range(9))


def test_a_run_whose_process_is_gone_is_interrupted_and_can_be_asked_again(open_lab: OpenLab) -> None:
    gone, here = open_lab(), open_lab()
    run, _ = gone.claim(CountRequest(to=2))
    gone.registry.start(run.id)
    assert here.look(run.id).state is State.RUNNING  # type: ignore[union-attr]
    gone.registry.close()  # what the system does to a killed process's lock
    assert here.look(run.id).state is State.INTERRUPTED  # type: ignore[union-attr]
    assert finish(here, CountRequest(to=2)).state is State.DONE


def test_a_new_engine_adopts_what_was_queued_and_leaves_living_owners_alone(open_lab: OpenLab) -> None:
    gone, alive, new = open_lab(), open_lab(), open_lab()
    queued, _ = gone.claim(CountRequest(to=2))
    running, _ = gone.claim(CountRequest(to=3))
    gone.registry.start(running.id)
    other, _ = alive.claim(CountRequest(to=4))
    gone.registry.close()
    assert [run.id for run in adopt(new.registry)] == [queued.id]
    assert new.registry.get(running.id).state is State.INTERRUPTED  # type: ignore[union-attr]
    assert new.registry.get(other.id).owner == alive.registry.owner.name  # type: ignore[union-attr]


def test_deleting_a_run_deletes_its_result(lab: Lab) -> None:
    lab.delete(finish(lab, CountRequest(to=2)))
    assert lab.registry.runs() == []
    assert list(lab.store.digests()) == []


def test_runs_are_found_by_the_beginning_of_their_id(lab: Lab) -> None:
    run = finish(lab, CountRequest(to=2))
    assert lab.registry.find(run.id[:6]).id == run.id
    for unknown in ("", "zzzz", "' OR 1=1 --"):
        with pytest.raises(InvalidRequest, match="no run"):
            lab.registry.find(unknown)


def test_a_question_that_could_only_fail_leaves_no_run(lab: Lab) -> None:
    with pytest.raises(InvalidRequest, match="cannot count to -1"):
        lab.claim(CountRequest(to=-1))
    assert lab.registry.runs() == []


def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path_factory: pytest.TempPathFactory) -> None:
    blocked = tmp_path_factory.mktemp("x") / "file"
    blocked.write_text("not a folder")
    with pytest.raises(StoreError, match="GRIDCAST_HOME"):
        Lab.open(Settings(home=blocked))


def test_progress_after_the_end_changes_nothing(lab: Lab) -> None:
    run = finish(lab, CountRequest(to=2))
    lab.registry.progress(run.id, Progress(phase="late", step=1, total=2))
    assert lab.registry.get(run.id) == run


def test_a_run_told_to_stop_ends_early_and_keeps_what_it_has(lab: Lab, open_lab: OpenLab) -> None:
    request = CountRequest(to=200, pause=0.02)
    running = lab.iterate(request)
    next(running)
    assert open_lab().registry.stop(key_of(request))
    assert sum(1 for _ in running) < 10
    run = lab.registry.get(key_of(request))
    assert run
    assert run.state is State.DONE
    assert 0 < run.scores["total"] < 100
    assert not lab.registry.stop(run.id)


def test_a_kind_that_cannot_stop_is_told_nothing(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CountRequest, "stoppable", False)
    request = CountRequest(to=20, pause=0.02)
    running = lab.iterate(request)
    next(running)
    lab.registry.stop(key_of(request))
    assert sum(1 for _ in running) >= 1
    assert [run.scores for run in lab.registry.runs()] == [{"total": 20}]


def test_the_note_of_a_living_run_is_there_for_the_screens(lab: Lab) -> None:
    running = lab.iterate(CountRequest(to=3))
    next(running)
    assert [run.note for run in lab.registry.runs()] == ["0 is fine"]
    list(running)


def test_an_interrupted_run_keeps_its_latest_checkpoint_and_no_other(lab: Lab, open_lab: OpenLab) -> None:
    request = CountRequest(to=100, pause=0.1, careful=True)
    running = lab.iterate(request)
    while next(running).step < 5:
        pass
    lab.registry.interrupt(key_of(request), "the power went")
    run = lab.registry.get(key_of(request))
    assert run
    assert lab.start_of(run).content
    assert len(list(lab.store.digests())) == 1
    lab.delete(run)
    assert list(lab.store.digests()) == []


@pytest.mark.parametrize("end", ["cancel", "finish"])
def test_a_run_that_has_ended_otherwise_keeps_no_checkpoint(lab: Lab, end: str) -> None:
    request = CountRequest(to=8, pause=0.06, careful=True)
    running = lab.iterate(request)
    while next(running).step < 1:
        pass
    assert len(list(lab.store.digests())) == 1
    if end == "cancel":
        running.close()
    list(running)
    run = lab.registry.get(key_of(request))
    assert run
    assert list(lab.store.digests()) == ([run.result] if end == "finish" else [])


def test_a_lab_from_before_notes_and_checkpoints_is_opened_with_its_runs(open_lab: OpenLab) -> None:
    before = open_lab()
    run = finish(before, CountRequest(to=2))
    for column in ("note", "stopping", "checkpoint"):
        before.registry._db.execute_sql(f"ALTER TABLE run DROP COLUMN {column}")
    before.registry._db.close()
    after = open_lab().registry.get(run.id)
    assert after
    assert (after.state, after.note, after.stopping, after.checkpoint) == (State.DONE, "", False, None)
