"""The screen of sweeps through AppTest."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.rnn.compare.request import CompareRequest
from core.rnn.prices.prices import Prices
from core.rnn.prices.samples import fetch
from core.rnn.sweep.request import SweepRequest
from core.runs.lab import Lab
from core.runs.registry import Run
from core.runs.request import Request, key_of
from pages.parts import follow
from pages.parts.examples import ids_by_name, shipped_ids
from pages.parts.rnn import price_form, sweep_form
from pages.parts.rnn.panel_parts import form
from tests.pages.conftest import ME, OpenPage
from tests.pages.live.viewed import viewed

QUICK = {"target": "Volatility", "seeds": "1", "cells": "GRU", "test": "100", "start": "2018-06-01"}


def press(app: AppTest, label: str) -> AppTest:
    [button] = [button for button in app.button if button.label == label]
    return button.click().run(timeout=300)  # a busy machine takes its time


def asked(home: Lab, *symbols: str) -> SweepRequest:
    digests = {symbol: home.store.put(fetch(symbol).to_bytes()) for symbol in symbols}
    return SweepRequest(comparisons=tuple(CompareRequest(symbol=symbol, prices=digests[symbol]) for symbol in symbols))


@pytest.mark.parametrize(("target", "name"), [("Volatility", "6-sweep"), ("Return", "11-sweep")])
def test_the_screen_opens_with_the_finished_sweep_of_the_target_that_is_chosen(
    open_page: OpenPage, home: Lab, target: str, name: str
) -> None:
    app = open_page("sweep", target=target)
    assert not app.exception
    tests = home.result(home.registry.find(ids_by_name()[name])).summary.tests
    assert any("A finished sweep" in one.value for one in app.caption)
    assert any(f"{tests} tests on 20 tickers" in one.value for one in app.markdown)
    assert any("6 tickers, 72 networks" in caption.value for caption in app.caption)


def test_without_a_ticker_it_says_what_to_do(open_page: OpenPage) -> None:
    app = open_page("sweep")
    app.multiselect(key="tickers").set_value([]).run()
    assert "Choose at least one ticker" in app.info[0].value
    assert [button.disabled for button in app.button if button.label == "Sweep"] == [True]


def test_groups_add_their_tickers(open_page: OpenPage) -> None:
    app = open_page("sweep")
    app.button_group(key="groups").set_value(["Factor funds"]).run()
    assert any("11 tickers" in caption.value for caption in app.caption)


@pytest.mark.slow
def test_a_sweep_is_run_shown_and_found_again(open_page: OpenPage, home: Lab) -> None:
    app = open_page("sweep", **QUICK)
    app.multiselect(key="tickers").set_value(["KO", "^IXIC"]).run()  # the second ends in 2018
    app = press(app, "Sweep")
    assert not app.exception
    [run] = own(home.runs(parts=False))
    assert (run.id, run.kind, run.state) == (app.query_params["run"], "sweep", "done")
    shown = " ".join(part.value for part in app.markdown[1:3]).removeprefix("#### ")
    assert shown == home.result(run).summary.text  # type: ignore[attr-defined]
    assert "IXIC" in app.warning[0].value
    [part] = [one for one in own(home.runs()) if one.kind == "compare"]
    _, tickers = (table.value for table in app.dataframe)  # every test is folded away
    assert tickers["Ticker"].tolist() == [f"./rnn?symbol=KO&run={part.id}"]
    assert any("A finished sweep" in one.value for one in open_page("sweep").caption)
    again = press(app, "Try these again")
    assert not again.exception
    assert [one.kind for one in own(home.runs(parts=False))] == ["sweep"]


def own(runs: list[Run]) -> list[Run]:
    """Without those that come with the lab."""
    return [run for run in runs if run.id not in shipped_ids()]


def test_a_sweep_that_is_alive_shows_how_far_its_tickers_are(open_page: OpenPage, home: Lab) -> None:
    request = asked(home, "KO", "PG")
    whole, _ = home.claim(request, visitor=ME)
    home.registry.start(whole.id)
    home.claim(request.comparisons[0], whole.id)
    app = open_page("sweep", run=key_of(request))
    assert not app.exception
    [table] = viewed(app)["blocks"]
    assert [state for _, state, _, _ in table["rows"]] == ["queued", ""]
    assert table["rows"][1][0] == ["PG", "./rnn?symbol=PG"]
    app = press(app, "Cancel")
    assert "cancelled" in app.warning[0].value


def test_the_list_of_runs_leaves_out_what_was_only_a_part(open_page: OpenPage, empty_home: Lab) -> None:
    request = asked(empty_home, "KO", "PG")
    whole, _ = empty_home.claim(request)
    empty_home.claim(request.comparisons[0], whole.id)
    empty_home.cancel(whole.id)
    empty_home.cancel(key_of(request.comparisons[0]))
    assert open_page("runs").dataframe[0].value["what"].tolist() == [request.title]
    assert len(open_page("runs", parts="true").dataframe[0].value) == 2


@pytest.mark.parametrize("page", ["sweep", "panel"])
def test_prices_of_one_of_several_tickers_that_look_wrong_are_asked_about_once(
    page: str, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two tickers of a server the second has a split that is not adjusted."""

    def fetched(source: str, symbol: str, bar_size: str = "1d") -> Prices:
        prices = fetch(symbol)
        split = np.where(prices.dates > 15_000, 0.1, 1.0) if symbol == "XOM" else 1.0
        return prices.model_copy(update={"source": "yahoo", "close": prices.close * split})

    submitted = list[Request]()
    for module in (price_form, sweep_form, form):
        monkeypatch.setattr(module, "fetched", fetched)
    monkeypatch.setattr(follow, "submit", submitted.append)
    go = {"sweep": "Sweep", "panel": "Train"}[page]
    app = open_page(page, source="Yahoo", symbols="KO XOM", start="2001-01-01")
    assert not app.warning  # a server is asked when the button was pressed
    app = press(app, go)
    assert not submitted
    assert app.warning[0].value.replace("\\", "").endswith("like a split of 10:1 that is not adjusted.")
    [right] = [toggle for toggle in app.toggle if toggle.label.startswith("The prices are right")]
    right.set_value(True).run()
    press(app, go)
    assert not app.exception
    [request] = submitted
    tickers = request.comparisons if isinstance(request, SweepRequest) else request.data.tickers  # type: ignore[attr-defined]
    assert {one.symbol: one.as_they_are for one in tickers} == {"KO": False, "XOM": True}
