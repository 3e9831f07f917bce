"""The list of all runs of this lab: to open, cancel or delete them, or to start one from an exported request."""

from __future__ import annotations

import streamlit as st

from core.errors import DoubtfulPrices
from core.runs.archive import take_in_bounded
from core.runs.beside.seeds import grouped
from core.runs.lab import lab
from core.runs.registry import Run
from core.runs.visitors import names
from pages.parts import controls
from pages.parts.layout import heading, mistakes_shown, plain
from pages.parts.links.places import go
from pages.parts.live.viewer import list_watcher
from pages.parts.runs.actions import GENERATION, actions
from pages.parts.runs.table import OPEN, columns, height, holds, row_height, table
from pages.parts.visitors.asking import ask
from pages.parts.visitors.me import me, my_id
from pages.parts.visitors.words import upload_note

DOUBT = "doubtful request"  # in a session: a file with a request, and what has to be confirmed before it is started
BENCHES = {"All": None, "Spatial": "spatial", "Recurrent": "recurrent"}


@st.fragment
def listing(bench: str | None, parts: bool, own: bool, words: str, together: bool) -> None:
    list_watcher()
    viewer, above = me(), st.container()
    key = f"runs-{bench}-{own}-{together}-{words}-{st.session_state.get(GENERATION, 0)}"
    groups = shown_groups(key, bench, parts, own, words, together)
    if not groups:
        st.info("No runs yet. Train a spatial transformer or compare forecasters; both take ten seconds.")
        st.page_link("stn.py", label="Straighten a photo", icon=":material/play_arrow:")
        actions([], viewer, own)
        return
    st.session_state[f"shown-{key}"] = [[run.id for run in group] for group in groups]
    labels = lab().registry.labels.several([run.id for group in groups for run in group], viewer.id)
    chosen = st.dataframe(
        table(groups, viewer, labels, together), hide_index=True, column_config=columns(), on_select="rerun",
        selection_mode="multi-row", key=key, placeholder="", row_height=row_height(), height=height(len(groups)),
    )  # fmt: skip
    if pressed := st.session_state.get(OPEN):
        go("run", id=groups[pressed["row"]][0].id)
    with above:  # so that the keyboard comes to the buttons before the table's cells
        actions([run for row in chosen.selection.rows if row < len(groups) for run in groups[row]], viewer, own)


def shown_groups(key: str, bench: str | None, parts: bool, own: bool, words: str, together: bool) -> list[list[Run]]:
    """The newest runs; while rows are chosen the same ones as before, because a choice is row numbers."""
    chosen = st.session_state.get(key)
    if chosen and chosen["selection"]["rows"]:
        before = st.session_state.get(f"shown-{key}", [])
        there = lab().several(run_id for group in before for run_id in group)
        return [runs for group in before if (runs := [there[run_id] for run_id in group if run_id in there])]
    runs = runs_of(bench, parts, own)
    labels = lab().registry.labels.several([run.id for run in runs], my_id())
    found = [run for run in runs if holds(run, labels[run.id], words)]
    found.sort(key=lambda run: not labels[run.id].pinned)  # one's own pinned ones first, the rest as before
    return grouped(found) if together else [[run] for run in found]


def runs_of(bench: str | None, parts: bool, own: bool) -> list[Run]:
    """One's own runs, or all that one may see; among them all that one has pinned, however old they are."""
    newest = lab().runs(bench, parts=parts, **{"of" if own else "seen_by": my_id()})
    here = {run.id for run in newest}
    pinned = lab().several(run for run in lab().registry.labels.pinned(my_id()) if run not in here)
    return [*(run for run in pinned.values() if bench in (None, run.bench) and _listed(run, own)), *newest]


def _listed(run: Run, own: bool) -> bool:
    shares = lab().registry.shares.of(run.id)
    people = lab().registry.people.several(shares.holders)
    return my_id() in shares.holders if own else names.sees(my_id(), shares, people, lab().all_private)


def from_file() -> None:
    """Start the run of an exported request again."""
    with controls.area("uploads"), st.popover("Start from a request", icon=":material/upload_file:"):
        st.markdown("The `request.json` of an export, or the whole ZIP, which brings the inputs along.")
        file = controls.file_uploader("Request", ["json", "zip"], key="request-file", kept=False, label_visibility="collapsed")
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


heading(
    "Runs",
    "Your runs, or all that this lab shows you: pinned ones first, then the newest. Choose rows to set them side by side.",
)
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    first = "Mine" if lab().runs(limit=1, of=my_id()) else "All"
    own = controls.segmented_control("Whose", ["Mine", "All"], default=first, key="whose", required=True) == "Mine"
    bench = BENCHES[controls.segmented_control("Bench", list(BENCHES), default="All", key="bench", required=True) or "All"]
    words = controls.text_input(
        "Find", key="find", placeholder="e.g. straighten", help="Words of title, state, outcome, note", width=220
    )
    with st.container(width="content", gap=None):
        parts = controls.toggle("Tickers of sweeps", key="parts", help="Also list the runs that a sweep has started")
        together = controls.toggle("Seeds together", key="together", help="One row for runs that differ in their seed alone")
    with st.container(width="content"):
        from_file()
listing(bench, parts, own, words, together)
st.page_link("status.py", label="What this server is doing", icon=":material/monitor_heart:")
