"""The form of a comparison: prices, target, horizon, models, test and inputs. Every choice stands in the URL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from core.errors import GridcastError
from core.rnn.compare.request import MOST_HIDDEN, MOST_LAYERS, MOST_SEEDS, CompareRequest
from core.rnn.dataset.features import EXTRAS, ExtraName
from core.rnn.dataset.splits import USUAL_START, USUAL_TEST_BARS, USUAL_TEST_DAYS
from core.rnn.dataset.target import VOLATILITY, LossName, Target, first_measures, measures_of
from core.rnn.forecaster import MOST_STEPS
from core.rnn.models import CLASSICAL, NETWORKS, REFERENCE, TITLES, quick_for, suits
from core.rnn.networks.types import TYPES, TypeName
from core.rnn.prices.bar_sizes import BarSize, bar_of
from core.rnn.prices.prices import Prices
from core.rnn.prices.sources import SOURCES, Source
from core.runs.lab import lab
from pages.parts import controls
from pages.parts.layout import plain
from pages.parts.links.kept_uploads import RunFiles
from pages.parts.links.offered import offered_as
from pages.parts.rnn.price_form import (
    WORDS,
    chosen_bar_size,
    chosen_prices,
    chosen_source,
    confirmed,
    fetched,
    in_doubt,
    stored,
)
from pages.parts.rnn.ticker_field import key_of_field, one_ticker
from pages.parts.runs.again import chosen_seed

TARGETS = {target.label: target for target in first_measures()}
FIRST_TARGET = VOLATILITY.label  # at first: networks learn most from it
FORWARDS = {cell.capitalised_title: cell.name for cell in NETWORKS.values() if not cell.reads_backwards}
BOTH_WAYS = {cell.capitalised_title: cell.name for cell in NETWORKS.values() if cell.reads_backwards}
VARIANTS = [NETWORKS[name].capitalised_title for name in ("rnn", "birnn", "lstm", "gru")]  # at first
TYPE_WORDS: dict[str, TypeName] = {name.capitalize(): name for name in TYPES}
LOSS_WORDS: dict[LossName, str] = {
    "auto": "Default of the target",
    "squared": "Squared",
    "absolute": "Absolute",
    "student-t": "Student-t",
    "quantile": "Quantile",
}
RATES: dict[str, float | None] = {"Recipe": None, "0.0003": 3e-4, "0.001": 1e-3, "0.003": 3e-3, "0.01": 1e-2}
OTHER = "^GSPC"  # the ticker that networks read beside the first one, until another is named
REFITS = (0, 20, 60, 250)
START = USUAL_START


@dataclass(frozen=True)
class Choice:
    """What a visitor has chosen: prices, a series a ticker, and the settings of the comparisons."""

    source: Source
    prices: tuple[Prices, ...]
    settings: dict[str, Any]  # the remaining fields of the request
    beside: Prices | None = None
    confirmed: bool = True  # False: prices that look wrong have to be confirmed, or cut out

    def requests(self) -> list[CompareRequest]:
        """One a ticker, their prices put into the store; those that look wrong have been `confirmed`.

        InvalidRequest where the parts do not fit.
        """
        beside = stored(self.beside) if self.beside else None
        return [
            CompareRequest(
                symbol=one.symbol,
                source=one.source,
                prices=stored(one),
                as_they_are=any(in_doubt(read, self.settings["start"], self.settings["end"]) for read in self._read(one)),
                beside=beside,
                **self.settings,
            )
            for one in self.prices
        ]

    def _read(self, prices: Prices) -> list[Prices]:
        return [prices, self.beside] if self.beside else [prices]


def refill(request: CompareRequest) -> dict[str, Any]:
    """The form's controls as they are for a request, by key."""
    source, target = SOURCES[request.source], request.target_row
    prices = Prices.from_bytes(lab().store.get(request.prices))
    words = {name: title for title, name in (FORWARDS | BOTH_WAYS).items()}
    bars = next(title for title, bar_size in WORDS.items() if bar_of(bar_size) == prices.bar)
    suffix = {"day": "", "week": "_weeks"}.get(prices.bar, "_bars")
    asked: dict[str, Any] = {
        "source": source.title, "bars": bars, **_prices_asked(request, source),
        "target": target_title(target), "measure": target.measure_title,
        "horizon": request.horizon, "seeds": request.seeds, "seed": request.seed, f"test{suffix}": request.test_days,
        "cells": [words[name] for name in request.cells if name in FORWARDS.values()],
        "both": [words[name] for name in request.cells if name in BOTH_WAYS.values()],
        "first" if source.from_file or prices.bar not in ("day", "week") else "start": request.start, "end": request.end,
        f"refit{suffix}": f"Every {request.refit_days} test {prices.bar}s" if request.refit_days else "Never",
        "type": offered_as(TYPE_WORDS, request.network_type), "hidden": request.hidden,
        "layers": request.layers, "dropout": request.dropout,
        "rate": next((title for title, rate in RATES.items() if rate == request.lr), "Recipe"),
        f"loss_{target.name}": LOSS_WORDS[request.loss], "extras": [EXTRAS[name].capitalize() for name in request.extras],
    }  # fmt: skip
    models = [name for name, model in CLASSICAL.items() if name != REFERENCE and not model.needs_extras]
    offered = [name for name in models if suits(name, target)]
    key = "classical" if len(offered) == len(models) else f"classical_{target.name}"
    asked[key] = [TITLES[name] for name in offered if name in request.classical]
    return asked


