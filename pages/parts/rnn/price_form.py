"""Which prices: shipped samples, Yahoo by ticker or company name, or a CSV whose columns are found, shown and correctable."""

from __future__ import annotations

from typing import Literal, cast

import pandas as pd
import streamlit as st

from core.errors import GridcastError, PriceError
from core.rnn.prices.bar_sizes import BAR_SIZES, BarSize
from core.rnn.prices.csv_file import Layout, Reading, look_at
from core.rnn.prices.prices import Listing, Prices
from core.rnn.prices.samples import tickers
from core.rnn.prices.sources import source_of, symbols_in
from pages.parts.layout import plain

SourceName = Literal["sample", "yahoo", "csv"]
SOURCES: dict[str, SourceName] = {"Samples": "sample", "Yahoo": "yahoo", "CSV": "csv"}  # in the URL as they are shown
WORDS: dict[str, BarSize] = {words.capitalize(): bar_size for bar_size, words in BAR_SIZES.items()}
DECIMALS: dict[str, Literal[".", ","] | None] = {"As found": None, "Point": ".", "Comma": ","}
ORDERS: dict[str, bool | None] = {"As found": None, "Day first": True, "Month first": False}
FOUND = 5  # companies


@st.cache_resource(ttl=900, max_entries=64, show_spinner="Asking for prices")
def fetched(source: str, symbol: str, bar_size: BarSize) -> Prices:
    return source_of(source).fetch(symbol, bar_size)


@st.cache_resource(ttl=900, max_entries=64, show_spinner="Asking Yahoo for companies")
def listed(source: str, words: str) -> list[Listing]:
    return list(source_of(source).search(words))


@st.cache_resource(ttl=900, max_entries=16, show_spinner=False)
def looked_at(
    name: str, content: bytes, dates: str | None, price: str | None, decimal: Literal[".", ","] | None, day_first: bool | None
) -> Reading:
    return look_at(name, content, layout=Layout(dates, price, decimal, day_first))


def chosen_source() -> SourceName:
    told = st.segmented_control("Source", list(SOURCES), default="Samples", key="source", bind="query-params", required=True)
    return SOURCES[told or "Samples"]


def chosen_bar_size(source: SourceName) -> BarSize:
    """Days or weeks; Yahoo also has the last weeks bar by bar."""
    offered = list(WORDS) if source == "yahoo" else list(WORDS)[:2]
    return WORDS[st.selectbox("Bars", offered, key="bars", bind="query-params")]


def chosen_prices(source: SourceName, bar_size: BarSize) -> list[Prices]:
    """The prices that the visitor names, a series a ticker; of those that cannot be had it is said why not."""
    if source == "csv":
        return [prices.every(bar_size)] if (prices := uploaded()) else []
    _search(source)
    had: list[Prices] = []
    for symbol in _named(source):
        try:
            had.append(fetched(source, symbol, bar_size))
        except GridcastError as error:
            st.error(plain(str(error)), icon=":material/error:")
    return had


def _named(source: SourceName) -> list[str]:
    if source == "yahoo":
        text = st.text_input("Tickers", "AAPL", key="ticker", bind="query-params", help="MSFT, ^GSPC, BTC-USD, …")
        st.caption("Yahoo's prices are unofficial and for personal use.")
        return list(symbols_in(text))
    names = st.multiselect("Tickers", list(tickers()), ["AAPL"], key="symbol", bind="query-params")
    st.caption(", ".join(tickers()[name] for name in names))
    return names


def _search(source: SourceName) -> None:
    """Tickers by the name of the company; one that is pressed joins those that are named."""
    with st.popover("Find by company name", icon=":material/search:", width="stretch"):
        words = st.text_input("Company, index or fund", key=f"company-{source}", placeholder="apple")
        try:
            found = listed(source, words.strip())[:FOUND] if words.strip() else []
        except GridcastError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        for one in found:
            said = " · ".join(plain(part) for part in (one.symbol, one.name, one.kind, one.exchange) if part)
            st.button(said, key=f"found-{source}-{one.symbol}", on_click=_take, args=(source, one.symbol), width="stretch")
        if words.strip() and not found:
            st.caption("Nothing of that name.")


def _take(source: SourceName, symbol: str) -> None:
    """Name one ticker more."""
    state = st.session_state
    if source == "sample":
        state.symbol = [*dict.fromkeys([*state.get("symbol", []), symbol])]
    else:
        state.ticker = ", ".join(dict.fromkeys([*symbols_in(state.get("ticker", "")), symbol]))


def uploaded() -> Prices | None:
    """The prices of an upload, read as the visitor says; raises PriceError where they cannot be."""
    file = st.file_uploader("A CSV with a date and a price column", ["csv", "txt", "gz"], key="csv")
    if file is None:
        return None
    content = file.getvalue()
    first = looked_at(file.name, content, None, None, None, None)
    with st.expander("How the file is read", expanded=first.prices is None):
        st.dataframe(_head(first), hide_index=True)
        reading = looked_at(file.name, content, *_corrected(file.file_id, first))
    if reading.prices is None:
        raise PriceError(plain(reading.problem))
    return reading.prices


def _head(reading: Reading) -> pd.DataFrame:
    names = [f"{name} ({number})" if reading.columns.count(name) > 1 else name for number, name in enumerate(reading.columns)]
    return pd.DataFrame(reading.head, columns=names)


def _corrected(file: str, found: Reading) -> tuple[str | None, str | None, Literal[".", ","] | None, bool | None]:
    """The columns and marks, as found or as the visitor corrects them."""
    columns = list(dict.fromkeys(found.columns))

    def column(label: str, name: str | None) -> str | None:
        at = columns.index(name) if name in columns else None
        return cast("str | None", st.selectbox(label, columns, at, key=f"{label}-{file}", placeholder="Choose a column"))

    dates, price = column("Dates", found.layout.date_column), column("Prices", found.layout.price_column)
    decimal = DECIMALS[st.selectbox("Decimals", list(DECIMALS), key=f"decimals-{file}")]
    order = ORDERS[st.selectbox("03/04/2022 is", list(ORDERS), key=f"order-{file}")]
    return dates, price, decimal, order
