"""The viewer: one component that listens to the server's event stream of a run and draws what it says.

A component, because what a hundred visitors see of a run is made once and sent to all of them; Streamlit would run a script,
and send elements, for each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from core.runs.lab import lab
from core.runs.live.blocks import Look
from core.runs.registry import Run
from pages.parts.layout import mode
from pages.parts.live.words import LIST, list_state, state_of
from pages.parts.toolbar import projecting

HERE = Path(__file__).parent
LIVE, PLOTLY = "/api/live", "/api/plotly.js"  # addresses of the event stream and of Plotly
_component = st.components.v2.component(
    "gridcast_live", html='<div class="live"></div>', css=(HERE / "viewer.css").read_text(),
    js=(HERE / "viewer.js").read_text(), isolate_styles=False,
)  # fmt: skip


def viewer(run: Run) -> None:
    """What is to be seen of a run that is alive. When its state changes, the fragment around this runs again."""
    look = Look(mode(), projecting())
    # what the browser was told may be newer than the snapshot
    _mount(f"live-{run.id}", run.id, look, state_of(run), lambda: lab().snapshots.forget(run.id))


def list_watcher() -> None:
    """Nothing to be seen. When the list of runs changes, the fragment around this runs again."""
    _mount("live-list", LIST, Look(), list_state(), lambda: None)


def _mount(key: str, run_id: str, look: Look, state: str, on_change: Callable[[], None]) -> None:
    _component(
        key=key,
        data={
            "events": f"{_base()}{LIVE}?{urlencode(query_of(run_id, look))}",
            "plotly": f"{_base()}{PLOTLY}?{urlencode({'version': version('plotly')})}",
            "state": state,
            "stacked": look.projector,
            "hidden": run_id == LIST,
        },
        on_changed_change=on_change,
    )


def query_of(run_id: str, look: Look) -> dict[str, str]:
    """What stands in the address of a run's event stream."""
    return {"run": run_id, "mode": look.mode, "projector": str(int(look.projector))}


def look_in(query: dict[str, str]) -> Look:
    """The look that such a query names."""
    return Look("dark" if query.get("mode") == "dark" else "light", query.get("projector") == "1")


def _base() -> str:
    return f"/{st.get_option('server.baseUrlPath').strip('/')}".rstrip("/")
