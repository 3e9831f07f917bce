"""Name a ticker; see which recurrent variants, if any, forecast it better than a random walk and the classical models."""

from __future__ import annotations

from datetime import date

import streamlit as st

from core.errors import GridcastError
from core.rnn.compare import CompareRequest, CompareResult
from core.rnn.csvfile import read_csv
from core.rnn.figures import price_chart
from core.rnn.names import CellName
from core.rnn.prices import Prices, source_of
from core.rnn.samples import tickers
from core.rnn.targets import TargetName
from core.rnn.windows import split_days
from core.runs.lab import lab
from pages.parts import compared
from pages.parts.follow import dead_link, done_in_words, follow, outdated, run_in_url, submit
from pages.parts.layout import chart, explain, heading, mode, plain, told
from pages.parts.shipped import shipped
from pages.parts.take_away import take_away

SOURCES = {"Samples": "sample", "Yahoo": "yahoo", "CSV": "csv"}  # options stand in the URL as they are shown
TARGETS: dict[str, TargetName] = {"Return": "return", "Volatility": "volatility"}
CELLS: dict[str, CellName] = {"RNN": "rnn", "BiRNN": "birnn", "LSTM": "lstm", "GRU": "gru"}
START = date(2010, 1, 1)


@st.cache_resource(ttl=900, max_entries=64, show_spinner="Asking Yahoo for prices")
def fetched(source: str, symbol: str) -> Prices:
    return source_of(source).fetch(symbol)


@st.cache_resource(ttl=900, max_entries=16, show_spinner=False)
def read_file(name: str, content: bytes) -> Prices:
    return read_csv(name, content)


def chosen_prices(source: str) -> Prices | None:
    """The prices that the visitor names; None until there are any. Raises PriceError."""
    if source == "csv":
        file = st.file_uploader("A CSV with a date and a price column", ["csv", "txt", "gz"], key="csv")
        return read_file(file.name, file.getvalue()) if file else None
    if source == "yahoo":
        symbol = st.text_input("Ticker", "AAPL", key="ticker", bind="query-params", help="MSFT, ^GSPC, BTC-USD, …")
        st.caption("Yahoo's prices are unofficial and for personal use.")
    else:
        shipped = list(tickers())
        symbol = st.selectbox("Ticker", shipped, shipped.index("AAPL"), key="symbol", bind="query-params")
        st.caption(tickers()[symbol])
    return fetched(source, symbol.strip()) if symbol.strip() else None


def form() -> tuple[Prices | None, dict[str, object]]:
    """The sidebar: what to forecast, and with what."""
    source = SOURCES[
        st.segmented_control("Source", list(SOURCES), default="Samples", key="source", bind="query-params") or "Samples"
    ]
    try:
        prices = chosen_prices(source)
    except GridcastError as error:  # the rest of the form stays usable
        st.error(str(error), icon=":material/error:")
        prices = None
    own = source == "csv"
    first, today = date(1900, 1, 1), date.today()
    start = st.date_input("From", None if own else START, first, today, key="first" if own else "start", bind="query-params")
    end = st.date_input("To", None, first, today, key="end", bind="query-params")
    target = st.segmented_control("Target", list(TARGETS), default="Volatility", key="target", bind="query-params")
    cells = st.pills("Variants", list(CELLS), selection_mode="multi", default=list(CELLS), key="cells", bind="query-params")
    seeds = st.slider("Seeds", 1, 10, 3, key="seeds", bind="query-params", help="Networks trained per variant")
    test_days = st.slider("Test days", 100, 2000, 500, 50, key="test", bind="query-params", help="Scored once")
    return prices, {
        "start": start,
        "end": end,
        "target": TARGETS[target or "Volatility"],
        "cells": tuple(CELLS[cell] for cell in cells),
        "seeds": seeds,
        "test_days": test_days,
    }


def asked_for(prices: Prices, settings: dict[str, object]) -> CompareRequest:
    digest = lab().store.put(prices.to_bytes())
    return CompareRequest(symbol=prices.symbol, source=prices.source, prices=digest, **settings)


def preview(prices: Prices, settings: dict) -> None:
    """The prices at once, with the periods that a run would use."""
    shown = prices.between(settings["start"], settings["end"])
    splits = split_days(shown.days, settings["test_days"])
    chart(
        price_chart(shown.days, shown.close, splits, mode(), shown.basis),
        f"Prices of {prices.symbol} with the periods marked",
        "prices",
    )
    st.caption("  \n".join(plain(line) for line in (shown.caption, *shown.notes)))


heading(
    "Recurrent forecasters", "Does a recurrent network forecast this ticker better than a random walk, and how sure is that?"
)
with st.sidebar:
    prices, settings = form()
    pressed = st.button("Compare", type="primary", icon=":material/play_arrow:", width="stretch", shortcut="Ctrl+Enter",
                        disabled=prices is None)  # fmt: skip
request = None
if prices:
    with told():
        request = asked_for(prices, settings)
if request and pressed:
    with told():
        submit(request)
dead_link()
run = run_in_url("compare")
if run is None or outdated(run, request):
    if prices:
        with told():
            preview(prices, settings)
    elif st.session_state.source == "CSV":
        st.info("Upload a CSV with a date and a price column.", icon=":material/arrow_back:")
if run is None:
    for example, finished in shipped("compare"):
        st.subheader("A finished comparison to look at", anchor=False)
        st.caption(done_in_words(example))
        compared.show(example, finished)
else:
    if outdated(run, request):
        st.subheader("The last comparison", anchor=False)
        st.caption("You have changed the choice since; press Compare to run it.")
    result = follow(run)
    if isinstance(result, CompareResult):
        take_away(run, result)
        compared.show(run, result)
explain(
    "Every model forecasts the next trading day from the days before it. The **test** days are scored once; training sees only "
    "the first band, and the second chooses when to stop. **Skill** is "
    "$1 - \\mathrm{MSE} / \\mathrm{MSE}_\\mathrm{rw}$: above zero the model is better than the random walk, which says that "
    "tomorrow is as today. Small differences mean nothing by themselves; the Diebold–Mariano test says how easily chance alone "
    "would make them. Not investment advice."
)
