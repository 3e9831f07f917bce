"""Controls that a link takes away, and names that it opens, through AppTest."""

from __future__ import annotations

import ast
from datetime import date

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.parts import controls
from pages.parts.routes.upload_limits import REFUSED
from tests.import_graph import sources, tree_of
from tests.pages.conftest import OpenPage

UNBOUND = {"button", "download_button", "file_uploader", "data_editor"}


def screen() -> None:
    import streamlit as st

    from pages.parts import controls

    highest = st.session_state.get("highest", 11)
    controls.select_slider("Step", [f"{step} steps" for step in range(highest)], f"{highest - 1} steps", key="step")
    loss = controls.selectbox("Loss", ["QLIKE", "MSE"], key="loss_size")
    stage = controls.slider("Stage", 0, highest, highest, key="stage")
    with controls.expander("More", key="more"):
        st.text("inside")
    with controls.area("sidebar", st.sidebar):
        seeds = controls.slider("Seeds", 1, 5, 3, key="seeds")
    st.text(f"{loss} {stage} {seeds}")


def opened(**query: str) -> AppTest:
    app = AppTest.from_function(screen)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def test_a_control_that_is_taken_away_is_not_drawn_and_keeps_the_value_of_the_link() -> None:
    app = opened(hide="loss,stage, nothing", loss_size="MSE", stage="4", seeds="2")
    assert not app.exception
    assert len(app.selectbox) == 0
    assert [one.key for one in app.slider] == ["seeds"]
    assert app.text[-1].value == "MSE 4 2"
    app.slider(key="seeds").set_value(5).run()
    assert app.text[-1].value == "MSE 4 5"


def test_a_hidden_value_is_checked_as_if_it_were_shown() -> None:
    assert opened(hide="loss,stage", loss_size="none", stage="99").text[-1].value == "QLIKE 11 3"


def test_a_whole_area_is_taken_away() -> None:
    app = opened(hide="sidebar", seeds="5")
    assert [one.key for one in app.slider] == ["stage"]
    assert app.text[-1].value == "QLIKE 11 5"


def test_an_expander_goes_with_what_is_in_it_and_opens_by_its_name() -> None:
    assert [one.label for one in opened(hide="more").expander] == []
    assert [one.value for one in opened(hide="more").text] == ["QLIKE 11 3"]
    assert not opened().expander[0].proto.expanded
    assert opened(show="More").expander[0].proto.expanded
    assert opened(more="true").expander[0].proto.expanded


def test_sliders_of_another_run_begin_anew() -> None:
    app = opened()
    for highest in (14, 3):
        app.session_state.highest = highest
        app.run()
        assert not app.exception
        assert app.slider(key="stage").value == highest
        assert app.select_slider(key="step").value == f"{highest - 1} steps"


def test_the_address_follows_a_control_of_which_the_browser_says_nothing() -> None:
    app = opened()
    app.selectbox(key="loss_size").set_value("MSE").run()  # AppTest leaves the address as it was, too
    assert app.query_params["loss_size"] == "MSE"
    app.selectbox(key="loss_size").set_value("QLIKE").run()
    assert "loss_size" not in app.query_params


@pytest.mark.parametrize("area", ["explanations", "export", "uploads", "navigation", "sidebar", "visitor"])
def test_screens_open_without_an_area(open_page: OpenPage, area: str) -> None:
    for page in ("stn", "warp"):
        app = open_page(page, hide=area)
        assert not app.exception
        assert not app.error
        assert len(app.expander) > 0 or area == "explanations"


@pytest.mark.parametrize(
    ("page", "query", "told"),
    [
        ("traps", {"source": "Nowhere", "symbol": "NOPE", "seeds": "99"}, ["source=Nowhere", "seeds=99"]),
        ("runs", {"bench": "Neither", "parts": "false", "whose": "All"}, ["bench=Neither"]),
    ],
)
def test_what_an_address_cannot_have_is_told(open_page: OpenPage, page: str, query: dict[str, str], told: list[str]) -> None:
    app = open_page(page, **query)
    assert not app.exception
    assert [toast.value.replace("\\", "").split(" in the address")[0] for toast in app.toast] == told
    assert "Chosen is" in app.toast[0].value
    if "symbol" in query:
        assert "'NOPE' is not among them" in app.error[0].value


def test_every_control_of_a_screen_goes_through_controls() -> None:
    wrapped = {name for name in vars(controls) if callable(getattr(st, name, None))} - UNBOUND
    calls = {
        f"{module}:{node.lineno}: write controls.{node.func.attr}, see pages/parts/controls.py"
        for module in sources()
        if module.startswith("pages") and module != "pages.parts.controls"
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in wrapped
        and not (isinstance(node.func.value, ast.Name) and node.func.value.id == "controls")
    }  # fmt: skip
    assert sorted(calls) == []


def test_a_choice_of_one_that_begins_with_one_cannot_be_taken_away() -> None:
    may_be_empty = [
        f"{module}:{node.lineno}: write required=True"
        for module in sources()
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "controls.segmented_control"
        and not {"required", "selection_mode"} & {one.arg for one in node.keywords}
    ]  # fmt: skip
    assert may_be_empty == []


def test_an_uploader_says_why_the_last_file_was_refused(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = open_page("stn")
    assert not opened.error
    session = "test session id"  # of Streamlit's AppTest
    monkeypatch.setitem(REFUSED, session, "More than 100 MB in all cannot be uploaded.")
    assert "More than 100 MB in all" in opened.run().error[0].value


def with_a_date() -> None:
    from datetime import date

    import streamlit as st

    from pages.parts import controls

    st.text(controls.date_input("From", date(2010, 1, 1), date(1900, 1, 1), date(2030, 1, 1), key="start"))


def test_a_date_that_was_taken_away_stays_away_when_the_page_is_loaded_anew() -> None:
    app = AppTest.from_function(with_a_date).run()
    app.date_input(key="start").set_value(None).run()
    again = AppTest.from_function(with_a_date)
    for name, value in app.query_params.items():
        again.query_params[name] = value
    assert again.run().text[0].value == "None"
    assert not again.toast
    assert again.date_input(key="start").set_value(date(2015, 1, 1)).run().text[0].value == "2015-01-01"
    assert set(again.query_params) == {"start"}


def test_a_misspelt_parameter_is_told_and_what_belongs_to_no_control_is_not(open_page: OpenPage) -> None:
    app = open_page("traps", sedes="2", hide="seed", run="7-traps")
    assert ["called sedes" in toast.value and "Is seeds meant" in toast.value for toast in app.toast] == [True]
    app.run()
    assert not app.toast


@pytest.mark.parametrize("asked", ["AAPL", "AAPL · Apple", "aapl"])
def test_a_symbol_in_the_address_is_the_ticker_with_its_name(open_page: OpenPage, asked: str) -> None:
    app = open_page("traps", symbol=asked)
    assert not app.exception
    assert not app.toast
    [refused] = open_page("traps", seeds="99").toast
    assert "seeds=99 in the address cannot be" in refused.value
