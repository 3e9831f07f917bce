"""The first screen: two questions, what finished runs answer, and what is left without them."""

from __future__ import annotations

import numpy as np
import pytest

from core.rnn.compare.trials import valued_in
from core.rnn.models import MODELS
from core.runs.lab import Lab
from pages.parts.examples import ids_by_name
from pages.parts.home import moving as component
from pages.parts.home.summaries import ends_of, film_of, lines_of
from tests.pages.conftest import OpenPage

BUTTONS = ("Train it on your photos", "Ask for your ticker")


def test_each_bench_asks_a_question_answers_it_and_has_one_button(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[str] = []
    monkeypatch.setattr(component, "_component", lambda **given: played.append(given["data"]["kind"]))
    app = open_page("home")
    assert not app.exception
    assert played == ["film", "lines"]
    assert [button.label for button in app.button if button.proto.type == "primary"] == list(BUTTONS)
    links = [link.proto.label for link in app.get("page_link")]
    assert any("Which way will it move?** Nothing beats the random walk" in label for label in links)


def test_the_questions_of_a_newcomer_stand_word_for_word(open_page: OpenPage) -> None:
    app = open_page("home")
    assert [heading.value for heading in app.subheader] == [
        "How does a network learn what upright means?", "Can a network forecast the stock market?",
    ]  # fmt: skip
    answered = [link.proto.label for link in app.get("page_link") if link.proto.label.startswith("**")]
    assert [label.split("**")[1] for label in answered] == [
        "How far will it move?", "Which way will it move?", "And one network for twenty companies?",
    ]  # fmt: skip
    assert all(label.split("?** ")[1] for label in answered)


def test_without_the_examples_each_bench_has_its_promise_and_its_button(
    open_page: OpenPage, empty_home: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.parts.examples.examples_by_name", lambda lab: {})
    app = open_page("home")
    assert not app.exception
    assert [button.label for button in app.button if button.proto.type == "primary"] == list(BUTTONS)
    assert any("no angle is ever given" in text.value for text in app.markdown)
    assert any("a test says whether" in text.value for text in app.markdown)


def test_the_film_ends_at_the_last_stage_and_its_grid_lies_where_the_photo_was_turned(home: Lab) -> None:
    result = home.result(home.registry.find(ids_by_name()["1-straighten"]))
    film = film_of(result)
    assert len(film.grids) == len(film.captions) == component_stages(film)
    assert film.captions[-1].endswith(f"off by {result.stage_errors[-1]:.2f}°")
    height, width = result.film_distorted.shape[:2]
    top = np.array(film.grids[-1][0]).reshape(-1, 2) * (width, height)  # the first line: the upper edge of what it sees
    across = top[-1] - top[0]
    turned = abs(np.degrees(np.arctan2(across[1], across[0])))
    assert turned == pytest.approx(abs(result.applied["turn_deg"]), abs=0.5)


def component_stages(film: component.Film) -> int:
    return len({tuple(map(tuple, grid)) for grid in film.grids})


@pytest.mark.parametrize(("early", "ends"), [(-0.5, (-0.5, 2.0)), (-9.0, (-2.0, 2.0)), (1.5, (1.0, 2.0)), (9.0, (1.0, 2.0))])
def test_a_network_that_was_behind_at_first_is_drawn_below_the_line_at_zero(early: float, ends: tuple[float, float]) -> None:
    assert ends_of(np.array([[early, 1.0, 1.5, 2.0, 1.2]])) == ends


@pytest.mark.parametrize("name", ["2-compare", "9-compare"])
def test_lines_end_at_the_skill_that_the_verdict_tests(home: Lab, name: str) -> None:
    result = home.result(home.registry.find(ids_by_name()[name]))
    rival = result.verdict.best_classical or result.losses.reference
    tested = {MODELS[row.model].capitalised_title: row.skill for row in result.verdict.comparisons if row.reference == rival}
    shown = lines_of(result, "light")
    ends = {line["name"]: line["values"][-1] / 100 for line in shown.lines if line["name"] in tested}
    assert ends == pytest.approx({name: tested[name] for name in ends}, abs=6e-5)
    assert len(ends) == 4
    assert all(len(line["values"]) == len(shown.captions) for line in shown.lines)
    assert shown.ticks[0] <= 0 <= shown.ticks[-1]
    assert 0 in shown.ticks


def test_how_sure_the_chosen_network_is_and_where_the_axis_ends_is_said(home: Lab, open_page: OpenPage) -> None:
    run = home.registry.find(ids_by_name()["2-compare"])
    said = next(one.value for one in open_page("home").caption if "was the best network before the test" in one.value)
    verdict = valued_in(home, run, home.result(run)).verdict
    [p] = [one.p for one in verdict.comparisons if (one.model, one.reference) == (verdict.best_network, verdict.best_classical)]
    assert f"LSTM was the best network before the test, on the validation days: p = {p:.3f} against GJR-GARCH-t." in said
    assert "What goes beyond the scale is drawn at its edge." in said
    inside = component.Lines([{"values": [0.0, 1.0]}], ["a", "b"], "", "%", [0.0, 1.0])
    assert not inside.is_cut


def test_half_way_a_line_is_the_skill_over_the_first_half_of_the_days(home: Lab) -> None:
    losses = home.result(home.registry.find(ids_by_name()["2-compare"])).losses
    half = losses.origins // 2
    expected = losses["har"][:half].mean() - losses["gru"][:half].mean()
    assert losses.skill_so_far("gru", "har", np.array([half, losses.origins])) == pytest.approx(
        [expected, losses.skill("gru", "har")]
    )
