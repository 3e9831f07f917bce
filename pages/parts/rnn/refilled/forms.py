"""The controls of the forms of sweep, panel and memory as they are for a request, by key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.rnn.echo.request import EchoRequest
from core.rnn.memory.request import MemoryRequest
from core.rnn.panel.request import PanelRequest
from core.rnn.prices.sources import SOURCES
from core.rnn.sweep.request import SweepRequest
from core.runs.request import key_of
from pages.parts.links.kept_uploads import RunFiles
from pages.parts.links.offered import offered_as


def sweep(request: SweepRequest) -> dict[str, Any]:
    from pages.parts.rnn.compare_form import target_title  # here, because a form loads what reads prices
    from pages.parts.rnn.sweep_form import CELLS

    first = request.comparisons[0]
    symbols = [one.symbol for one in (*request.comparisons, *request.missing)]
    return {
        **_tickers(first.source, symbols),
        "start": first.start, "end": first.end, "target": target_title(first.target_row),
        "cells": _titles(CELLS, first.cells), "seeds": first.seeds, "seed": first.seed, "test": first.test_days,
    }  # fmt: skip


def panel(request: PanelRequest) -> dict[str, Any]:
    from pages.parts.rnn.compare_form import target_title
    from pages.parts.rnn.panel_parts.form import CELLS, RECIPES, TEST_DAYS, offered_classical

    data, source = request.data, SOURCES[request.data.tickers[0].source]
    symbols = [one.symbol for one in (*data.tickers, *request.missing)]
    files = {"source": source.title, "csv_files": RunFiles.of([one.symbol for one in data.tickers], [*_prices(request)])}
    return {
        **(files if source.from_file else _tickers(source.name, symbols)),
        "first" if source.from_file else "start": data.start, "end": data.end, "target": target_title(data.target_row),
        "cells": _titles(CELLS, request.cells), "recipes": offered_as(RECIPES, request.recipes),
        "seeds": request.seeds, "seed": request.seed,
        "each": _titles(CELLS, request.per_ticker), "linear": request.linear, "trees": request.trees,
        f"classical_{data.target}": _titles(offered_classical(data.target_row), request.classical),
        "test": offered_as(TEST_DAYS, data.test_days), "market": request.market, "own": request.own_series,
        "unseen": request.unseen,
    }  # fmt: skip


def memory(request: MemoryRequest) -> dict[str, Any]:
    return {"run": key_of(request.comparison), "show": "Memory"}


def echo(request: EchoRequest) -> dict[str, Any]:
    return {"show": "Echo", "lag": request.lags[0], "strength": request.strength}


def _prices(request: PanelRequest) -> Iterable[str]:
    return (one.prices for one in request.data.tickers)


def _tickers(source_name: str, symbols: list[str]) -> dict[str, Any]:
    """Tickers by name: chosen where the source lists them, else typed."""
    from pages.parts.rnn.ticker_field import companies_of, with_company

    source = SOURCES[source_name]
    if companies := companies_of(source):
        chosen = [with_company(symbol, companies) for symbol in symbols if symbol in companies]
        return {"source": source.title, "groups": [], "tickers": chosen}
    return {"source": source.title, "symbols": " ".join(symbols)}


def _titles(offered: dict[str, Any], names: Iterable[str]) -> list[str]:
    """Of those names that a control offers."""
    words = {name: title for title, name in offered.items()}
    return [words[name] for name in names if name in words]
