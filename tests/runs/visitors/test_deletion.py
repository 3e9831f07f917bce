from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.errors import InvalidRequest
from core.runs.lab import Lab
from core.runs.registry import Run, State
from core.runs.request import Request, key_of
from core.runs.visitors import deletion
from core.runs.visitors.command import ME
from core.runs.visitors.rules import BY_EVERYONE, BY_LECTURER
from core.runs.visitors.visitor import COMMAND_LINE, LAB, Visitor
from tests.runs.count import CountRequest
from tests.runs.counts import CountsRequest

ADA, BOB = Visitor("a" * 20, "Ada"), Visitor("b" * 20, "Bob")
LECTURER = Visitor("c" * 20, "Eve", lecturer=True)
COUNTS = CountsRequest(counts=(CountRequest(to=4), CountRequest(to=5)))


def done(lab: Lab, request: Request, visitor: str) -> Run:
    for _ in lab.iterate(request, visitor=visitor):
        pass
    run = lab.look(key_of(request))
    assert run
    assert run.state is State.DONE
    return run


@pytest.fixture
def run(lab: Lab) -> Run:
    return done(lab, CountRequest(to=3), ADA.id)


@pytest.fixture
def hurried(open_lab: Callable[[], Lab]) -> Lab:
    """The same lab, in which nothing can be undone."""
    return replace(open_lab(), undo_seconds=0.0)


def listed(lab: Lab, **whose: str) -> list[str]:
    return [run.id for run in lab.runs(**whose)]  # type: ignore[arg-type]


def test_what_is_deleted_is_gone_from_every_list_and_undo_brings_it_back_as_it_was(lab: Lab, run: Run) -> None:
    shares = lab.registry.shares.of(run.id)
    deletion.delete(lab, lab, [run.id], ADA)
    assert listed(lab, of=ADA.id) == listed(lab, seen_by=BOB.id) == listed(lab) == []
    assert deletion.undo(lab, ADA.id) == [run]
    assert lab.registry.shares.of(run.id) == shares
    assert lab.result(run)
    assert listed(lab, of=ADA.id) == listed(lab, seen_by=BOB.id) == [run.id]


def test_the_result_goes_when_its_time_is_over(lab: Lab, run: Run, hurried: Lab) -> None:
    deletion.delete(lab, lab, [run.id], ADA)
    lab.purge()
    assert str(run.result) in lab.store
    hurried.purge()
    assert lab.look(run.id) is None
    assert str(run.result) not in lab.store
    with pytest.raises(InvalidRequest, match="nothing was deleted"):
        deletion.undo(hurried, ADA.id)


def test_a_run_that_another_holds_stays(lab: Lab, run: Run, hurried: Lab) -> None:
    done(lab, run.request, BOB.id)
    deletion.delete(lab, lab, [run.id], ADA)
    hurried.purge()
    assert listed(lab, of=ADA.id) == []
    assert listed(lab, of=BOB.id) == [run.id]
    assert lab.registry.shares.of(run.id).holders == {BOB.id}


def test_whoever_asks_again_in_the_meantime_keeps_it(lab: Lab, run: Run, hurried: Lab) -> None:
    deletion.delete(lab, lab, [run.id], ADA)
    assert done(lab, run.request, BOB.id).attempt == 1
    hurried.purge()
    assert lab.result(run)


def test_nobody_deletes_anothers_run(lab: Lab, run: Run) -> None:
    for everybodys in (False, True):
        with pytest.raises(InvalidRequest, match="not yours"):
            deletion.delete(lab, lab, [run.id], BOB, everybodys)
    assert listed(lab, of=ADA.id) == [run.id]


@pytest.mark.parametrize("by", [ADA, LECTURER, ME])
def test_a_shipped_run_is_harmed_by_nobody(lab: Lab, hurried: Lab, by: Visitor) -> None:
    shipped = done(lab, CountRequest(to=3), LAB)
    with pytest.raises(InvalidRequest, match="comes with the lab"):
        deletion.delete(lab, lab, [shipped.id], by, everybodys=True)
    done(lab, shipped.request, by.id)
    deletion.delete(lab, lab, [shipped.id], by)
    hurried.purge()
    assert lab.result(shipped)
    assert listed(lab) == [shipped.id]
    assert listed(lab, of=by.id) == []


def test_a_living_run_that_is_deleted_goes_on_for_another_and_ends_without_one(lab: Lab) -> None:
    run, _ = lab.claim(CountRequest(to=3), visitor=ADA.id)
    lab.claim(CountRequest(to=3), visitor=BOB.id)
    deletion.delete(lab, lab, [run.id], ADA)
    assert lab.registry.shares.askers(run.id) == {BOB.id}
    assert lab.look(run.id) == run
    deletion.delete(lab, lab, [run.id], BOB)
    ended = lab.look(run.id)
    assert ended
    assert (ended.state, ended.error) == (State.CANCELLED, BY_EVERYONE)


def test_a_living_run_that_one_visitor_asked_for_and_deletes_was_not_ended_by_several(lab: Lab) -> None:
    run, _ = lab.claim(CountRequest(to=4), visitor=ADA.id)
    deletion.delete(lab, lab, [run.id], ADA)
    ended = lab.look(run.id)
    assert ended
    assert (ended.state, ended.error) == (State.CANCELLED, "cancelled")