def target_title(target: Target) -> str | None:
    """Under which title the form offers a target, by whichever measure."""
    return next((title for title, row in TARGETS.items() if row.name == target.name), None)


def _prices_asked(request: CompareRequest, source: Source) -> dict[str, Any]:
    """The controls that name its prices."""
    if source.from_file:
        return {"csv": RunFiles.of([request.symbol], [request.prices])}
    named = {key_of_field(source): request.symbol}
    if request.beside:
        named[key_of_field(source, "other", "beside")] = Prices.from_bytes(lab().store.get(request.beside)).symbol
    return named


def form() -> Choice:
    """The sidebar."""
    source = chosen_source()
    bar_size = chosen_bar_size(source)
    try:
        prices = chosen_prices(source, bar_size)
    except GridcastError as error:  # the rest of the form stays usable
        st.error(plain(str(error)), icon=":material/error:")
        prices = []
    unit = f"{prices[0].bar if prices else bar_of(bar_size)}s"
    target = _target(prices)
    horizon = controls.slider(f"Horizon ({unit})", 1, MOST_STEPS, key="horizon")
    cells = _cells()
    judged = _judged(source, unit)
    with controls.fold("Models without a network", key="models"):
        classical = _classical(target)
    with controls.fold("Networks", key="networks") as unfolded:
        networks = _networks(target, unfolded)
    with controls.fold("Further inputs", key="inputs"):
        extras, beside = _extras(prices, source, bar_size)
    forecast = {"target": target.name, "measure": target.measure, "horizon": horizon}
    chosen = {**forecast, **judged, **networks, "cells": cells, "classical": classical, "extras": extras}
    start_key = "first" if source.from_file or unit == "bars" else "start"
    read = {one.symbol: one for one in [*prices, *([beside] if beside else [])]}
    right = [confirmed(one, judged["start"], judged["end"], start_key) for one in read.values()]
    return Choice(source, tuple(prices), chosen, beside, all(right))


def _target(prices: list[Prices]) -> Target:
    titles = list(TARGETS)
    target = TARGETS[controls.selectbox("Target", titles, titles.index(FIRST_TARGET), key="target")]
    possible = [row for row in measures_of(target.name) if all(getattr(one, name).size for one in prices for name in row.needs)]
    if not prices or len(possible) == 1:
        return target
    measures = {row.measure_title: row for row in possible}
    first = next(iter(measures))
    chosen = controls.segmented_control("Measure", list(measures), default=first, key="measure", required=True)
    return measures[chosen or first]


def _cells() -> tuple[str, ...]:
    first, first_both = ([name for name in VARIANTS if name in offered] for offered in (FORWARDS, BOTH_WAYS))
    forwards = controls.pills("Variants", list(FORWARDS), selection_mode="multi", default=first, key="cells")
    both = controls.pills(
        "Read in both directions", list(BOTH_WAYS), selection_mode="multi", default=first_both, key="both",
        help="Inside a window that ends at the last day known.",
    )  # fmt: skip
    return (*(FORWARDS[name] for name in forwards), *(BOTH_WAYS[name] for name in both))


