"""One row of words under a figure. The browser saves what it has drawn itself; other files are made in Python when wanted.

A component, because Plotly is not within reach of a page, and its own toolbar saves one format and is off on touch.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from pages.parts import controls

HERE = Path(__file__).parent
MIMES = {"svg": "image/svg+xml", "png": "image/png", "csv": "text/csv"}
FROM_THE_PAGE = ("svg", "png")  # the browser can make them of what is drawn

Files = Mapping[str, Callable[[], bytes]]  # by format, made when they are wanted

_component = st.components.v2.component(
    "gridcast_saving", html="<nav></nav>", css=(HERE / "menu.css").read_text(), js=(HERE / "menu.js").read_text()
)  # fmt: skip


def save_menu(key: str, name: str, files: Files, drawn: str = "") -> None:
    """Save under `name` what stands in the element or container `drawn` as SVG and PNG, and `files`; those that are given for
    SVG or PNG are saved in place of what the browser would make. Of an SVG the browser makes the PNG, where `drawn` says on
    which colour. Nothing where a link takes exports away."""
    if not controls.hidden("export"):
        _words(f"save-{key}", name, files, drawn)


def _words(key: str, name: str, files: Files, drawn: str) -> None:
    """No fragment of its own: Streamlit would keep `files`, and all that is saved, for as long as it keeps the session. Where a
    file is wanted, the figure is drawn again with what is around it, and what it is made of is at hand."""
    wanted = (st.session_state.get(key) or {}).get("wanted") or {}
    formats = [form for form in MIMES if form in files or (drawn and form in FROM_THE_PAGE)]
    _component(
        key=key,
        data={
            "name": re.sub(r"[^\w.-]+", "-", name).strip("-"),
            "drawn": drawn,
            "formats": {form: {"mime": MIMES[form], "given": form in files} for form in formats},
            "answer": _answer(wanted, files),
        },
        on_wanted_change=lambda: None,
    )


def _answer(wanted: dict[str, Any], files: Files) -> dict[str, Any] | None:
    """The file that is wanted."""
    if (form := wanted.get("format")) not in files:
        return None
    return {"turn": wanted["turn"], "format": form, "content": base64.b64encode(files[form]()).decode()}
