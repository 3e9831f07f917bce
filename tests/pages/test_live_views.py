"""The live view of every kind of run, from before it has told anything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.runs.bundle import examples_by_name
from core.runs.lab import Lab
from core.runs.live.blocks import Look, View
from core.runs.live.snapshots import Snapshot
from core.runs.registry import Run, State
from pages.parts.live import drawing
from pages.parts.screen import screen_of


@pytest.fixture
def begun(home: Lab) -> dict[str, Run]:
    """The shipped runs by name, as they were just after they had been started."""
    begun = {"phase": "", "note": "", "step": 0, "total": 0}
    return {name: replace(run, state=State.RUNNING, **begun) for name, run in examples_by_name(home).items()}


def test_every_kind_is_drawn_before_it_has_told_anything(begun: dict[str, Run]) -> None:
    assert len({run.kind for run in begun.values()}) > 10
    for run in begun.values():
        for mode in ("light", "dark"):
            screen_of(run).live(Snapshot(run), Look(mode))


def test_words_and_bar_are_told_where_a_figure_has_a_defect(
    begun: dict[str, Run], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(snapshot: Snapshot, look: Look) -> drawing.Rows:
        raise ValueError("need at least one array to concatenate")

    run = begun["3-classify"]
    monkeypatch.setattr(drawing, "screen_of", lambda run: replace(screen_of(run), live=broken))
    view = drawing._view(Snapshot(run), Look())
    assert isinstance(view, View)
    assert (view.rows, view.share) == ((), 0)
    assert f"the live view of run {run.id} cannot be drawn" in caplog.text
