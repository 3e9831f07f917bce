"""A parameter that a screen has written stays, also where the browser's next message does not know it yet."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.links import address


def screen() -> None:
    import streamlit as st

    from pages.parts.links import address

    st.button("seven", on_click=address.write, args=("unit", "7"))
    st.button("eight", on_click=address.write, args=("unit", "8"))
    st.text(address.read("unit"))


def late(app: AppTest, text: str) -> str:
    """What is read where the browser says this of the parameter."""
    app.query_params["unit"] = text
    return str(app.run().text[0].value)


def test_a_message_that_does_not_know_the_last_changes_takes_none_back() -> None:
    app = AppTest.from_function(screen)
    app.query_params["unit"] = "1"
    assert app.run().text[0].value == "1"
    assert app.button[0].click().run().text[0].value == "7"
    assert late(app, "1") == "7"
    assert app.button[1].click().run().text[0].value == "8"
    assert (late(app, "1"), late(app, "7"), late(app, "8")) == ("8", "8", "8")


def test_a_link_counts_at_once_and_back_when_the_browser_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    app = AppTest.from_function(screen)
    app.query_params["unit"] = "1"
    app.run()
    app.button[0].click().run()
    assert late(app, "3") == "3"
    monkeypatch.setattr(address, "LAG", 0)
    assert late(app, "1") == "1"
