"""The first screen: two finished experiments, and the latest runs."""

from __future__ import annotations

import streamlit as st

from core.rnn.compare.result import CompareResult
from core.runs.lab import lab
from core.runs.registry import Run
from core.stn.drawing.grid_overlay import grid_on, margined
from core.stn.straighten.result import StraightenResult
from pages.parts.examples import shipped, shipped_ids, shipped_runs
from pages.parts.follow import done_in_words
from pages.parts.layout import heading, mode, picture, plain
from pages.parts.rnn import compare as compared
from pages.parts.visitors.me import my_id


def spatial(run: Run, result: StraightenResult) -> None:
    st.subheader("A network that straightens photos", anchor=False)
    trial = result.trials.iloc[0]
    before, after = st.columns(2)
    drawn = grid_on(result.distorted["0"], result.example_thetas[0], mode())
    with before:
        picture(drawn, "A distorted photo", f"turned by {trial.applied_deg:.1f}°")
    with after:
        picture(margined(result.straightened["0"], mode()), "The same photo, straightened", "straightened")
    st.markdown(
        f"It learned from one upright photo for {result.seconds:.0f} seconds without being given an angle. On "
        f"{result.scores['seen_trials']} distortions it had not seen it is off by **{result.scores['angle_error_deg']:.2f}°** "
        "in the median."
    )
    st.page_link("stn.py", label="Train it on your photos", icon=":material/play_arrow:")
    st.page_link("run.py", label="Open this run", icon=":material/open_in_new:", query_params={"id": run.id})


def recurrent(run: Run, result: CompareResult, others: list[Run]) -> None:
    """A target that can be forecast with its figure; then in a sentence each one that cannot, and what many tickers show."""
    st.subheader(f"Do recurrent networks forecast {plain(result.symbol)}?", anchor=False)
    compared.summary(run, result, key="home", question="How far will it move?")
    st.page_link("run.py", label="Open this run", icon=":material/open_in_new:", query_params={"id": run.id})
    for question, other in zip(("Which way will it move?", "And one network for twenty companies?"), others, strict=False):
        st.markdown(f"**{question}** {plain(capitalised(other.headline))}.")
        st.page_link("run.py", label="Open that run", icon=":material/open_in_new:", query_params={"id": other.id})
    st.page_link("rnn.py", label="Ask for your ticker", icon=":material/play_arrow:")


def capitalised(words: str) -> str:
    return words[:1].upper() + words[1:]


def latest(runs: list[Run], pinned: set[str]) -> None:
    st.subheader("Latest runs", anchor=False)
    for run in runs:
        words = done_in_words(run) if run.finished_at and run.seconds else f"{plain(run.title)} · {run.state}"
        icon = ":material/keep:" if run.id in pinned else None
        st.page_link("run.py", label=words, icon=icon, query_params={"id": run.id})


heading("Gridcast", "A deep-learning lab: spatial transformers on your images, recurrent networks on market data.")
left, right = st.columns(2, gap="large")
for run, result in shipped("straighten", 1):
    with left:
        if isinstance(result, StraightenResult):
            spatial(run, result)
for run, result in shipped("compare", 1):
    with right:
        if isinstance(result, CompareResult):
            recurrent(run, result, [*shipped_runs("compare")[1:2], *shipped_runs("panel")[:1]])
shown = [run for run in lab().runs(limit=8 + len(shipped_ids()), parts=False, seen_by=my_id()) if run.id not in shipped_ids()][
    :8
]
if shown:
    latest(
        shown, {run_id for run_id, shares in lab().registry.shares.several(run.id for run in shown).items() if shares.pinned}
    )
