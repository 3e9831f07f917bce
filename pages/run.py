"""One run, live or finished, by its id in the URL."""

from __future__ import annotations

import streamlit as st

from core.rnn.compare.result import CompareResult
from core.rnn.sweep.result import SweepResult
from core.rnn.traps.result import TrapsResult
from core.runs.registry import Run
from pages.parts.export_menu import take_away
from pages.parts.follow import follow, run_in_url
from pages.parts.layout import heading, plain
from pages.parts.progress import loss_so_far
from pages.parts.rnn import compare_result as compared
from pages.parts.rnn import sweep_result as swept
from pages.parts.rnn import traps_result as trapped
from pages.parts.stn import EXPERIMENTS


def show(run: Run) -> None:
    experiment = EXPERIMENTS.get(run.kind)
    live = experiment.live if experiment else swept.live if run.kind == "sweep" else loss_so_far
    result = follow(run, live)
    if result and experiment:
        experiment.finished(run, result)
    elif isinstance(result, CompareResult):
        take_away(run, result)
        compared.show(run, result)
    elif isinstance(result, SweepResult):
        take_away(run, result)
        swept.show(run, result)
    elif isinstance(result, TrapsResult):
        take_away(run, result)
        trapped.show(run, result)


run = run_in_url()
if run is None:
    heading("Run", "There is no run with this id here; it may have been deleted.")
    st.page_link("runs.py", label="All runs", icon=":material/list:")
else:
    heading(plain(run.title), f"Run `{run.id}`. This page's address is its link.")
    show(run)
    with st.expander("The request, as JSON"):
        st.json(run.request_json)
