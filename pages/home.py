"""The first screen: a network that learns to straighten, networks that try to forecast, and the latest runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

import streamlit as st

from core.errors import RunFailed
from core.runs.lab import lab
from core.runs.registry import Run
from pages.parts import controls
from pages.parts.examples import shipped_ids, shipped_runs
from pages.parts.follow import done_in_words
from pages.parts.home.moving import moving
from pages.parts.home.summaries import compared, straightened
from pages.parts.layout import heading, mode, plain
from pages.parts.visitors.me import my_id

MOST = 8  # of the latest runs that are listed
PURPOSE = (
    "Train a spatial transformer on your own photos, or ask whether a network forecasts a ticker better than a simple rule: "
    "every result says how far to believe it."
)
LOOK = ("Open this run: where it looks, and when not to believe it",)
ANSWERS = (
    "**How far will it move?** {answer}", "**Which way will it move?** {answer}",
    "**And one network for twenty companies?** {answer}",
)  # fmt: skip


def bench(
    question: str,
    promise: str,
    button: str,
    page: str,
    runs: Sequence[Run],
    shown: Callable[[Run], None],
    answers: Sequence[str],
) -> None:
    """A question with what a finished run shows, the button that asks it of one's own data, and an answer a run, which leads to
    it. Without a run there is the promise alone."""
    st.subheader(question, anchor=False)
    place = st.container()
    if controls.button(button, key=f"home_{page}", type="primary", icon=":material/play_arrow:"):
        st.switch_page(f"{page}.py")
    with place:
        if runs:
            with suppress(RunFailed):
                shown(runs[0])
        else:
            st.markdown(promise)
    for run, answer in zip(runs, answers, strict=False):
        words = answer.format(answer=plain(capitalised(run.headline)))
        st.page_link("run.py", label=words, icon=":material/open_in_new:", query_params={"id": run.id})


def spatial(run: Run) -> None:
    shown = straightened(run.id, run.result, run)
    moving(shown.film, "A turned photo with the part the network looks at, and the same photo straightened", f"home-{run.id}")
    st.markdown(
        f"It was shown one upright photo for {shown.seconds:.0f} seconds and never told an angle. In {shown.trials} trials the "
        f"photo was turned by {shown.untouched:.0f}° in the median; straightened, it is off by **{shown.error:.2f}°**."
    )


def recurrent(run: Run) -> None:
    shown = compared(run.id, run.result, mode(), run)
    moving(shown.lines, "Skill of the recurrent networks as the test days pass", f"home-{run.id}")
    sure = f": {shown.sure} against {shown.rival}" if shown.sure else ""
    chosen = f" {shown.chosen} was the best network before the test, on the validation days{sure}." if shown.chosen else ""
    cut = " What goes beyond the scale is drawn at its edge." if shown.lines.is_cut else ""
    st.caption(
        f"{plain(shown.name)}, {shown.what}: skill against {shown.rival}, the best classical model before the "
        f"test, on all of the {shown.days} test days until then.{cut}{chosen}"
    )


def capitalised(words: str) -> str:
    return words[:1].upper() + words[1:]


def latest(runs: list[Run]) -> None:
    st.subheader("Latest runs", anchor=False)
    shares = lab().registry.shares.several(run.id for run in runs)
    for run in runs:
        words = done_in_words(run) if run.finished_at and run.seconds else f"{plain(run.title)} · {run.state}"
        icon = ":material/keep:" if shares[run.id].pinned else None
        st.page_link("run.py", label=words, icon=icon, query_params={"id": run.id})


heading("Gridcast", PURPOSE)
left, right = st.columns(2, gap="large")
finished = shipped_runs()
of_kind = {kind: [run for run in finished if run.kind == kind] for kind in ("straighten", "compare", "panel")}
with left, st.container(key="bench-spatial"):
    bench(
        "How does a network learn what upright means?",
        "By turning your upright photos itself and learning to turn them back: no angle is ever given to it.",
        "Train it on your photos", "stn", of_kind["straighten"], spatial, LOOK,
    )  # fmt: skip
with right, st.container(key="bench-recurrent"):
    bench(
        "Can a network forecast the stock market?",
        "Recurrent networks and classical models forecast the same days; a test says whether any of them is better.",
        "Ask for your ticker", "rnn", [*of_kind["compare"][:2], *of_kind["panel"][:1]], recurrent, ANSWERS,
    )  # fmt: skip
listed = lab().runs(limit=MOST + len(shipped_ids()), parts=False, seen_by=my_id())
if latest_runs := [run for run in listed if run.id not in shipped_ids()][:MOST]:
    latest(latest_runs)