def test_the_lecturer_deletes_and_cancels_any_and_can_undo_it(lab: Lab, run: Run) -> None:
    living, _ = lab.claim(CountRequest(to=9), visitor=BOB.id)
    deletion.delete(lab, lab, [run.id, living.id], LECTURER, everybodys=True)
    assert listed(lab) == []
    assert deletion.latest_deletion(lab, ADA.id) is None  # hers to undo it is not
    deletion.undo(lab, LECTURER.id)
    assert listed(lab, of=ADA.id) == [run.id]
    ended = lab.look(living.id)
    assert ended
    assert (ended.state, ended.error) == (State.CANCELLED, BY_LECTURER)


def test_undo_brings_back_what_was_deleted_last_and_then_what_was_before(lab: Lab, run: Run) -> None:
    second = done(lab, CountRequest(to=4), ADA.id)
    deletion.delete(lab, lab, [run.id], ADA)
    deletion.delete(lab, lab, [second.id], ADA)
    assert deletion.undo(lab, ADA.id) == [second]
    assert deletion.undo(lab, ADA.id) == [run]


def test_a_deleted_whole_takes_the_parts_with_it_that_nobody_else_has(lab: Lab, hurried: Lab) -> None:
    part = done(lab, CountRequest(to=4), BOB.id)
    whole = done(lab, COUNTS, ADA.id)
    assert len(listed(lab, of=ADA.id)) == 3
    deletion.delete(lab, lab, [whole.id], ADA)
    assert listed(lab) == [part.id]
    hurried.purge()
    assert [run.id for run in lab.registry.runs()] == [part.id]


def test_pinned_runs_stand_first_and_nobody_deletes_them(lab: Lab, run: Run, hurried: Lab) -> None:
    newer = done(lab, CountRequest(to=4), BOB.id)
    assert listed(lab) == [newer.id, run.id]
    with pytest.raises(InvalidRequest, match="only the lecturer"):
        deletion.pin(lab, run, BOB)
    deletion.pin(lab, run, LECTURER)
    assert listed(lab, seen_by=BOB.id) == [run.id, newer.id]
    with pytest.raises(InvalidRequest, match="unpin it first"):
        deletion.delete(lab, lab, [run.id], LECTURER, everybodys=True)
    deletion.delete(lab, lab, [run.id], ADA)
    hurried.purge()
    assert lab.result(run)
    deletion.unpin(lab, run, LECTURER)
    assert listed(lab) == [newer.id]
    assert deletion.undo(lab, LECTURER.id) == [run]
    assert listed(lab) == [run.id, newer.id]


def test_only_a_finished_run_is_pinned(lab: Lab) -> None:
    run, _ = lab.claim(CountRequest(to=3))
    with pytest.raises(InvalidRequest, match="only finished runs"):
        deletion.pin(lab, run, ME)


@pytest.mark.parametrize("by", [LECTURER, ME])
def test_a_reset_leaves_what_is_shipped_and_pinned_with_its_parts_and_is_undone(lab: Lab, run: Run, by: Visitor) -> None:
    done(lab, CountRequest(to=7), LAB)
    deletion.pin(lab, done(lab, COUNTS, BOB.id), by)
    lab.claim(CountRequest(to=9), visitor=BOB.id)
    before = set(listed(lab))
    plan = deletion.reset(lab, lab, by)
    assert plan.sentence == (
        "2 runs of 2 visitors go; 1 of them is not finished and will be cancelled. 2 shipped and pinned runs stay."
    )
    assert set(listed(lab)) == before - set(plan.gone)
    assert {one.title for one in lab.runs()} == {"Count to 7", "2 counts", "Count to 4", "Count to 5"}
    deletion.undo(lab, by.id)
    assert set(listed(lab)) == before
    assert listed(lab, of=ADA.id) == [run.id]


def test_only_the_lecturer_resets(lab: Lab, run: Run) -> None:
    with pytest.raises(InvalidRequest, match="only the lecturer"):
        deletion.reset(lab, lab, ADA)
    assert listed(lab) == [run.id]


def test_a_run_of_an_earlier_version_is_in_all_lists_and_only_who_rules_all_deletes_it(lab: Lab, run: Run) -> None:
    lab.registry.shares._share.delete().execute()
    assert listed(lab, seen_by=BOB.id) == [run.id]
    assert listed(lab, of=ADA.id) == []
    with pytest.raises(InvalidRequest, match="not yours"):
        deletion.delete(lab, lab, [run.id], ADA)
    deletion.delete(lab, lab, [run.id], ME, everybodys=True)
    assert listed(lab) == []
    deletion.undo(lab, COMMAND_LINE)
    assert listed(lab, seen_by=BOB.id) == [run.id]
    assert lab.registry.shares.of(run.id).own == ()


def test_a_private_visitors_runs_and_their_parts_are_in_nobody_elses_list(lab: Lab) -> None:
    done(lab, COUNTS, ADA.id)
    assert len(listed(lab, seen_by=BOB.id)) == 3
    lab.registry.people.keep_private(ADA.id, True)
    assert listed(lab, seen_by=BOB.id) == []
    assert len(listed(lab, seen_by=ADA.id)) == 3
    done(lab, COUNTS, BOB.id)
    assert len(listed(lab, seen_by=LECTURER.id)) == 3  # Bob keeps nothing to himself


def test_where_all_is_private_only_shipped_and_pinned_runs_are_in_others_lists(lab: Lab, run: Run) -> None:
    shipped = done(lab, CountRequest(to=4), LAB)
    closed = replace(lab, all_private=True)
    assert listed(closed, seen_by=BOB.id) == [shipped.id]
    assert listed(closed, seen_by=ADA.id) == [shipped.id, run.id]
    deletion.pin(lab, run, ME)
    assert listed(closed, seen_by=BOB.id) == [run.id, shipped.id]
