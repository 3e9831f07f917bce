"""Settings that were trained before: said so, played back, trained with another seed, or repeated in their place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.rnn.compare.result import CompareResult
from core.rnn.models import capitalised_title
from core.rnn.words import true_minus
from core.runs.beside.seeds import next_seed
from core.runs.kinds import KINDS
from core.runs.lab import Lab
from core.runs.registry import Run
from core.runs.request import Request
from core.runs.work import Outcome
from pages.parts.examples import ids_by_name
from tests.pages.conftest import ME, HereEngine, OpenPage


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


def test_a_comparison_is_played_back_model_by_model(open_page: OpenPage, home: Lab) -> None:
    app = open_page("rnn")
    shipped = home.registry.find(ids_by_name()["2-compare"])
    app.session_state["run that was there before"] = shipped.id
    app.query_params["run"] = shipped.id
    app.run()
    app.button(key="play-back").click().run()
    assert not app.exception
    models = app.select_slider(key="stage")
    assert models.value == models.options[0] == "Random walk"
    assert app.session_state["stages that play"] == {"stage"}
    assert [table.value["Model"].tolist() for table in app.dataframe if "Seeds" in table.value] == [["Random walk"]]
    models.set_value(models.options[-1]).run()
    [ranking] = [table.value for table in app.dataframe if "Seeds" in table.value]
    result = home.result(shipped)
    assert isinstance(result, CompareResult)
    assert ranking["Model"].tolist() == [capitalised_title(model) for model in result.ranking["model"]]
    assert ranking["Skill (%)"].tolist() == [true_minus(f"{100 * skill:.2f}") for skill in result.ranking["skill"]]
    assert any(f"After {len(ranking)} of {len(ranking)} models" in text.value for text in app.caption)


@pytest.mark.parametrize(("page", "name"), [("stn", "1-straighten"), ("rnn", "9-compare")])
def test_to_press_start_on_settings_that_were_trained_before_says_so(
    open_page: OpenPage, home: Lab, monkeypatch: pytest.MonkeyPatch, page: str, name: str
) -> None:
    result, trained = home.result(home.registry.find(ids_by_name()[name])), []

    def train(engine: HereEngine, request: Request, visitor: str) -> Run:
        run, is_new = home.claim(request, visitor=visitor)
        if is_new:
            home.registry.start(run.id)
            home.keep(run.id, Outcome.of(result, 1.0))
            trained.append(run.id)
        return home.registry.find(run.id)

    monkeypatch.setattr(HereEngine, "submit", train)
    app = open_page(page)
    for before in (False, True):
        app.button(key="go").click().run()
        assert not app.exception
        assert app.query_params["run"] == trained[0]
        assert ("These settings were trained before" in words(app)) is before
    assert len(trained) == 1


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


@pytest.mark.parametrize(
    ("name", "planned", "sentence"),
    [
        ("2-compare", {"planned": {"gru": 9, "lstm": 5}}, "It was stopped with 10 of 14 networks: GRU 5 of 9, LSTM 5 of 5."),
        ("7-traps", {"planned_seeds": 9}, "of 9 seeds; the numbers are of these."),
    ],
    ids=["compare", "traps"],
)
def test_a_run_that_was_stopped_says_how_much_is_in_and_can_be_run_to_its_end(
    open_page: OpenPage, home: Lab, monkeypatch: pytest.MonkeyPatch, name: str, planned: dict, sentence: str
) -> None:
    shipped = home.registry.find(ids_by_name()[name])
    run, _ = home.claim(shipped.request.model_copy(update={"seed": 70}), visitor=ME)
    home.registry.start(run.id)
    home.registry.stop(run.id)
    home.keep(run.id, Outcome.of(home.result(shipped).model_copy(update=planned), 1.0))
    app = open_page("run", id=run.id)
    assert any(sentence in told.value.replace("\\", "") for told in app.info)
    dropped: list[str] = []
    monkeypatch.setattr(type(home), "drop_result", lambda lab, run: dropped.append(run.id))
    app.button(key="repeat").click().run()
    assert not app.exception
    assert dropped == [run.id]


def test_another_seed_of_several_networks_is_after_all_of_theirs(home: Lab) -> None:
    run = home.registry.find(ids_by_name()["2-compare"])
    assert next_seed([run], 0) == run.request.seeds == 5
    straightened = home.registry.find(ids_by_name()["1-straighten"])
    assert next_seed([straightened], 0) == 1
