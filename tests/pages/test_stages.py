"""Stages of a training: named by seconds, chosen by slider, button or arrow key, kept in the address."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from pages.parts.stages import after_seconds


def screen(seconds: list[float]) -> None:
    import streamlit as st

    from pages.parts.stages import STAGE, after_seconds, chosen_stage, play_on

    st.button("as the browser does after half a second", on_click=play_on, args=(STAGE, after_seconds(seconds)), key="tick")
    st.text(str(chosen_stage(after_seconds(seconds))))


def opened(*seconds: float, **query: Any) -> AppTest:
    app = AppTest.from_function(screen, args=(list(seconds),))
    app.query_params.update(query)
    return app.run()


def shown(app: AppTest) -> int:
    assert not app.exception
    return int(app.text[0].value)


def test_a_training_is_shown_at_its_end_until_another_stage_is_chosen() -> None:
    app = opened(0.0, 1.5, 3.0)
    assert (shown(app), app.select_slider(key="stage").value) == (2, "3.0 s")
    assert app.button(key="stage_right").disabled
    assert shown(app.button(key="stage_left").click().run()) == 1
    assert shown(app.button(key="stage_left").click().run()) == 0
    assert app.button(key="stage_left").disabled
    assert shown(app.button(key="stage_right").click().run()) == 1
    assert app.query_params["stage"] == "1.5 s"


def test_the_address_names_the_stage_and_one_that_is_not_there_is_the_last() -> None:
    assert shown(opened(0.0, 1.5, 3.0, stage="1.5 s")) == 1
    assert shown(opened(0.0, 1.5, 3.0, stage="7.0 s")) == 2


def test_a_stage_of_another_training_is_forgotten() -> None:
    app = opened(0.0, 1.5, 3.0, stage="1.5 s")
    app.args = ([0.0, 2.5],)
    assert shown(app.run()) == 1


def test_one_stage_needs_no_slider() -> None:
    app = opened(4.0)
    assert (shown(app), len(app.select_slider), [button.key for button in app.button]) == (0, 0, ["tick"])


def test_played_each_stage_is_shown_and_it_ends_at_the_last() -> None:
    app = opened(0.0, 1.5, 3.0)
    app.button(key="stage_play").click().run()
    seen = [shown(app), *(shown(app.button(key="tick").click().run()) for _ in range(2))]
    assert (seen, app.session_state["stages that play"]) == ([0, 1, 2], set())


def test_of_many_stages_some_are_left_out_so_that_it_takes_twelve_seconds_at_most() -> None:
    app = opened(*(float(second) for second in range(100)))
    app.button(key="stage_play").click().run()
    ticks = 0
    while app.session_state["stages that play"]:
        app.button(key="tick").click().run()
        ticks += 1
    assert (shown(app), ticks <= 25) == (99, True)


def test_stages_have_names_of_their_own() -> None:
    assert after_seconds([0.0, 0.02, 1.0]) == ["0.00 s", "0.02 s", "1.00 s"]
    assert len(set(after_seconds([1.0, 1.0, 2.0]))) == 3
