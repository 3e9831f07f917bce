"""The list of all runs of this lab: to open, cancel or delete them, or to start one from an exported request."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import streamlit as st

from core.runs.archive import opened, take_in
from core.runs.engine import engine
from core.runs.lab import lab
from core.runs.queue.words import waiting
from core.runs.registry import Run, State
from pages.parts import controls
from pages.parts.follow import POLL_SECONDS
from pages.parts.layout import heading, mistakes_shown, plain

BENCHES = {"All": None, "Spatial": "spatial", "Recurrent": "recurrent"}


def outcome(run: Run) -> str:
    """How it ended or, while it waits, where in the queue it stands."""
    return waiting(lab().line.place(run)) if run.state is State.QUEUED else run.headline or run.error


def table(runs: list[Run]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "open": [f"./run?id={run.id}" for run in runs],  # relative: the lab may live below a path
            "what": [run.title for run in runs],
            "state": [run.state.value for run in runs],
            "outcome": [outcome(run) for run in runs],
            "asked": [datetime.fromtimestamp(run.created).astimezone() for run in runs],
            "seconds": [run.seconds for run in runs],
        }
    )


COLUMNS = {
    "open": st.column_config.LinkColumn("Run", display_text=r"id=(\w{8})", width="small"),
    "what": st.column_config.TextColumn("What", width="large"),
    "state": st.column_config.TextColumn("State", width="small"),
    "outcome": st.column_config.TextColumn("Outcome", width="medium"),
    "asked": st.column_config.DatetimeColumn("Asked", format="distance", width="small"),
    "seconds": st.column_config.NumberColumn("Time", format="%.1f s", width="small"),
}


def listing(bench: str | None, parts: bool, polled: bool) -> None:
    runs = shown_runs(bench, parts)
    if polled and not any(run.alive for run in runs):
        st.rerun()  # nothing is alive any more: stop polling
    if not runs:
        st.info("No runs yet. Train a spatial transformer or compare forecasters; both take ten seconds.")
        st.page_link("stn.py", label="Straighten a photo", icon=":material/play_arrow:")
        return
    st.session_state[f"shown-{bench}"] = [run.id for run in runs]
    chosen = st.dataframe(
        table(runs), hide_index=True, column_config=COLUMNS, on_select="rerun", selection_mode="multi-row", key=f"runs-{bench}"
    )
    actions([runs[row] for row in chosen.selection.rows if row < len(runs)])


def shown_runs(bench: str | None, parts: bool) -> list[Run]:
    """The newest runs; while rows are chosen the same ones as before, because a choice is row numbers."""
    chosen = st.session_state.get(f"runs-{bench}")
    if chosen and chosen["selection"]["rows"]:
        return [run for run_id in st.session_state.get(f"shown-{bench}", []) if (run := lab().look(run_id))]
    return lab().runs(bench, parts=parts)


def actions(runs: list[Run]) -> None:
    """What can be done with the chosen runs."""
    cancel, delete, _ = st.columns([1, 1, 4])
    alive = [run for run in runs if run.alive]
    if cancel.button("Cancel", icon=":material/stop:", disabled=not alive, width="stretch"):
        for run in alive:
            engine().cancel(run.id)
        st.rerun()
    if delete.button("Delete", icon=":material/delete:", disabled=not runs, width="stretch"):
        for run in runs:
            engine().cancel(run.id)
            lab().delete(run)
        st.rerun()


def from_file() -> None:
    """Start the run of an exported request again."""
    with controls.area("uploads"), st.popover("Start from a request", icon=":material/upload_file:"):
        st.markdown("The `request.json` of an export, or the whole ZIP, which brings the inputs along.")
        file = controls.file_uploader("Request", ["json", "zip"], key="request-file", label_visibility="collapsed")
        if file and st.button("Start it", type="primary", icon=":material/play_arrow:", key="start-request"):
            with mistakes_shown():
                run = engine().submit(take_in(opened(file.name, file.getvalue()), lab().store))
            st.page_link("run.py", label=plain(run.title), icon=":material/open_in_new:", query_params={"id": run.id})


heading("Runs", "Every experiment of this lab, the newest first. Choose rows to cancel or delete them.")
choose, more, start = st.columns([3, 1, 1], vertical_alignment="bottom")
with choose:
    bench = BENCHES[controls.segmented_control("Bench", list(BENCHES), default="All", key="bench") or "All"]
with more:
    parts = controls.toggle("Tickers of sweeps", key="parts", help="Also list the runs that a sweep has started")
with start:
    from_file()
polled = any(run.alive for run in lab().runs(bench, parts=parts))
st.fragment(listing, run_every=2 * POLL_SECONDS if polled else None)(bench, parts, polled)
