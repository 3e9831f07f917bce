"""The field for tickers: a symbol or the name of a company, whichever is typed; and a list of several.

Capitals are a ticker. Other words are looked for among the names that the source knows: what fits alone is taken, of several
the visitor chooses one. Of a source that lists all its tickers the field holds them, each with its company.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import streamlit as st

from core.errors import GridcastError
from core.rnn.prices.reader import Listing, reader_of
from core.rnn.prices.sources import Source, symbols_in
from pages.parts import controls
from pages.parts.layout import plain

MOST_OFFERED = 5  # tickers of which one is to be chosen
HELP = "The symbol or the name of a company, index or fund"
LIST = "symbols"  # the key of a list
NAMES = "names of tickers"  # in a session: those that were found by words, by source and symbol


@st.cache_resource(ttl=900, max_entries=64, show_spinner="Looking for companies")
def listings(source: str, words: str) -> list[Listing]:
    return list(reader_of(source).search(words))


def companies_of(source: Source) -> dict[str, str]:
    """Every ticker of a source with its company, in the order of its groups; none where they cannot be listed."""
    return {symbol: company for group in reader_of(source.name).groups.values() for symbol, company in group.items()}


def with_company(symbol: str, names: Mapping[str, str]) -> str:
    """ "KO · Coca-Cola" """
    return f"{symbol} · {names[symbol]}" if names.get(symbol) else symbol


def key_of_field(source: Source, listed: str = "symbol", typed: str = "ticker") -> str:
    """Which of two controls a source has: of tickers that it lists, or of what is typed."""
    return listed if companies_of(source) else typed


def one_ticker(source: Source, label: str, first: str, typed_key: str, listed_key: str) -> str:
    """A field for one ticker; "" where nothing is typed or one of several has to be chosen."""
    key, names = key_of_field(source, listed_key, typed_key), _names(source)
    typed = _typed(key)
    _settle(source, key)
    own = [one for one in (typed, _typed(key)) if one and one.partition(" · ")[0] not in names]
    options = list(dict.fromkeys([*(names if companies_of(source) else source.examples), *names, *own]))
    chosen = controls.selectbox(
        label, options, options.index(first) if first in options else 0, key=key, help=HELP, accept_new_options=True,
        format_func=lambda symbol: with_company(symbol, names), placeholder="KO or Coca-Cola",
    )  # fmt: skip
    symbol, offered = _meant(source, str(chosen or "").strip())
    _offer(source, str(chosen or ""), offered, lambda _, one: _put(key, one))
    return symbol


def several_tickers(source: Source, first: str, most: int) -> tuple[str, ...]:
    """A list of tickers or companies: between commas, semicolons or lines; tickers in capitals between spaces too."""
    names = _names(source)
    text = controls.text_area("Tickers", first, key=LIST, help=f"{HELP}, between commas or lines; up to {most}")
    symbols: list[str] = []
    for words in _pieces(text):
        if words == words.upper():
            symbols += symbols_in(words)
            continue
        symbol, offered = _meant(source, words)
        symbols += [symbol] if symbol else []
        _offer(source, words, offered, _replace_in_list)
    if named := [with_company(symbol, names) for symbol in symbols if symbol in names]:
        st.caption(plain(", ".join(named)))
    return tuple(dict.fromkeys(symbols))


def put(source: Source, symbol: str) -> None:
    """Put a ticker into the field for one."""
    _put(key_of_field(source), symbol)


def _pieces(text: str) -> list[str]:
    return [words for part in re.split(r"[,;\n]+", re.sub(r"#.*", "", text)) if (words := part.strip(" \t\r\"'"))]


def _names(source: Source) -> dict[str, str]:
    """The tickers whose names are known: all that a source lists, or those that were found by words."""
    by_source: dict[str, dict[str, str]] = st.session_state.setdefault(NAMES, {})
    return companies_of(source) or by_source.setdefault(source.name, {})


def _settle(source: Source, key: str) -> None:
    """What is typed as a name, or stands in the address, becomes the ticker in the field, where it is the only one so named."""
    typed = _typed(key)
    symbol, _ = _meant(source, typed) if typed else ("", [])
    if not symbol or symbol == typed:
        return
    if key in st.session_state:
        st.session_state[key] = symbol
    elif symbol != typed.partition(" · ")[0]:
        st.query_params[key] = symbol
        st.rerun()


def _typed(key: str) -> str:
    """What the field has, or the address at an opening."""
    return str(st.session_state.get(key, st.query_params.get(key)) or "").strip()


def _meant(source: Source, words: str) -> tuple[str, list[Listing]]:
    """The ticker that some words are or name; else "" and those of which one is to be chosen."""
    names, words = _names(source), words.partition(" · ")[0]  # a link has the name behind the ticker
    if words in names or words == words.upper():
        return (words.upper() if words.upper() in names else words), []
    if words.upper() in companies_of(source):
        return words.upper(), []
    written = {text.casefold(): symbol for symbol, name in names.items() for text in (name, with_company(symbol, names))}
    if words.casefold() in written:
        return written[words.casefold()], []
    try:
        fitting = listings(source.name, words)
    except GridcastError:
        return words, []  # fetching it says why
    if not fitting or fitting[0].symbol.casefold() == words.casefold():
        return (fitting[0].symbol if fitting else words), []
    if len(fitting) == 1:
        names[fitting[0].symbol] = fitting[0].name
        return fitting[0].symbol, []
    return "", fitting[:MOST_OFFERED]


def _offer(source: Source, words: str, offered: list[Listing], choose: Callable[[str, str], None]) -> None:
    """A button for each ticker that some words may mean."""
    if not offered:
        return
    st.caption(f"Which of these is “{plain(words)}”?")
    for one in offered:
        label = " · ".join(plain(part) for part in (one.symbol, one.name, one.kind, one.exchange) if part)
        st.button(
            label, key=f"found-{source.name}-{words}-{one.symbol}", on_click=_chosen, args=(source, words, one, choose),
            width="stretch",
        )  # fmt: skip


def _chosen(source: Source, words: str, one: Listing, choose: Callable[[str, str], None]) -> None:
    _names(source)[one.symbol] = one.name
    choose(words, one.symbol)


def _put(key: str, symbol: str) -> None:
    st.session_state[key] = symbol


def _replace_in_list(words: str, symbol: str) -> None:
    pieces = [symbol if piece == words else piece for piece in _pieces(st.session_state[LIST])]
    st.session_state[LIST] = ", ".join(pieces)