def _judged(source: Source, unit: str) -> dict[str, Any]:
    """Seeds, the period, and the test."""
    seeds = controls.slider("Seeds", 1, MOST_SEEDS, 5, key="seeds", help="Networks trained per variant")
    seed = chosen_seed()
    kept = "weeks" if unit == "weeks" else "bars"  # in the address
    if unit == "days":
        test = controls.slider("Test days", 100, 2000, USUAL_TEST_DAYS, 50, key="test", help="Scored once")
    else:
        test = controls.slider(f"Test {unit}", 50, 1000, USUAL_TEST_BARS, 50, key=f"test_{kept}", help="Scored once")
    with controls.fold("Period, refits", key="period"):
        own = source.from_file or unit == "bars"
        first, today = date(1900, 1, 1), date.today()
        start = controls.date_input("From", None if own else START, first, today, key="first" if own else "start")
        end = controls.date_input("To", None, first, today, key="end")
        refits = {f"Every {count} test {unit}" if count else "Never": count for count in REFITS}
        key = "refit" if unit == "days" else f"refit_{kept}"
        refit = refits[controls.selectbox("Fit again", list(refits), key=key)]
    return {"seeds": seeds, "seed": seed, "test_days": test, "start": start, "end": end, "refit_days": refit}


def _classical(target: Target) -> tuple[str, ...]:
    """Those that make sense for the target; see `CompareRequest.rivals` for those that are always there."""
    models = [model for name, model in CLASSICAL.items() if name != REFERENCE and not model.needs_extras]
    offered = {model.title: model.name for model in models if suits(model.name, target)}
    quick, slow = quick_for(target), [title for title, name in offered.items() if not CLASSICAL[name].quick]
    always = dict.fromkeys(TITLES[name] for name in (REFERENCE, target.reference))
    titles = controls.pills(
        "Beside the random walk", list(offered), selection_mode="multi",
        default=[title for title, name in offered.items() if name in quick],
        key="classical" if len(offered) == len(models) else f"classical_{target.name}",
        help=f"Always there: {' and '.join(always)}. {', '.join(slow)} take some seconds more.",
    )  # fmt: skip
    return tuple(offered[title] for title in titles)


def _networks(target: Target, explained: bool) -> dict[str, Any]:
    title = controls.selectbox("Type", list(TYPE_WORDS), key="type")
    if explained:
        st.caption(f"{TYPES[TYPE_WORDS[title]].capitalize()}.")
    hidden = controls.slider("Units in a layer", 4, MOST_HIDDEN, 32, 4, key="hidden")
    layers = controls.slider("Layers", 1, MOST_LAYERS, key="layers")
    dropout = controls.slider("Dropout", 0.0, 0.5, 0.0, 0.1, key="dropout")
    rate = controls.selectbox("Learning rate", list(RATES), key="rate")
    losses = {LOSS_WORDS[name]: name for name in target.losses}
    loss = controls.selectbox("Loss", list(losses), key=f"loss_{target.name}")
    return {
        "network_type": TYPE_WORDS[title], "hidden": hidden, "layers": layers, "dropout": dropout, "lr": RATES[rate],
        "loss": losses[loss],
    }  # fmt: skip


def _extras(prices: list[Prices], source: Source, bar_size: BarSize) -> tuple[tuple[ExtraName, ...], Prices | None]:
    """What is read beside the ticker's own moves, of what these prices have."""
    there: dict[ExtraName, bool] = {
        "volume": all(one.volume.size for one in prices),
        "range": all(one.has_ranges for one in prices),
        "weekday": bar_size != "1wk",
        "ticker": not source.from_file,
    }
    offered = {EXTRAS[name].capitalize(): name for name in EXTRAS if there[name]}
    titles = controls.pills(
        "Networks also read", list(offered), selection_mode="multi", key="extras",
        help="So do AR-X and HAR-X, which then take part, and boosted trees: networks cannot win by further inputs alone.",
    )  # fmt: skip
    extras = tuple(offered[title] for title in titles)
    return extras, _beside(source, bar_size) if "ticker" in extras else None


def _beside(source: Source, bar_size: BarSize) -> Prices | None:
    symbol = one_ticker(source, "The other ticker", OTHER, typed_key="beside", listed_key="other")
    try:
        return fetched(source.name, symbol, bar_size) if symbol else None
    except GridcastError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None
