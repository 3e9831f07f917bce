"""What is cleared from a full store, what is not, and what everybody is told of it."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from click.testing import CliRunner

from core import __main__ as shell
from core.errors import RunFailed
from core.runs.lab import Lab
from core.runs.recovery.room import UNCLAIMED_SECONDS, make_room
from core.runs.recovery.upkeep import prune, verify
from core.runs.registry import Run, State
from core.runs.request import Request, key_of
from core.runs.visitors.visitor import LAB
from tests.runs.count import CountRequest

LONG_AGO = 1e9


def finished(lab: Lab, request: Request, visitor: str = "command-line") -> Run:
    list(lab.iterate(request, visitor=visitor))
    return lab.registry.find(key_of(request))


def aged(lab: Lab, digest: str, when: float = LONG_AGO) -> str:
    os.utime(lab.store.place.path_of(digest), (when, when))
    return digest


def fill(lab: Lab, limit: int) -> None:
    lab.store.limit_bytes = limit
    make_room(lab.registry, lab.store)


def _delete(lab: Lab, run: Run) -> None:
    lab.store.place.path_of(str(run.result)).unlink()


def _damage(lab: Lab, run: Run) -> None:
    os.truncate(lab.store.place.path_of(str(run.result)), 20)


def _clear(lab: Lab, run: Run) -> None:
    aged(lab, str(run.result))
    fill(lab, 0)
    lab.store.limit_bytes = 10**9


LOSSES = {"gone from the lab's folder": _delete, "was damaged and has been set aside": _damage, "cleared to make room": _clear}


@pytest.mark.parametrize("reason", LOSSES)
def test_every_visitor_is_told_the_same_reason_and_the_run_can_be_done_again(lab: Lab, reason: str) -> None:
    run = finished(lab, CountRequest(to=3))
    LOSSES[reason](lab, run)
    told = set()
    for _ in range(3):
        with pytest.raises(RunFailed, match=reason) as caught:
            lab.result(lab.registry.find(run.id))
        told.add(str(caught.value).rpartition("no result: ")[2])
    assert len(told) == 1
    assert finished(lab, CountRequest(to=3)).state is State.DONE


def test_a_result_that_this_version_cannot_read_says_so_and_can_be_done_again(lab: Lab) -> None:
    run = finished(lab, CountRequest(to=3))
    of_old = lab.store.put(b"what an older version wrote")
    lab.registry._run.update(result=of_old).where(lab.registry._run.id == run.id).execute()
    for _ in range(2):
        with pytest.raises(RunFailed, match=r"This version cannot read its result .*run it again"):
            lab.result(lab.registry.find(run.id))
    assert finished(lab, CountRequest(to=3)).state is State.DONE


def test_an_upload_that_no_run_has_asked_for_yet_stays_while_others_end(lab: Lab) -> None:
    fresh, old = lab.store.put(b"x" * 1000), aged(lab, lab.store.put(b"y" * 1000))
    lab.store.limit_bytes = 500
    finished(lab, CountRequest(to=3))
    assert (fresh in lab.store, old in lab.store) == (True, False)
    aged(lab, fresh, os.stat(lab.store.place.path_of(fresh)).st_mtime - UNCLAIMED_SECONDS - 1)
    finished(lab, CountRequest(to=4))
    assert fresh not in lab.store


def test_a_run_that_came_with_the_lab_is_never_cleared_with_its_inputs(lab: Lab) -> None:
    image = lab.store.put(b"picture")
    run = finished(lab, CountRequest(to=3, image=image), LAB)
    for digest in (image, str(run.result)):
        aged(lab, digest)
    fill(lab, 0)
    assert lab.result(lab.registry.find(run.id))
    assert image in lab.store


def test_a_store_above_its_bound_is_brought_below_it_and_no_run_is_lost(lab: Lab) -> None:
    runs = [finished(lab, CountRequest(to=n)) for n in (3, 4, 5)]
    for age, run in enumerate(runs):
        aged(lab, str(run.result), LONG_AGO + age)
    fill(lab, lab.store.size()[1] - 1)
    assert lab.store.size()[1] <= lab.store.limit_bytes
    states = [lab.registry.find(run.id).state for run in runs]
    assert states == [State.INTERRUPTED, State.DONE, State.DONE]


def _checkpoint_gone(lab: Lab, digest: str) -> None:
    lab.store.delete(digest)


def _checkpoint_damaged(lab: Lab, digest: str) -> None:
    lab.store.place.path_of(digest).write_bytes(b"at")


@pytest.mark.parametrize("loss", [_checkpoint_gone, _checkpoint_damaged])
def test_a_checkpoint_that_is_lost_is_not_offered(lab: Lab, loss: Callable[[Lab, str], None]) -> None:
    request = CountRequest(to=50, careful=True)
    running = lab.iterate(request, visitor="ada")
    next(running)
    running.close()
    run = lab.registry.find(key_of(request))
    assert run.state is State.INTERRUPTED
    assert lab.start_of(run).content
    loss(lab, str(run.checkpoint))
    assert lab.start_of(run).content is None


def test_verify_names_what_is_damaged_and_whose_result_is_lost(lab: Lab) -> None:
    whole, damaged, gone = (finished(lab, CountRequest(to=n)) for n in (3, 4, 5))
    used = os.stat(lab.store.place.path_of(str(whole.result))).st_mtime_ns
    assert verify(lab).damaged == ()
    _damage(lab, damaged)
    _delete(lab, gone)
    found = verify(lab)
    assert (found.files, found.damaged) == (2, (damaged.result,))
    assert set(found.without_result) == {damaged.id, gone.id}
    assert "1 was damaged and set aside" in found.sentence
    assert os.stat(lab.store.place.path_of(str(whole.result))).st_mtime_ns == used  # to verify is no use
    assert lab.result(whole)


def test_prune_removes_what_no_run_needs_and_nothing_else(lab: Lab) -> None:
    image = lab.store.put(b"picture")
    run = finished(lab, CountRequest(to=3, image=image))
    unneeded, fresh = lab.store.put(b"of nobody"), lab.store.put(b"just uploaded")
    for digest in (image, str(run.result), unneeded):
        aged(lab, digest)
    assert prune(lab).unneeded == 1
    assert unneeded not in lab.store
    assert all(digest in lab.store for digest in (image, str(run.result), fresh))


@pytest.mark.parametrize("words", [["verify"], ["--verify"], ["prune"], ["--prune"]])
def test_the_command_line_verifies_and_prunes(lab: Lab, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.setattr(shell, "lab", lambda: lab)
    finished(lab, CountRequest(to=3))
    answer = CliRunner().invoke(shell.main, ["runs", *words])
    assert answer.exit_code == 0
    assert "1 file verified: none is damaged" in answer.stdout or "removed 0 files that no run needs" in answer.stdout
