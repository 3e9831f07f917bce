"""The form of a panel: tickers of a list, of a server or of files, what to forecast, and with what. It stands in the URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import humanize
import streamlit as st

from core.errors import PriceError
from core.made_once import made_once
from core.rnn.dataset.target import Target
from core.rnn.models import CLASSICAL, REFERENCE, quick_for, suits
from core.rnn.panel.duration import networks_in, seconds_of
from core.rnn.panel.learner.request import PanelData, Ticker
from core.rnn.panel.request import MOST_SEEDS, MOST_TICKERS, PanelRequest, panel_request
from core.rnn.prices.csv_upload import steps
from core.rnn.prices.prices import Prices
from core.rnn.prices.reader import reader_of
from core.rnn.prices.samples import COMPANIES
from core.rnn.prices.sources import Source
from core.runs.lab import lab
from core.settings import settings
from core.system.bounded.reading import prepare
from pages.parts import controls
from pages.parts.layout import mistakes_shown
from pages.parts.links.kept_uploads import is_of_a_run
from pages.parts.rnn.compare_form import BOTH_WAYS, FIRST_TARGET, FORWARDS, START, TARGETS, VARIANTS
from pages.parts.rnn.price_form import (
    all_confirmed,
    chosen_source,
    fetched,
    previewed,
    show_terms,
    stored,
)
from pages.parts.rnn.ticker_field import companies_of, several_tickers, with_company
from pages.parts.runs.again import chosen_seed
from pages.parts.visitors.words import upload_note

CELLS = FORWARDS | BOTH_WAYS
USUAL_GROUP = next(name for name, group in reader_of("sample").groups.items() if group is COMPANIES)
TEST_DAYS: dict[str, int | None] = {"A quarter of all": None} | {f"{days:,} days": days for days in (250, 500, 750, 1000)}
RECIPES = {"One": "one", "Nine": "nine"}


@dataclass(frozen=True)
class Choice:
    """What a visitor has chosen: tickers, where their prices come from, and the other fields of the request."""

    source: Source
    symbols: tuple[str, ...]
    fetch: Callable[[str], Prices]  # raises PriceError
    settings: Mapping[str, Any]

    @property
    def networks(self) -> int:
        """How many networks are trained."""
        pooled = self._example().pooled_networks if self.symbols else ()
        alone = len(self.settings["per_ticker"]) * len(self.symbols)
        unseen = len(self.symbols) if self.settings["unseen"] else 0
        return (len(pooled) + alone) * self.settings["seeds"] + unseen

    def outline(self) -> PanelRequest:
        """The request as far as it is known without prices."""
        data = {name: value for name, value in self.settings.items() if name in PanelData.model_fields}
        others = {name: value for name, value in self.settings.items() if name not in data}
        tickers = tuple(Ticker(symbol=symbol, prices="") for symbol in self.symbols)
        return PanelRequest(data=PanelData(tickers=tickers, **data), **others)

    def right(self, pressed: bool) -> bool:
        """Whether the visitor has confirmed all prices that look wrong; shows what is asked."""
        start, end, key = self.settings["start"], self.settings["end"], "first" if self.source.from_file else "start"
        return all_confirmed(self.source, self.symbols, self.fetch, start, end, key, pressed)

    def request(self, anew: bool = True) -> PanelRequest:
        """Its prices are put into the store; those that look wrong have been confirmed. InvalidRequest where the parts do not
        fit. Not `anew`: of samples the one that was made for the same choice before, as long as nothing is asked for."""
        if anew or self.source.online or self.source.from_file:
            return panel_request(self.symbols, self.fetch, stored, dict(self.settings))
        return _of_samples(self.source, self.symbols, tuple(self.settings.items()))


@made_once
def _of_samples(source: Source, symbols: tuple[str, ...], chosen: tuple[tuple[str, Any], ...]) -> PanelRequest:
    return panel_request(symbols, lambda symbol: fetched(source.name, symbol), stored, dict(chosen))


def form() -> Choice:
    """The sidebar."""
    source = chosen_source()
    symbols, fetch = _files(source) if source.from_file else _tickers(source)
    first, today = date(1900, 1, 1), date.today()
    own = source.from_file
    start = controls.date_input("From", None if own else START, first, today, key="first" if own else "start")
    end = controls.date_input("To", None, first, today, key="end")
    titles = list(TARGETS)
    target = TARGETS[controls.selectbox("Target", titles, titles.index(FIRST_TARGET), key="target")]
    networks = _networks()
    with controls.fold("More models", key="models"):
        others = _others(target)
    with controls.fold("Test, inputs", key="inputs"):
        test = TEST_DAYS[controls.selectbox("Test", list(TEST_DAYS), key="test", help="The last days, scored once")]
        market = controls.toggle(
            "Pooled models read the market", True, key="market",
            help="The mean size and the mean move of all tickers, as known at the close",
        )  # fmt: skip
        own_series = controls.toggle(
            "Pooled networks without it, too", False, key="own", disabled=not market,
            help="What the market adds: the same networks with their own series only",
        )  # fmt: skip
        unseen = controls.toggle(
            "Check on unseen tickers", False, key="unseen",
            help="Forecast every ticker by one more network that never saw it",
        )  # fmt: skip
    chosen_settings = {
        "start": start, "end": end, "target": target.name, "market": market, "own_series": own_series and market,
        "unseen": unseen, **networks, **others, **({"test_days": test} if test else {}),
    }  # fmt: skip
    return Choice(source, symbols, fetch, chosen_settings)


def _tickers(source: Source) -> tuple[tuple[str, ...], Callable[[str], Prices]]:
    """The tickers that the visitor names, whole groups of them or a list of their own."""

    def fetch(symbol: str) -> Prices:
        return fetched(source.name, symbol)

    if companies := companies_of(source):
        in_words = partial(with_company, names=companies)
        groups = reader_of(source.name).groups
        whole = controls.pills("Groups", list(groups), selection_mode="multi", default=[USUAL_GROUP], key="groups")
        one_by_one = controls.multiselect("Tickers", list(companies), key="tickers", format_func=in_words)
        members = [symbol for group in whole for symbol in groups[group]]
        return tuple(dict.fromkeys([*members, *one_by_one])), fetch
    symbols = several_tickers(source, " ".join(source.examples), MOST_TICKERS)
    show_terms(source)
    return symbols, fetch


def _files(source: Source) -> tuple[tuple[str, ...], Callable[[str], Prices]]:
    """The files that the visitor uploads, one a ticker."""
    label = f"Several files, {source.hint} each"
    uploads = controls.file_uploader(label, ["csv", "txt", "gz"], accept_multiple_files=True, key="csv_files")
    contents = {file.name: file.getvalue() for file in uploads}
    of_a_run = {file.name for file in uploads if is_of_a_run(file)}
    prepare(steps)
    st.caption(f"{upload_note()} {controls.NOT_IN_A_LINK}" if contents else upload_note())

    def fetch(name: str) -> Prices:
        if name in of_a_run:
            return Prices.from_bytes(contents[name])
        preview = previewed(name, contents[name])
        if preview.prices is None:
            raise PriceError(preview.problem)
        return preview.prices

    return tuple(contents), fetch


def _networks() -> dict[str, Any]:
    """The pooled networks, their recipes and seeds."""
    cells = controls.pills("Networks for all tickers", list(CELLS), selection_mode="multi", default=VARIANTS, key="cells")
    recipes = controls.segmented_control(
        "Recipes", list(RECIPES), default="One", key="recipes", required=True,
        help="Nine: a fixed set of networks of other sizes and inputs, and their committee; nothing is chosen on the test",
    )  # fmt: skip
    seeds = controls.slider("Seeds", 1, MOST_SEEDS, 5, key="seeds", help="Networks a variant; their mean forecast is judged")
    seed = chosen_seed()
    return {"seed": seed} | {
        "cells": tuple(CELLS[cell] for cell in cells),
        "recipes": RECIPES[recipes or "One"],
        "seeds": seeds,
    }


def offered_classical(target: Target) -> dict[str, str]:
    """By title, the classical models that a panel may have; those that it always has are no choice."""
    return {
        model.title: name
        for name, model in CLASSICAL.items()
        if name not in (REFERENCE, target.reference) and suits(name, target)
    }


def _others(target: Target) -> dict[str, Any]:
    """Models beside the pooled networks."""
    each = controls.pills("A network a ticker", list(CELLS), selection_mode="multi", key="each")
    linear = controls.toggle(
        "Pooled linear models", True, key="linear", help="HAR for all tickers, with and without the market"
    )
    trees = controls.toggle("Boosted trees", True, key="trees", help="For all tickers, of 40 inputs a day")
    offered, quick = offered_classical(target), quick_for(target)
    titles = controls.pills(
        "Classical models, each on its ticker", list(offered), selection_mode="multi",
        default=[title for title, name in offered.items() if name in quick], key=f"classical_{target.name}",
    )  # fmt: skip
    classical = tuple(offered[title] for title in titles)
    return {"per_ticker": tuple(CELLS[cell] for cell in each), "linear": linear, "trees": trees, "classical": classical}


def in_words(choice: Choice) -> str:
    """What the choice amounts to: tickers, networks, and about how long that takes."""
    if not choice.symbols:
        return "No ticker is chosen."
    with mistakes_shown():
        outline = choice.outline()
    seconds = seconds_of(outline, settings().workers) * lab().line.slowness()
    networks = networks_in(outline)
    duration = f"about {humanize.naturaldelta(seconds)} on this machine" if seconds >= 60 else "less than a minute"
    counts = f"{_counted(len(choice.symbols), 'ticker')}, {_counted(networks, 'network')}"
    return f"{counts}, {duration}. Parts that are stored take no time."


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
