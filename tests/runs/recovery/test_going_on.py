"""Runs that were interrupted and are asked for again: they go on from their checkpoints, or say why they cannot."""

from __future__ import annotations

import pytest

from core.checkpoints.values import to_bytes
from core.runs.lab import Lab
from core.runs.registry import Run, State
from core.runs.request import key_of
from tests.runs.count import CountRequest


@pytest.fixture(autouse=True)
def _every_number_is_reported_with_its_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.runs.work.REPORT_SECONDS", 0.0)
    monkeypatch.setattr("core.checkpoints.checkpoint.DEAREST", 1e9)


def interrupted(lab: Lab, request: CountRequest) -> Run:
    """A run that somebody waits for, left by its process at number 5."""
    running = lab.iterate(request, visitor="ada")
    while next(running).step < 5:
        pass
    running.close()
    run = lab.registry.find(key_of(request))
    assert run.state is State.INTERRUPTED
    return run


def test_a_run_that_is_asked_for_again_goes_on_where_it_was(lab: Lab) -> None:
    request = CountRequest(to=8, pause=0.02, careful=True)
    run = interrupted(lab, request)
    assert [progress.step for progress in lab.iterate(request)] == [5, 6, 7]
    again = lab.registry.find(run.id)
    assert (again.state, again.attempt, again.scores) == (State.DONE, 2, {"total": 8})
    assert (again.seconds or 0) > 0.15  # those of the first attempt count
    assert list(lab.store.digests()) == [again.result]


def test_a_run_can_be_begun_from_its_start_again(lab: Lab) -> None:
    request = CountRequest(to=8, careful=True)
    lab.begin_anew(interrupted(lab, request))
    assert list(lab.store.digests()) == []
    assert next(lab.iterate(request)).step == 0


def test_a_run_that_failed_by_itself_begins_from_its_start_because_it_would_fail_again(lab: Lab) -> None:
    request = CountRequest(to=3, careful=True, mood="diverges")
    list(lab.iterate(request))
    run = lab.registry.find(key_of(request))
    assert (run.state, run.checkpoint) == (State.FAILED, None)
    assert list(lab.store.digests()) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "was damaged and has been set aside"),
        (b"weights", "cannot be read"),
        (to_bytes({"format": 0, "parts": []}), "another version of the lab made it"),
    ],
)
def test_what_cannot_be_gone_on_from_is_told_in_a_sentence_and_the_run_begins_from_its_start(
    lab: Lab, content: bytes | None, reason: str
) -> None:
    request = CountRequest(to=6, careful=True)
    run = interrupted(lab, request)
    if content is None:
        lab.store.place.path_of(str(run.checkpoint)).write_bytes(b"nothing")
    else:
        lab.registry._update(run.id, (State.INTERRUPTED,), checkpoint=lab.store.put(content))
    progress = list(lab.iterate(request))
    assert progress[0].step == 0
    for one in progress:
        assert one.note.startswith("What this run had learned before it was interrupted cannot be used (")
        assert reason in one.note
        assert one.note.endswith(f"so it began from the start. {one.step} is fine")
    assert lab.registry.find(run.id).scores == {"total": 6}
