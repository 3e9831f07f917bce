"""A button that copies the address of the page; where the browser refuses, the address is shown, selected.

A component, because the address is the browser's, and so is the clipboard.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import streamlit as st

from core.runs.registry import Run

HERE = Path(__file__).parent
SHOWN = "shown-run-"  # the key of a container begins so, the id of the run that it shows follows

_component = st.components.v2.component(
    "gridcast_copy_link", html=(HERE / "copy_link.html").read_text(), css=(HERE / "copy_link.css").read_text(),
    js=(HERE / "copy_link.js").read_text(),
)  # fmt: skip


def copy_link() -> None:
    _component(key="copy-link", data={"shown": f"st-key-{SHOWN}"}, width="content")


def latest_run(run: Run) -> AbstractContextManager[Any]:
    """Around a run that is shown because it is the latest: a copied link names it, so that it shows the same one later."""
    return st.container(key=f"{SHOWN}{run.id}")
