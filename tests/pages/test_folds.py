"""What folds away is drawn once it is opened, and a control that is not drawn has the value that it would have."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.runs.lab import Lab


def screen() -> None:
    from datetime import date

    import streamlit as st

    from pages.parts import controls

    with controls.fold("More", key="more") as unfolded:
        values = [
            controls.selectbox("1", ["a", "b", "c"], 1, key="one"),
            controls.selectbox("2", ["a", "b"], key="two"),
            controls.selectbox("3", ["a", "b"], None, key="three"),
            controls.multiselect("4", ["a", "b"], ["b"], key="four"),
            controls.pills("5", ["a", "b"], selection_mode="multi", key="five"),
            controls.pills("6", ["a", "b"], selection_mode="multi", default=["a"], key="six"),
            controls.segmented_control("7", ["a", "b"], default="b", key="seven", required=True),
            controls.radio("8", ["a", "b"], 1, key="eight"),
            controls.toggle("9", True, key="nine"),
            controls.checkbox("10", key="ten"),
            controls.slider("11", 1, 9, key="eleven"),
            controls.slider("12", 0.0, 0.5, 0.1, 0.1, key="twelve"),
            controls.select_slider("13", ["a", "b", "c"], "b", key="thirteen"),
            controls.date_input("14", date(2020, 1, 2), date(2019, 1, 1), date(2021, 1, 1), key="fourteen"),
            controls.date_input("15", None, date(2019, 1, 1), date(2021, 1, 1), key="fifteen"),
        ]
    st.session_state.shown = (unfolded, values)


KINDS = ("selectbox", "multiselect", "button_group", "radio", "toggle", "checkbox", "slider", "select_slider", "date_input")


def drawn(app: AppTest) -> list[str]:
    return [one.key for kind in KINDS for one in app.get(kind)]


def opened(**query: str) -> AppTest:
    app = AppTest.from_function(screen)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def test_a_control_that_is_not_drawn_has_the_value_that_it_has_when_it_is() -> None:
    closed, unfolded = opened(), opened(more="true")
    assert not unfolded.exception
    assert closed.session_state.shown == (False, unfolded.session_state.shown[1])
    assert (drawn(closed), len(drawn(unfolded))) == ([], 15)


def test_a_value_of_the_address_counts_in_a_fold_that_is_closed() -> None:
    app = opened(one="c", twelve="0.3", ten="true")
    assert [app.session_state.shown[1][place] for place in (0, 9, 11)] == ["c", True, 0.3]
    assert drawn(app) == ["one", "ten", "twelve"]
    assert opened(one="nothing of these").session_state.shown == opened().session_state.shown


def test_what_was_opened_once_stays_and_keeps_its_values() -> None:
    app = opened()
    app.session_state.more = True
    app.run().selectbox(key="one").set_value("a").run()
    app.session_state.more = False
    unfolded, values = app.run().session_state.shown
    assert (unfolded, values[0], len(drawn(app))) == (False, "a", 15)


def comparison() -> None:
    import streamlit as st

    from pages.parts.rnn.compare_form import form

    st.session_state.settings = form().settings


def panel() -> None:
    import streamlit as st

    from pages.parts.rnn.panel_parts.form import form

    st.session_state.settings = form().settings


@pytest.mark.parametrize("form", [comparison, panel])
def test_a_form_asks_for_the_same_with_its_folds_open(home: Lab, form: Any) -> None:
    settings = []
    for unfolded in ("false", "true"):
        app = AppTest.from_function(form)
        for key in ("period", "models", "networks", "inputs"):
            app.query_params[key] = unfolded
        assert not app.run().exception
        settings.append(app.session_state.settings)
        assert (len([*app.selectbox, *app.toggle]) > 3) == (unfolded == "true")
    assert settings[0] == settings[1]
