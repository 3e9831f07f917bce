"""The form of prices: a source and its tickers, by symbol or company name, or a file whose columns can be corrected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Literal
from urllib.parse import quote

import pandas as pd
import streamlit as st

from core.errors import GridcastError, PriceError, UnknownTicker
from core.made_once import made_once
from core.rnn.prices.bar_sizes import BAR_SIZES, BarSize, bar_of
from core.rnn.prices.csv_file import Layout, Preview
from core.rnn.prices.csv_upload import preview_bounded, steps
from core.rnn.prices.prices import Prices
from core.rnn.prices.quality.breaks import breaks_of, doubt_about
from core.rnn.prices.reader import reader_of
from core.rnn.prices.sources import SOURCES, Source, symbols_in
from core.rnn.prices.weeks import in_bars
from core.runs.lab import lab
from core.system.bounded.reading import prepare
from core.system.dates import say_day
from pages.parts import controls
from pages.parts.layout import plain
from pages.parts.links.kept_uploads import is_of_a_run
from pages.parts.rnn.ticker_field import key_of_field, one_ticker, put
from pages.parts.visitors.words import upload_note

WORDS: dict[str, BarSize] = {words.capitalize(): bar_size for bar_size, words in BAR_SIZES.items()}
DECIMALS: dict[str, Literal[".", ","] | None] = {"As found": None, "Point": ".", "Comma": ","}
ORDERS: dict[str, bool | None] = {"As found": None, "Day first": True, "Month first": False}
AS_DETECTED = Layout()


@st.cache_resource(ttl=900, max_entries=64, show_spinner="Asking for prices")
def fetched(source: str, symbol: str, bar_size: BarSize = "1d") -> Prices:
    return reader_of(source).fetch(symbol, bar_size)


def stored(prices: Prices) -> str:
    """The digest under which prices are in the store, where they are put unless they are there."""
    digest = _digest(prices)
    return digest if lab().store.use(digest) else lab().store.put(prices.to_bytes())


@made_once
def _digest(prices: Prices) -> str:
    return prices.digest


@st.cache_resource(ttl=900, max_entries=16, show_spinner=False)
def previewed(name: str, content: bytes, symbol: str = "", bar_size: BarSize = "1d", layout: Layout = AS_DETECTED) -> Preview:
    return preview_bounded(name, content, layout, symbol, bar_size)


def chosen_source(offered: Mapping[str, Source] = SOURCES) -> Source:
    """One of the sources, which stand in the URL as they are shown."""
    titles = {source.title: source for source in offered.values()}
    first = next(iter(titles))
    title = controls.segmented_control("Source", list(titles), default=first, key="source", required=True)
    return titles[title or first]


def chosen_bar_size(source: Source) -> BarSize:
    offered = [words for words, bar_size in WORDS.items() if bar_size in source.bar_sizes]
    return WORDS[controls.selectbox("Bars", offered, key="bars")]


def show_terms(source: Source) -> None:
    if source.terms:
        st.caption(f"{source.terms}.")


def _corrected(file: str, detected: Preview) -> Layout:
    """The columns and marks, as detected or as the visitor corrects them."""
    columns = list(detected.columns)

    def column(label: str, place: int | None) -> int | None:
        chosen = controls.selectbox(label, columns, place, key=f"{label}-{file}", bind=None, placeholder="Choose a column")
        return columns.index(chosen) if chosen else None

    dates, price = column("Dates", detected.layout.date_column), column("Prices", detected.layout.price_column)
    decimal = DECIMALS[controls.selectbox("Decimals", list(DECIMALS), key=f"decimals-{file}", bind=None)]
    order = ORDERS[controls.selectbox("03/04/2022 is", list(ORDERS), key=f"order-{file}", bind=None)]
    return Layout(dates, price, decimal, order)


def _ticker_in(file: str, tickers: tuple[str, ...]) -> str:
    """One of the tickers that a file has; "" where it has one at most."""
    if len(tickers) < 2:
        return ""
    return (
        controls.selectbox("Ticker in the file", list(tickers), None, key=f"ticker-{file}", bind=None, placeholder="Choose")
        or ""
    )


def uploaded(source: Source, bar_size: BarSize) -> Prices | None:
    """The prices of an upload, read as the visitor says; raises PriceError where they cannot be."""
    file = controls.file_uploader(source.hint[:1].upper() + source.hint[1:], ["csv", "txt", "gz"], key="csv")
    st.caption(upload_note())
    prepare(steps)
    if file is None:
        return None
    st.caption(controls.NOT_IN_A_LINK)
    content = file.getvalue()
    if is_of_a_run(file):
        return Prices.from_bytes(content)
    first = previewed(file.name, content, bar_size=bar_size)
    symbol = _ticker_in(file.file_id, first.tickers)
    first = previewed(file.name, content, symbol, bar_size) if symbol else first
    with controls.expander("How the file is read", expanded=first.prices is None, key="columns"):
        st.dataframe(pd.DataFrame(first.head, columns=list(first.columns)), hide_index=True)
        preview = previewed(file.name, content, symbol, bar_size, _corrected(f"{file.file_id}{symbol}", first))
    if preview.prices is None:
        raise PriceError(preview.problem)
    return preview.prices


def chosen_prices(source: Source, bar_size: BarSize) -> list[Prices]:
    """The prices that the visitor names, a series a ticker; for the others the reason is shown."""
    if source.from_file:
        prices = uploaded(source, bar_size)
        if prices is None:
            return []
        return [prices if prices.bar == bar_of(bar_size) else in_bars(prices, bar_size)]  # of a run they are as asked for
    series: list[Prices] = []
    for symbol in _one_symbol(source):
        try:
            series.append(fetched(source.name, symbol, bar_size))
        except GridcastError as error:
            st.error(plain(str(error)), icon=":material/error:")
            _suggestions(source, symbol, error)
    return series


def _one_symbol(source: Source) -> list[str]:
    """The ticker of the field; of several that are typed the first, with where to go with all of them."""
    symbol = one_ticker(source, "Ticker or company", source.example, typed_key="ticker", listed_key="symbol")
    show_terms(source)
    typed = list(symbols_in(symbol))
    if len(typed) > 1:
        st.caption(f"One ticker is compared here: {plain(typed[0])}.")
        several = {"source": source.title, "symbols": " ".join(typed)}
        st.page_link("sweep.py", label="All of them, side by side: Sweep", icon=":material/table_rows:", query_params=several)
    return typed[:1]


def _suggestions(source: Source, symbol: str, error: GridcastError) -> None:
    """A button for each ticker that may be meant in place of an unknown one."""
    for suggested in error.suggestions if isinstance(error, UnknownTicker) else ():
        key = f"instead-{source.name}-{symbol}-{suggested}"
        st.button(f"Use {plain(suggested)}", key=key, on_click=put, args=(source, suggested), width="stretch")


def confirmed(prices: Prices, start: date | None, end: date | None, start_key: str) -> bool:
    """Whether prices may be trained on: where they hold moves that look like no returns, the visitor says so, or cuts them."""
    try:
        doubt = doubt_about(prices, start, end)
    except GridcastError:  # the request says why
        return True
    if not doubt:
        return True
    day = breaks_of(prices.between(start, end))[-1].after.astype(object)
    st.warning(plain(f"{prices.symbol}: {doubt}."), icon=":material/warning:")
    key = f"{prices.symbol}-{day}"
    st.button(f"Begin on {say_day(day)}", key=f"cut-{key}", on_click=_begin_on, args=(start_key, day), width="stretch")
    return controls.toggle("The prices are right: train on them", False, key=f"right-{key}", bind=None)


def in_doubt(prices: Prices, start: date | None, end: date | None) -> bool:
    """Whether they have to be confirmed."""
    with suppress(GridcastError):  # the request says why
        return bool(doubt_about(prices, start, end))
    return False


def all_confirmed(
    source: Source, symbols: Sequence[str], fetch: Callable[[str], Prices], start: date | None, end: date | None,
    start_key: str, asked: bool,
) -> bool:  # fmt: skip
    """Whether the prices of several tickers may be trained on; the questions about those that look wrong are shown.

    A server is asked only when the button was pressed (`asked`); afterwards the questions stay until they are answered.
    """
    key = f"doubtful-{source.name}"
    if asked or not source.online:
        st.session_state[key] = [symbol for symbol in symbols if _looks_wrong(fetch, symbol, start, end)]
    open_questions = [symbol for symbol in st.session_state.get(key, []) if symbol in symbols]
    right = [confirmed(fetch(symbol), start, end, start_key) for symbol in open_questions]
    if not all(right):
        st.caption("Answer for each of these tickers, or take it out of the list; then press again.")
    return all(right)


def _looks_wrong(fetch: Callable[[str], Prices], symbol: str, start: date | None, end: date | None) -> bool:
    try:
        return in_doubt(fetch(symbol), start, end)
    except GridcastError:  # the request says why
        return False


def _begin_on(key: str, day: date) -> None:
    st.session_state[key] = day


def address_of(source: str, symbol: str) -> str:
    """The part of an address that chooses a ticker of a source on a screen; the first source needs no mention."""
    first, row = next(iter(SOURCES.values())), SOURCES.get(source)
    if row is None or row == first:
        return f"symbol={quote(symbol)}"
    return f"source={quote(row.title)}&{key_of_field(row)}={quote(symbol)}"
