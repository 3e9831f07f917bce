"""The page of sweeps: the same comparison on many tickers; how many models beat the classical ones, and how many by chance."""

from __future__ import annotations

from datetime import date

import streamlit as st

from core.rnn.compare.request import MOST_SEEDS, CompareRequest
from core.rnn.prices.prices import Prices
from core.rnn.prices.reader import reader_of
from core.rnn.prices.sources import Source, symbols_in, ticker_sources
from core.rnn.sweep.request import MOST_TICKERS, SweepRequest, sweep_of
from core.rnn.sweep.result import SweepResult
from pages.parts import controls
from pages.parts.examples import latest
from pages.parts.export_menu import export_menu
from pages.parts.follow import dead_link, done_in_words, follow, outdated, run_in_url, submit
from pages.parts.layout import heading, mistakes_shown
from pages.parts.links.copy_link import latest_run
from pages.parts.rnn import sweep as swept
from pages.parts.rnn.compare_form import BOTH_WAYS, FIRST_TARGET, FORWARDS, START, TARGETS
from pages.parts.rnn.price_form import chosen_source, companies_of, fetched, show_terms, stored
from pages.parts.wait import wait_shown

CELLS = FORWARDS | BOTH_WAYS
VARIANTS = ["RNN", "BiRNN", "LSTM", "GRU"]


def chosen_symbols(source: Source) -> tuple[str, ...]:
    """The tickers that the visitor names."""
    if companies := companies_of(source):

        def in_words(symbol: str) -> str:
            return f"{symbol} · {companies[symbol]}"

        groups = reader_of(source.name).groups
        whole = controls.pills("Groups", list(groups), selection_mode="multi", key="groups")
        symbols = controls.multiselect("Tickers", list(companies), list(source.examples), key="tickers", format_func=in_words)
        return tuple(dict.fromkeys([*symbols, *(symbol for group in whole for symbol in groups[group])]))
    pasted = controls.text_area("Symbols", " ".join(source.examples), key="symbols", help="Between spaces, commas or lines")
    st.caption(f"Up to {MOST_TICKERS}.")
    show_terms(source)
    return symbols_in(pasted)


def form() -> tuple[Source, tuple[str, ...], dict[str, object]]:
    """The sidebar: which tickers, what to forecast, and with what."""
    source = chosen_source(ticker_sources())
    symbols = chosen_symbols(source)
    first, today = date(1900, 1, 1), date.today()
    start = controls.date_input("From", START, first, today, key="start")
    end = controls.date_input("To", None, first, today, key="end")
    chosen = controls.segmented_control("Target", list(TARGETS), default=FIRST_TARGET, key="target")
    target = TARGETS[chosen or FIRST_TARGET]
    cells = controls.pills("Variants", list(CELLS), selection_mode="multi", default=VARIANTS, key="cells")
    seeds = controls.slider("Seeds", 1, MOST_SEEDS, 3, key="seeds", help="Networks trained per variant and ticker")
    test_days = controls.slider("Test days", 100, 2000, 500, 50, key="test", help="Scored once")
    settings = {
        "start": start,
        "end": end,
        "target": target.name,
        "cells": tuple(CELLS[cell] for cell in cells),
        "seeds": seeds,
        "test_days": test_days,
    }
    return source, symbols, settings


def sweep_request(source: Source, symbols: tuple[str, ...], settings: dict[str, object]) -> SweepRequest:
    def comparison(prices: Prices) -> CompareRequest:
        return CompareRequest(symbol=prices.symbol, source=prices.source, prices=stored(prices), **settings)

    return sweep_of(symbols, lambda symbol: fetched(source.name, symbol), comparison)


heading("Sweep", "Which variant beats the classical models on many tickers, and how often would chance alone make it look so?")
with controls.area("sidebar", st.sidebar):
    source, symbols, settings = form()
    trained = len(symbols) * len(settings["cells"]) * settings["seeds"]
    pressed = controls.start("Sweep", ready=bool(symbols))
    st.caption(f"{len(symbols)} ticker{'' if len(symbols) == 1 else 's'}, {trained:,} networks")
    if symbols:
        wait_shown("compare", trained / len(symbols), direct=False)
request = None
if symbols and (pressed or not source.online):  # a server is asked only when the button was pressed
    with mistakes_shown(), st.spinner("Reading prices", show_time=True):
        request = sweep_request(source, symbols, settings)
if request and pressed:
    with mistakes_shown():
        submit(request)
dead_link()
run = run_in_url("sweep")
if run is None:
    if not symbols:
        st.info("Choose at least one ticker.", icon=":material/arrow_back:")
    if last := latest("sweep", "recurrent"):
        st.caption(f"A finished sweep to look at: {done_in_words(last[0])}")
        with latest_run(last[0]):
            swept.show(*last)
    elif symbols:
        st.info("Press Sweep. Every ticker can be looked at as soon as it is done.", icon=":material/arrow_back:")
else:
    if request and outdated(run, request):
        st.subheader("The last sweep", anchor=False)
        st.caption("You have changed the choice since; press Sweep to run it.")
    result = follow(run)
    if isinstance(result, SweepResult):
        export_menu(run, result)
        swept.show(run, result)
