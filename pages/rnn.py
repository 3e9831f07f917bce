"""The page of comparisons: choose a ticker and models, compare, and see the verdict."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.made_once import made_once
from core.rnn.compare.overview_figures import price_chart
from core.rnn.compare.request import CompareRequest
from core.rnn.compare.result import CompareResult
from core.rnn.dataset.splits import split_days
from core.rnn.prices.notes import caption_of, notes_of
from core.rnn.prices.prices import Prices
from core.runs.registry import Run
from core.theme import Mode
from pages.parts import controls
from pages.parts.examples import closest
from pages.parts.follow import changes, dead_link, done_in_words, follow, outdated, run_in_url, submit
from pages.parts.layout import chart, explain, heading, mistakes_shown, mode, plain
from pages.parts.links.kept_uploads import has_files
from pages.parts.rnn import compare as compared
from pages.parts.rnn.compare_form import Choice, form
from pages.parts.visitors.asking import check_limit
from pages.parts.wait import wait_shown

EXPLANATION = (
    "Every model forecasts the next days from the days before them, from every day of the test. The **test** days are scored "
    "once; training sees only the first band, and the second chooses when to stop. **Skill** is how much less a model loses "
    "than the reference: $1 - L / L_\\mathrm{ref}$, of QLIKE the difference $L_\\mathrm{ref} - L$. The reference of returns is "
    "the random walk, of directions the share of rises so far, of volatility HAR. A network is the **committee** of its seeds, "
    "the mean of their forecasts. Small differences may be chance; the Diebold–Mariano test gives the probability of a "
    "difference as large by chance alone. Not investment advice."
)


def preview(choice: Choice) -> None:
    """The chosen prices, with the periods that a run would use."""
    prices = choice.prices[-1]
    st.subheader(plain(" · ".join(filter(None, [prices.symbol, prices.name]))), anchor=False)
    shown = prices.between(choice.settings["start"], choice.settings["end"])
    alt = f"Prices of {prices.symbol} with the periods marked"
    drawn = _drawn(prices, choice.settings["start"], choice.settings["end"], choice.settings["test_days"], mode())
    chart(drawn, alt, "prices", f"gridcast-{prices.symbol}-prices")
    st.caption("  \n".join(plain(line) for line in (caption_of(shown), *notes_of(shown))))


@made_once
def _drawn(prices: Prices, start: Any, end: Any, test_days: int, theme: Mode) -> go.Figure:
    shown = prices.between(start, end)
    return price_chart(shown.moments, shown.close, split_days(shown.days, test_days), theme, shown.basis, shown.currency)


def before(choice: Choice) -> None:
    """A preview of the chosen prices, or what is missing."""
    if choice.prices:
        with mistakes_shown():
            preview(choice)
    elif choice.source.from_file:
        words = "The file cannot be used; why stands below its field." if has_files("csv") else f"Upload {choice.source.hint}."
        st.info(words, icon=":material/arrow_back:")


def examples() -> None:
    if shown := closest("compare", {"target": choice.settings["target"]}):
        st.subheader("A finished comparison to look at", anchor=False)
        st.caption(done_in_words(shown[0]))
        compared.SCREEN.show(*shown)
        compared.SCREEN.folded(*shown)


def finished(run: Run, request: CompareRequest | None) -> None:
    if outdated(run, request):
        st.subheader(f"The comparison of {plain(', '.join(run.request.subjects))}", anchor=False)
        changes(run, request, "Compare")
    result = follow(run)
    if isinstance(result, CompareResult):
        compared.SCREEN.finished(run, result)


heading(
    "Recurrent forecasters",
    "Does a recurrent network forecast this ticker better than the classical models, and how sure is that?",
)
with controls.area("sidebar", st.sidebar):
    choice = form()
    with controls.starting():
        pressed = controls.start("Compare", ready=bool(choice.prices) and choice.confirmed)
        wait = st.container()
with mistakes_shown():
    requests = choice.requests()
    if pressed:
        check_limit(requests)
    for request in requests if pressed else []:
        submit(request)
dead_link()
request = requests[-1] if requests else None
if request:
    with wait:
        wait_shown("compare", request.size)
run = run_in_url("compare")
if run is None or outdated(run, request):
    before(choice)
if run is None:
    examples()
else:
    finished(run, request)
explain(EXPLANATION)
