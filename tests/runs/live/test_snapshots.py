from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.runs.lab import Lab
from core.runs.live import snapshots
from core.runs.live.snapshots import WENT_ON, gone_on
from core.runs.registry import Run
from core.runs.request import Progress
from tests.runs.count import CountRequest


def begun(lab: Lab, to: int = 5) -> Run:
    run, _ = lab.claim(CountRequest(to=to))
    lab.registry.start(run.id)
    return run


def report(lab: Lab, run: Run, step: int, **more: object) -> None:
    lab.registry.progress(run.id, Progress.model_validate({"phase": "counting", "step": step, "total": 5} | more))


@pytest.fixture
def always_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "FRESH_SECONDS", 0.0)


@pytest.mark.usefixtures("always_fresh")
def test_a_snapshot_is_the_same_object_until_the_run_reports_again(lab: Lab) -> None:
    run = begun(lab)
    report(lab, run, 1, numbers={"n": 1.0}, pictures={"dot": b"1"})
    first = lab.snapshots.of(run.id)
    assert first
    assert (first.run.step, first.numbers[0]["n"], first.pictures) == (1, 1.0, {"dot": b"1"})
    assert lab.snapshots.of(run.id) is first
    report(lab, run, 1, numbers={"n": 2.0})  # the same step
    second = lab.snapshots.of(run.id)
    assert second
    assert second is not first
    assert [row["n"] for row in second.numbers] == [1.0, 2.0]


@pytest.mark.usefixtures("always_fresh")
def test_a_run_that_ended_or_is_not_here_leaves_no_snapshot_behind(lab: Lab) -> None:
    run = begun(lab)
    assert lab.snapshots.of(run.id)
    lab.cancel(run.id)
    ended = lab.snapshots.of(run.id)
    assert ended
    assert not ended.run.alive
    assert lab.snapshots.of("none") is None
    assert not lab.snapshots._kept


def test_the_database_is_read_once_for_many_visitors(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "FRESH_SECONDS", 60.0)
    run = begun(lab)
    looked: list[str] = []
    monkeypatch.setattr(lab.snapshots, "_look", lambda run_id: looked.append(run_id) or lab.look(run_id))
    with ThreadPoolExecutor(8) as visitors:
        seen = list(visitors.map(lambda _: lab.snapshots.of(run.id), range(100)))
    assert looked == [run.id]
    assert len(set(map(id, seen))) == 1


def test_what_this_process_changes_is_seen_at_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "FRESH_SECONDS", 60.0)
    run = begun(lab)
    before = lab.snapshots.of(run.id)
    lab.registry.stop(run.id)
    assert lab.snapshots.of(run.id) is before
    lab.snapshots.forget(run.id)
    after = lab.snapshots.of(run.id)
    assert after
    assert after.run.stopping


def test_a_figure_is_made_once_for_all_threads(lab: Lab) -> None:
    seen = lab.snapshots.of(begun(lab).id)
    assert seen
    drawn: list[str] = []

    def draw(name: str) -> object:
        return seen.once(name, lambda: drawn.append(name) or object())

    with ThreadPoolExecutor(8) as visitors:
        figures = list(visitors.map(draw, ["light", "dark"] * 50))
    assert sorted(drawn) == ["dark", "light"]
    assert len(set(map(id, figures))) == 2


def test_snapshots_of_runs_that_nobody_looks_at_any_more_are_dropped(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "MOST", 2)
    runs = [begun(lab, to) for to in (2, 3, 4)]
    for run in runs:
        lab.snapshots.of(run.id)
    assert list(lab.snapshots._kept) == [run.id for run in runs[1:]]


@pytest.mark.parametrize("phase", ["training", "learning, panel by panel"])
def test_of_a_run_that_went_on_the_curve_goes_on_and_what_came_after_its_checkpoint_is_left_out(phase: str) -> None:
    steps = [0, 10, 20, 30, 15, 25, 35]
    rows = gone_on([{"phase": "reading", "step": 99}, *({"phase": phase, "step": step, "loss": 1.0} for step in steps)])
    assert [row["step"] for row in rows] == [99, 0, 10, 15, 25, 35]
    assert [row["step"] for row in rows if WENT_ON in row] == [15]


@pytest.mark.parametrize(("checkpoint", "kept"), [("a" * 64, 1), (None, 0)], ids=["goes on", "begins anew"])
def test_reports_stay_where_a_run_goes_on_and_go_where_it_begins_anew(lab: Lab, checkpoint: str | None, kept: int) -> None:
    run = begun(lab)
    report(lab, run, 1, numbers={"n": 1.0})
    if checkpoint:
        lab.registry.checkpoint(run.id, checkpoint)
    lab.registry.interrupt(run.id, "the lab was stopped")
    lab.claim(run.request)
    assert len(lab.registry.numbers(run.id)) == kept
