"""The page of panels: one model for many tickers, and whether networks beat the best of the others on all of them."""

from __future__ import annotations

from datetime import date

import streamlit as st

from core.rnn.panel.request import MOST_SEEDS, MOST_TICKERS, PanelRequest, panel_request
from core.rnn.panel.result import PanelResult
from core.rnn.prices.reader import reader_of
from core.rnn.prices.sources import Source, symbols_in, ticker_sources
from core.runs.lab import lab
from pages.parts.export_menu import export_menu
from pages.parts.follow import dead_link, done_in_words, follow, outdated, run_in_url, submit
from pages.parts.layout import heading, mistakes_shown
from pages.parts.rnn import panel as parts
from pages.parts.rnn.compare_form import BOTH_WAYS, FORWARDS, START, TARGETS
from pages.parts.rnn.price_form import chosen_source, companies_of, fetched, show_terms

CELLS = FORWARDS | BOTH_WAYS
VARIANTS = ["RNN", "BiRNN", "LSTM", "GRU"]
FIRST_TARGET = "Volatility"


def chosen_symbols(source: Source) -> tuple[str, ...]:
    """The tickers that the visitor names."""
    usual = list(reader_of(source.name).panel) or list(source.examples)
    if companies := companies_of(source):
        chosen = st.multiselect("Tickers", list(companies), usual, key="tickers", bind="query-params")
        return tuple(chosen)
    pasted = st.text_area(
        "Symbols", " ".join(usual), key="symbols", bind="query-params", help="Between spaces, commas or lines"
    )
    st.caption(f"Up to {MOST_TICKERS}.")
    show_terms(source)
    return symbols_in(pasted)


def form() -> tuple[Source, tuple[str, ...], dict[str, object]]:
    """The sidebar: which tickers, what to forecast, and with what."""
    source = chosen_source(ticker_sources())
    symbols = chosen_symbols(source)
    first, today = date(1900, 1, 1), date.today()
    start = st.date_input("From", START, first, today, key="start", bind="query-params")
    end = st.date_input("To", None, first, today, key="end", bind="query-params")
    chosen = st.segmented_control("Target", list(TARGETS), default=FIRST_TARGET, key="target", bind="query-params")
    cells = st.pills("Variants", list(CELLS), selection_mode="multi", default=VARIANTS, key="cells", bind="query-params")
    market = st.toggle("Read the market", True, key="market", bind="query-params", help="The mean move of all tickers")
    nine = st.toggle("Nine recipes", False, key="nine", bind="query-params", help="A fixed set, and its committee")
    seeds = st.slider("Seeds", 1, MOST_SEEDS, 3, key="seeds", bind="query-params", help="Networks trained per variant")
    settings = {
        "start": start,
        "end": end,
        "target": TARGETS[chosen or FIRST_TARGET].name,
        "cells": tuple(CELLS[cell] for cell in cells),
        "market": market,
        "recipes": "nine" if nine else "one",
        "seeds": seeds,
    }
    return source, symbols, settings


def request_of(source: Source, symbols: tuple[str, ...], settings: dict[str, object]) -> PanelRequest:
    return panel_request(
        symbols, lambda symbol: fetched(source.name, symbol), lambda prices: lab().store.put(prices.to_bytes()), settings
    )


heading("Panel", "One model for many tickers: do networks beat the best of the others?")
with st.sidebar:
    source, symbols, settings = form()
    pressed = st.button("Train", type="primary", icon=":material/play_arrow:", width="stretch", shortcut="Ctrl+Enter",
                        disabled=len(symbols) < 2)  # fmt: skip
request = None
if len(symbols) > 1 and (pressed or not source.online):  # a server is asked only when the button was pressed
    with mistakes_shown(), st.spinner("Reading prices", show_time=True):
        request = request_of(source, symbols, settings)
if request and pressed:
    with mistakes_shown():
        submit(request)
dead_link()
run = run_in_url("panel")
if run is None:
    if last := parts.finished():
        st.subheader("A finished panel to look at", anchor=False)
        st.caption(done_in_words(last[0]))
        parts.show(*last)
    else:
        st.info("Choose two tickers or more, then press Train.", icon=":material/arrow_back:")
else:
    if request and outdated(run, request):
        st.subheader("The last panel", anchor=False)
        st.caption("You have changed the choice since; press Train to run it.")
    result = follow(run, parts.live)
    if isinstance(result, PanelResult):
        export_menu(run, result)
        parts.show(run, result)
