"""The first screen: two finished experiments, and the latest runs."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from core.errors import RunFailed
from core.runs.lab import lab
from core.runs.registry import Run
from pages.parts.examples import shipped_ids, shipped_runs
from pages.parts.follow import done_in_words
from pages.parts.home_summaries import compared, straightened
from pages.parts.layout import chart, heading, mode, picture, plain
from pages.parts.visitors.me import my_id

MOST = 8  # of the latest runs that are listed


def spatial(run: Run) -> None:
    shown = straightened(run.id, run.result, mode(), run)
    st.subheader("A network that straightens photos", anchor=False)
    before, after = st.columns(2)
    with before:
        picture(shown.before, "A distorted photo", f"turned by {shown.turned:.1f}°")
    with after:
        picture(shown.after, "The same photo, straightened", "straightened")
    st.markdown(
        f"It learned from one upright photo for {shown.seconds:.0f} seconds without being given an angle. On "
        f"{shown.trials} distortions it had not seen it is off by **{shown.error:.2f}°** in the median."
    )
    st.page_link("stn.py", label="Train it on your photos", icon=":material/play_arrow:")
    st.page_link("run.py", label="Open this run", icon=":material/open_in_new:", query_params={"id": run.id})


def recurrent(run: Run, others: list[Run]) -> None:
    """A target that can be forecast with its figure; then in a sentence each one that cannot, and what many tickers show."""
    shown = compared(run.id, run.result, run)
    st.subheader(f"Do recurrent networks forecast {plain(shown.symbol)}?", anchor=False)
    alt = "Skill of every model with its spread over seeds"
    chart(shown.figure(mode()), alt, f"home-{run.id}", f"gridcast-{shown.symbol}-home")
    st.caption(plain(shown.source))
    st.markdown(f"**How far will it move?** {shown.verdict}")
    st.page_link("run.py", label="Open this run", icon=":material/open_in_new:", query_params={"id": run.id})
    for question, other in zip(("Which way will it move?", "And one network for twenty companies?"), others, strict=False):
        st.markdown(f"**{question}** {plain(capitalised(other.headline))}.")
        st.page_link("run.py", label="Open that run", icon=":material/open_in_new:", query_params={"id": other.id})
    st.page_link("rnn.py", label="Ask for your ticker", icon=":material/play_arrow:")


def capitalised(words: str) -> str:
    return words[:1].upper() + words[1:]


def latest(runs: list[Run]) -> None:
    st.subheader("Latest runs", anchor=False)
    shares = lab().registry.shares.several(run.id for run in runs)
    for run in runs:
        words = done_in_words(run) if run.finished_at and run.seconds else f"{plain(run.title)} · {run.state}"
        icon = ":material/keep:" if shares[run.id].pinned else None
        st.page_link("run.py", label=words, icon=icon, query_params={"id": run.id})


heading("Gridcast", "A deep-learning lab: spatial transformers on your images, recurrent networks on market data.")
left, right = st.columns(2, gap="large")
finished = shipped_runs()
of_kind = {kind: [run for run in finished if run.kind == kind] for kind in ("straighten", "compare", "panel")}
for run in of_kind["straighten"][:1]:
    with left, suppress(RunFailed):
        spatial(run)
for run in of_kind["compare"][:1]:
    with right, suppress(RunFailed):
        recurrent(run, [*of_kind["compare"][1:2], *of_kind["panel"][:1]])
listed = lab().runs(limit=MOST + len(shipped_ids()), parts=False, seen_by=my_id())
if latest_runs := [run for run in listed if run.id not in shipped_ids()][:MOST]:
    latest(latest_runs)
