"""The spatial bench: choose an experiment, give it your images, watch it learn, and use what it has learned."""

from __future__ import annotations

import streamlit as st

from core.runs.request import Request
from pages.parts.examples import shipped
from pages.parts.follow import dead_link, done_in_words, follow, run_in_url, submit
from pages.parts.layout import explain, heading, told
from pages.parts.stn import EXPERIMENTS
from pages.parts.stn.experiment import Choice, Experiment

TITLES = {experiment.title: experiment for experiment in EXPERIMENTS.values()}


def chosen() -> Experiment:
    """Which experiment: the first thing in the sidebar."""
    first = next(iter(TITLES))
    with st.sidebar:
        title = st.segmented_control("Experiment", list(TITLES), default=first, key="experiment", bind="query-params")
    return TITLES[title or first]


def form(experiment: Experiment) -> tuple[Choice, Request | None]:
    """The sidebar: inputs and settings; gives a request once the button was pressed."""
    with st.sidebar, told():
        choice: Choice = experiment.form()
        pressed = st.button(
            experiment.button, type="primary", icon=":material/play_arrow:", width="stretch", shortcut="Ctrl+Enter"
        )
        return choice, choice.request() if pressed else None


def before(experiment: Experiment, choice: Choice) -> None:
    """What the choice means, and a finished run of this kind that came with the lab."""
    with told():
        experiment.preview(choice)
    for example, result in shipped(experiment.kind):
        st.subheader("A finished run to look at", anchor=False)
        st.caption(done_in_words(example))
        experiment.show(example, result)


experiment = chosen()
heading("Spatial transformers", experiment.promise)
choice, request = form(experiment)
if request:
    with told():
        submit(request)
dead_link()
run = run_in_url(experiment.kind)
if run is None:
    before(experiment, choice)
elif result := follow(run, experiment.live):
    experiment.finished(run, result)
explain(experiment.explanation)
