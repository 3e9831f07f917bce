from __future__ import annotations

import pytest

from core.errors import InvalidRequest
from core.runs.lab import Lab
from core.runs.visitors import command
from core.runs.visitors.visitor import LAB
from tests.runs.count import CountRequest
from tests.runs.visitors.test_deletion import ADA, done


def test_the_command_line_deletes_and_undoes_pins_and_resets(lab: Lab) -> None:
    run = done(lab, CountRequest(to=3), ADA.id)
    assert command.delete(lab, run)[0] == {"deleted": run.id}
    assert lab.runs() == []
    assert command.undo(lab)[0] == {"undone": [run.id]}
    assert command.pin(lab, run)[0] == {"pinned": run.id}
    assert command.reset(lab)[0] == {"reset": [], "cancelled": [], "kept": 1}
    command.unpin(lab, run)
    assert command.reset(lab)[0] == {"reset": [run.id], "cancelled": [], "kept": 0}
    assert lab.runs() == []
    command.undo(lab)
    assert lab.runs(of=ADA.id) == [run]


def test_the_command_line_cannot_delete_what_comes_with_the_lab(lab: Lab) -> None:
    with pytest.raises(InvalidRequest, match="comes with the lab; nobody can delete it"):
        command.delete(lab, done(lab, CountRequest(to=3), LAB))


@pytest.mark.parametrize(
    ("run", "flags", "mistake"),
    [
        (None, ["delete"], "--delete needs a run"),
        ("1234", ["reset"], "--reset is not about one run"),
        ("1234", ["pin", "unpin"], "one at a time: --pin or --unpin"),
    ],
)
def test_what_cannot_be_done_is_said(run: str | None, flags: list[str], mistake: str) -> None:
    with pytest.raises(InvalidRequest, match=mistake):
        command.chosen(run, dict.fromkeys(flags, True))
    assert command.chosen(run, {}) == ""
