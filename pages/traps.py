"""Six common mistakes in evaluating forecasts, made on the visitor's ticker: the flattering number beside the honest one."""

from __future__ import annotations

from datetime import date

import streamlit as st

from core.errors import GridcastError
from core.rnn.prices.prices import Prices
from core.rnn.traps.request import MOST_SEEDS, TrapsRequest
from core.rnn.traps.result import TrapsResult
from pages.parts import controls
from pages.parts.examples import shipped
from pages.parts.export_menu import export_menu
from pages.parts.follow import changes, dead_link, done_in_words, follow, run_in_url, submit
from pages.parts.layout import explain, heading, mistakes_shown, plain
from pages.parts.rnn import traps as trapped
from pages.parts.rnn.price_form import (
    chosen_source,
    confirmed,
    fetched,
    in_doubt,
    show_terms,
    stored,
    uploaded,
)
from pages.parts.rnn.ticker_field import one_ticker
from pages.parts.runs.again import chosen_seed
from pages.parts.wait import wait_shown

START = date(2010, 1, 1)
EXPLANATION = (
    "Every number here is of networks that were trained just now on the ticker you named; those on the left break a rule on "
    "purpose. The **test** is the last fifth of the days. $R^2 = 1 - \\sum(y-f)^2 / \\sum(y-\\bar y)^2$ is around the mean of "
    "the days that are scored, as scikit-learn has it; numbers are means over the seeds. How much a trap flatters depends on "
    "the data, and sometimes it does not. Not investment advice."
)


def chosen_prices() -> Prices | None:
    """The prices of the chosen ticker. An error is shown here, so that the rest of the form stays usable."""
    source = chosen_source()
    try:
        if source.from_file:
            return uploaded(source, "1d")
        symbol = one_ticker(source, "Ticker or company", source.example, typed_key="ticker", listed_key="symbol")
        show_terms(source)
        return fetched(source.name, symbol) if symbol else None
    except GridcastError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def form() -> TrapsRequest | None:
    """The sidebar; None where there are no prices."""
    prices = chosen_prices()
    first, today = date(1900, 1, 1), date.today()
    start = controls.date_input("From", START, first, today, key="start")
    end = controls.date_input("To", None, first, today, key="end")
    seeds = controls.slider("Seeds", 1, MOST_SEEDS, 3, key="seeds", help="Networks of each kind")
    seed = chosen_seed()
    if prices is None or not confirmed(prices, start, end, "start"):
        return None
    return TrapsRequest(
        symbol=prices.symbol,
        source=prices.source,
        prices=stored(prices),
        as_they_are=in_doubt(prices, start, end),
        start=start,
        end=end,
        seeds=seeds,
        seed=seed,
    )


heading("Traps", "Six common mistakes in evaluating forecasts: the flattering number beside the honest one.")
with controls.area("sidebar", st.sidebar), mistakes_shown():
    request = form()
    with controls.starting():
        pressed = controls.start("Run the traps", ready=request is not None)
        if request:
            wait_shown("traps", request.size)
if request and pressed:
    with mistakes_shown():
        submit(request)
dead_link()
run = run_in_url("traps")
if run is None:
    for example, finished in shipped("traps")[:1]:
        st.caption(f"A finished run to look at: {done_in_words(example)}")
        trapped.show(example, finished)
else:
    changes(run, request, "Run the traps")
    result = follow(run)
    if isinstance(result, TrapsResult):
        trapped.show(run, result)
        export_menu(run, result)
explain(EXPLANATION, "How is this counted?")
