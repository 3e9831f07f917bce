"""One run, live or finished, by its id in the URL."""

from __future__ import annotations

import streamlit as st

from core.runs.lab import lab
from core.runs.registry import Run
from pages.parts import controls
from pages.parts.follow import change, follow, run_in_url
from pages.parts.layout import heading, plain
from pages.parts.screen import screen_of
from pages.parts.style.style import in_colour_of
from pages.parts.visitors.me import my_id
from pages.parts.visitors.words import title_of


def show(run: Run) -> None:
    screen = screen_of(run)
    if result := follow(run):
        screen.finished(run, result, use_at_once=False)


run = run_in_url()
if run is None:
    heading("Run", "There is no run with this id here; it may have been deleted.")
    st.page_link("runs.py", label="All runs", icon=":material/list:")
else:
    in_colour_of(run.bench)
    label = lab().registry.labels.of(run.id, my_id())
    heading(plain(label.called(title_of(run))), f"Run `{run.id}`. This page's address is its link.")
    if label.note:
        st.caption(plain(label.note))
    change(run)
    show(run)
    with controls.fold("The request, as JSON", key="request") as unfolded:
        if unfolded:
            st.json(run.request_json)
