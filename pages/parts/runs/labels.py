"""The name and the note that a visitor gives a run; nobody else sees them."""

from __future__ import annotations

import streamlit as st

from core.runs.lab import lab
from core.runs.registry import Run
from core.runs.visitors.label import LONGEST_LABEL, LONGEST_NOTE, Label
from pages.parts import controls
from pages.parts.visitors.me import my_id

MENU, SAVED = "label", "label-saved"


def label_menu(run: Run | None) -> None:
    """A button that opens the fields for a run; without one it waits for a row to be chosen."""
    if st.session_state.pop(SAVED, False):
        st.toast("Saved. The run's page, its report and its notebook show name and note too.", icon=":material/check:")
    opened = st.popover(
        "Name and note", icon=":material/edit:", key=MENU, on_change="rerun", disabled=run is None,
        help="Of your own: nobody else sees them" if run else "Choose one row first",
    )  # fmt: skip
    if run is None or not opened.open:
        return
    with opened:
        label = lab().registry.labels.of(run.id, my_id())
        keys = f"label-name-{run.id}", f"label-note-{run.id}"
        controls.text_input("Name", label.name, key=keys[0], bind=None, max_chars=LONGEST_LABEL, placeholder=run.title)
        controls.text_area("Note", label.note, key=keys[1], bind=None, max_chars=LONGEST_NOTE)
        if st.button("Save", type="primary", icon=":material/check:", key="save-label", on_click=_save, args=(run.id, keys)):
            st.rerun()


def _save(run_id: str, keys: tuple[str, str]) -> None:
    before = lab().registry.labels.of(run_id, my_id())
    name, note = (str(st.session_state[key] or "") for key in keys)
    lab().registry.labels.write(run_id, my_id(), Label.of(name, note, before.pinned))
    st.session_state[MENU], st.session_state[SAVED] = False, True  # the menu closes


def pin_for_me(runs: list[Run], first: bool) -> None:
    """Put runs first in one's own lists, or take them back from there."""
    labels = lab().registry.labels.several([run.id for run in runs], my_id())
    for run in runs:
        label = labels[run.id]
        lab().registry.labels.write(run.id, my_id(), Label(label.name, label.note, first))
