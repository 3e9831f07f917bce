"""The list of all runs of this lab: to open, cancel or delete them, or to start one from an exported request."""

from __future__ import annotations

import streamlit as st

from core.errors import DoubtfulPrices
from core.runs.archive import take_in_bounded
from core.runs.lab import lab
from core.runs.registry import Run
from pages.parts import controls
from pages.parts.layout import heading, mistakes_shown, plain
from pages.parts.live.viewer import list_watcher
from pages.parts.runs.actions import GENERATION, actions
from pages.parts.runs.table import COLUMNS, table
from pages.parts.visitors.asking import ask
from pages.parts.visitors.me import me, my_id
from pages.parts.visitors.words import upload_note

DOUBT = "doubtful request"  # in a session: a file with a request, and what has to be confirmed before it is started
BENCHES = {"All": None, "Spatial": "spatial", "Recurrent": "recurrent"}


@st.fragment
def listing(bench: str | None, parts: bool, own: bool) -> None:
    list_watcher()
    viewer = me()
    key = f"runs-{bench}-{own}-{st.session_state.get(GENERATION, 0)}"
    runs = shown_runs(key, bench, parts, own)
    if not runs:
        st.info("No runs yet. Train a spatial transformer or compare forecasters; both take ten seconds.")
        st.page_link("stn.py", label="Straighten a photo", icon=":material/play_arrow:")
        actions([], viewer, own)
        return
    st.session_state[f"shown-{key}"] = [run.id for run in runs]
    chosen = st.dataframe(
        table(runs, viewer), hide_index=True, column_config=COLUMNS, on_select="rerun", selection_mode="multi-row", key=key,
        placeholder="",
    )  # fmt: skip
    actions([runs[row] for row in chosen.selection.rows if row < len(runs)], viewer, own)


def shown_runs(key: str, bench: str | None, parts: bool, own: bool) -> list[Run]:
    """The newest runs; while rows are chosen the same ones as before, because a choice is row numbers."""
    chosen = st.session_state.get(key)
    if chosen and chosen["selection"]["rows"]:
        return [run for run_id in st.session_state.get(f"shown-{key}", []) if (run := lab().look(run_id))]
    return runs_of(bench, parts, own)


def runs_of(bench: str | None, parts: bool, own: bool) -> list[Run]:
    """One's own runs, or all that one may see."""
    return lab().runs(bench, parts=parts, **{"of" if own else "seen_by": my_id()})


def from_file() -> None:
    """Start the run of an exported request again."""
    with controls.area("uploads"), st.popover("Start from a request", icon=":material/upload_file:"):
        st.markdown("The `request.json` of an export, or the whole ZIP, which brings the inputs along.")
        file = controls.file_uploader("Request", ["json", "zip"], key="request-file", label_visibility="collapsed")
        st.caption(upload_note())
        if file is None:
            return
        right = _confirmed(file.file_id)
        if st.button("Start it", type="primary", icon=":material/play_arrow:", key="start-request"):
            with mistakes_shown():
                request = take_in_bounded([(file.name, file.getvalue())], lab().store)
                try:
                    run = ask(lab().confirmed(request) if right else request)
                except DoubtfulPrices as doubt:
                    st.session_state[DOUBT] = (file.file_id, str(doubt))
                    st.rerun()
            st.page_link("run.py", label=plain(run.title), icon=":material/open_in_new:", query_params={"id": run.id})


def _confirmed(file: str) -> bool:
    """Whether the visitor has said that the prices of the request in a file are right, where they look wrong."""
    asked, doubt = st.session_state.get(DOUBT, ("", ""))
    if asked != file:
        return False
    st.warning(plain(f"{doubt}."), icon=":material/warning:")
    return controls.toggle("The prices are right: train on them", False, key=f"right-{file}", bind=None)


heading("Runs", "Every experiment of this lab, pinned ones first, then the newest. Choose rows to cancel or delete your own.")
mine, choose, more, start = st.columns([1.2, 2.2, 1.3, 1.3], vertical_alignment="bottom")
with mine:
    first = "Mine" if lab().runs(limit=1, of=my_id()) else "All"
    own = controls.segmented_control("Whose", ["Mine", "All"], default=first, key="whose") == "Mine"
with choose:
    bench = BENCHES[controls.segmented_control("Bench", list(BENCHES), default="All", key="bench") or "All"]
with more:
    parts = controls.toggle("Tickers of sweeps", key="parts", help="Also list the runs that a sweep has started")
with start:
    from_file()
listing(bench, parts, own)
st.page_link("status.py", label="What this server is doing", icon=":material/monitor_heart:")
