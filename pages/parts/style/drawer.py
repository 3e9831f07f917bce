"""On a narrow screen the form is a drawer: a button that opens it, beside the one that starts, which closes it.

A component, because only the browser knows whether the screen is narrow and the drawer open.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent

_component = st.components.v2.component(
    "gridcast_drawer", html='<button type="button">Settings</button>', css=(HERE / "drawer.css").read_text(),
    js=(HERE / "drawer.js").read_text(),
)  # fmt: skip


def drawer() -> None:
    with st.container(key="drawer"):
        _component(key="drawer-button")
