"""The form of a sweep: which tickers, what to forecast, and with what; and the request that follows."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from core.made_once import made_once
from core.rnn.compare.request import MOST_SEEDS, CompareRequest
from core.rnn.prices.prices import Prices
from core.rnn.prices.reader import reader_of
from core.rnn.prices.sources import Source, ticker_sources
from core.rnn.sweep.request import MOST_TICKERS, SweepRequest, sweep_of
from pages.parts import controls
from pages.parts.rnn.compare_form import BOTH_WAYS, FIRST_TARGET, FORWARDS, START, TARGETS, VARIANTS
from pages.parts.rnn.price_form import all_confirmed, chosen_source, fetched, in_doubt, show_terms, stored
from pages.parts.rnn.ticker_field import companies_of, several_tickers, with_company
from pages.parts.runs.again import chosen_seed

CELLS = FORWARDS | BOTH_WAYS


def chosen_symbols(source: Source) -> tuple[str, ...]:
    """The tickers that the visitor names."""
    if companies := companies_of(source):
        in_words = partial(with_company, names=companies)
        groups = reader_of(source.name).groups
        whole = controls.pills("Groups", list(groups), selection_mode="multi", key="groups")
        symbols = controls.multiselect(
            "Tickers",
            list(companies),
            list(source.examples),
            key="tickers",
            format_func=in_words,
        )
        return tuple(dict.fromkeys([*symbols, *(symbol for group in whole for symbol in groups[group])]))
    symbols = several_tickers(source, " ".join(source.examples), MOST_TICKERS)
    show_terms(source)
    return symbols


def form() -> tuple[Source, tuple[str, ...], dict[str, object]]:
    """The sidebar: which tickers, what to forecast, and with what."""
    source = chosen_source(ticker_sources())
    symbols = chosen_symbols(source)
    first, today = date(1900, 1, 1), date.today()
    start = controls.date_input("From", START, first, today, key="start")
    end = controls.date_input("To", None, first, today, key="end")
    chosen = controls.segmented_control("Target", list(TARGETS), default=FIRST_TARGET, key="target", required=True)
    target = TARGETS[chosen or FIRST_TARGET]
    cells = controls.pills("Variants", list(CELLS), selection_mode="multi", default=VARIANTS, key="cells")
    seeds = controls.slider("Seeds", 1, MOST_SEEDS, 3, key="seeds", help="Networks trained per variant and ticker")
    seed = chosen_seed()
    test_days = controls.slider("Test days", 100, 2000, 500, 50, key="test", help="Scored once")
    settings = {
        "start": start,
        "end": end,
        "target": target.name,
        "cells": tuple(CELLS[cell] for cell in cells),
        "seeds": seeds,
        "seed": seed,
        "test_days": test_days,
    }
    return source, symbols, settings


def right(source: Source, symbols: tuple[str, ...], settings: dict[str, Any], pressed: bool) -> bool:
    """Whether the visitor has confirmed all prices that look wrong; shows what is asked."""
    start, end = settings["start"], settings["end"]
    return all_confirmed(source, symbols, lambda symbol: fetched(source.name, symbol), start, end, "start", pressed)


def sweep_request(source: Source, symbols: tuple[str, ...], settings: dict[str, Any]) -> SweepRequest:
    """Its prices are put into the store; those that look wrong have been confirmed."""

    def comparison(prices: Prices) -> CompareRequest:
        return CompareRequest(
            symbol=prices.symbol,
            source=prices.source,
            prices=stored(prices),
            as_they_are=in_doubt(prices, settings["start"], settings["end"]),
            **settings,
        )

    return sweep_of(symbols, lambda symbol: fetched(source.name, symbol), comparison)


@made_once
def request_of_samples(source: Source, symbols: tuple[str, ...], settings: tuple[tuple[str, object], ...]) -> SweepRequest:
    """The request as long as it is only chosen: samples are the same for everybody, and a sweep of them is soon made."""
    return sweep_request(source, symbols, dict(settings))
