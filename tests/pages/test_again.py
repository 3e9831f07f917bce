"""Settings that were trained before: said so, played back, trained with another seed, or repeated in their place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.runs.kinds import KINDS
from core.runs.lab import Lab
from core.runs.registry import Run
from core.runs.work import Outcome
from pages.parts.examples import ids_by_name
from tests.pages.conftest import ME, OpenPage


def of_mine(home: Lab, name: str, busy: float | None = None, **changed: object) -> Run:
    """A shipped run under other settings, as a visitor's own."""
    shipped = home.registry.find(ids_by_name()[name])
    run, _ = home.registry.claim(shipped.request.model_copy(update=changed), visitor=ME)
    home.registry.start(run.id)
    home.keep(run.id, replace(Outcome.of(home.result(shipped), 1.0), busy=busy))
    return home.registry.find(run.id)


def words(app: AppTest) -> str:
    return " ".join(text.value for text in app.markdown)


def keys(app: AppTest) -> set[str]:
    return {button.key for button in app.button if button.key}


def test_what_was_trained_before_is_said_and_can_be_played_back_or_trained_with_another_seed(
    open_page: OpenPage, home: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("stn", samples="coins")
    asked: list[int] = []
    monkeypatch.setattr(KINDS["straighten"].__class__, "run", lambda kind, request, inputs: asked.append(request.seed))
    shipped = home.registry.find(ids_by_name()["1-straighten"])
    app.session_state["run that was there before"] = shipped.id
    app.query_params["run"] = shipped.id
    app.run()
    assert "These settings were trained before" in words(app)
    assert {"play-back", "another-seed"} <= keys(app)
    assert "repeat" not in keys(app)  # it is the lab's
    app.button(key="play-back").click().run()
    first = app.select_slider(key="stage").value
    assert first == app.select_slider(key="stage").options[0]
    assert app.session_state["stages that play"] == {"stage"}
    following = shipped.request.seed + 1
    app.button(key="another-seed").click().run()
    assert asked == [following]
    assert app.number_input(key="seed").value == following
    assert "These settings were trained before" not in words(app)


@pytest.mark.parametrize(("name", "busy"), [("1-straighten", 0.3), ("3-classify", 0.4)])
def test_a_run_that_was_starved_says_so_and_can_be_repeated_in_its_place(
    open_page: OpenPage, home: Lab, monkeypatch: pytest.MonkeyPatch, name: str, busy: float
) -> None:
    run = of_mine(home, name, busy, seed=7)
    assert not of_mine(home, name, 0.95, seed=8).starved
    app = open_page("run", id=run.id)
    assert f"the processor for {busy:.0%}".replace("%", " %") in words(app)
    dropped: list[str] = []
    monkeypatch.setattr(type(home), "drop_result", lambda lab, run: dropped.append(run.id))
    app.button(key="repeat").click().run()
    assert not app.exception
    assert dropped == [run.id]
