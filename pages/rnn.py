"""Name a ticker; see which recurrent variants, if any, forecast it better than a random walk and the classical models."""

from __future__ import annotations

from datetime import date

import streamlit as st

from core.rnn.compare import CompareRequest
from core.rnn.csvfile import read_csv
from core.rnn.figures import price_chart
from core.rnn.prices import Prices, source_of
from core.rnn.samples import tickers
from core.rnn.windows import split_days
from core.runs.lab import lab
from core.theme import LINES
from pages.parts.follow import submit
from pages.parts.layout import chart, heading, mode, told

SOURCES = {"sample": "Samples", "yahoo": "Yahoo", "csv": "Your CSV"}
TARGETS = {"return": "Next-day return", "volatility": "Volatility"}
CELLS = ("rnn", "birnn", "lstm", "gru")
START = date(2010, 1, 1)


@st.cache_data(ttl=900, max_entries=64, show_spinner="Asking Yahoo for prices")
def fetched(source: str, symbol: str) -> Prices:
    return source_of(source).fetch(symbol)


def chosen_prices() -> Prices | None:
    """The prices that the visitor names; None until there are any. Raises PriceError."""
    source = st.segmented_control(
        "Source", list(SOURCES), default="sample", key="source", bind="query-params", format_func=SOURCES.get
    )
    if source == "csv":
        file = st.file_uploader("A CSV with a date and a price column", ["csv", "txt", "gz"], key="csv")
        return read_csv(file.name, file.getvalue()) if file else None
    if source == "yahoo":
        symbol = st.text_input(
            "Ticker", "AAPL", key="ticker", bind="query-params", help="As Yahoo writes it: MSFT, ^GSPC, BTC-USD"
        )
        st.caption("Yahoo's prices are unofficial and for personal use.")
    else:
        names = tickers()
        symbol = st.selectbox("Ticker", list(names), list(names).index("AAPL"), key="symbol", bind="query-params",
                              format_func=lambda ticker: f"{ticker} · {names[ticker]}")  # fmt: skip
    return fetched(source or "sample", symbol.strip()) if symbol.strip() else None


def form() -> tuple[Prices | None, dict | None]:
    """The sidebar: what to forecast, and with what."""
    prices = chosen_prices()
    start = st.date_input("From", START, date(1900, 1, 1), date.today(), key="start", bind="query-params")
    end = st.date_input("To", None, date(1900, 1, 1), date.today(), key="end", bind="query-params")
    target = st.segmented_control("Target", list(TARGETS), default="volatility", key="target", bind="query-params",
                                  format_func=TARGETS.get)  # fmt: skip
    cells = st.pills("Variants", CELLS, selection_mode="multi", default=CELLS, key="cells", bind="query-params",
                     format_func=lambda cell: LINES[cell].name)  # fmt: skip
    seeds = st.slider("Seeds", 1, 10, 3, key="seeds", bind="query-params", help="Networks trained per variant")
    test_days = st.slider(
        "Test days", 100, 2000, 500, 50, key="test", bind="query-params", help="Scored once, never trained on"
    )
    settings = {"target": target or "volatility", "cells": tuple(cells), "seeds": seeds, "test_days": test_days}
    return prices, settings | {"start": start, "end": end}


def ask(prices: Prices, settings: dict) -> None:
    digest = lab().store.put(prices.to_bytes())
    submit(CompareRequest(symbol=prices.symbol, source=prices.source, prices=digest, **settings))


def preview(prices: Prices, settings: dict) -> None:
    """The prices at once, with the periods that a run would use."""
    shown = prices.between(settings["start"], settings["end"])
    splits = split_days(shown.days, settings["test_days"])
    chart(price_chart(shown.days, shown.close, splits, mode()), f"Prices of {prices.symbol} with the periods marked", "prices")
    st.caption(shown.caption)
    for note in shown.notes:
        st.caption(note)


heading(
    "Recurrent forecasters", "Does any recurrent network forecast this ticker better than a random walk, and how sure is that?"
)
with st.sidebar, told():
    prices, settings = form()
    pressed = st.button("Compare", type="primary", icon=":material/play_arrow:", width="stretch", shortcut="Ctrl+Enter",
                        disabled=prices is None)  # fmt: skip
