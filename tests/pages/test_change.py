"""A form is filled with the request of a run: pressed at once it asks for the same, and what is changed is said."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.rnn.compare.request import CompareRequest
from core.rnn.panel.request import PanelRequest, panel_request
from core.rnn.prices.prices import Prices
from core.rnn.prices.sources import SOURCES
from core.rnn.traps.request import TrapsRequest
from core.runs.kinds import KINDS
from core.runs.lab import Lab
from core.runs.registry import Run
from core.runs.request import Request, key_of
from core.runs.store import Store
from core.stn.add.request import AddRequest
from core.stn.align.request import AlignRequest
from core.stn.align.turned_digits import turned_digits
from core.stn.classify.request import ClassifyRequest
from core.stn.collapse.request import CollapseRequest
from core.stn.collapse.settings import PRESETS, Setting
from core.stn.datasets.images import to_png
from core.stn.datasets.samples import sample
from core.stn.locate.request import LocateRequest
from core.stn.parts.request import PartsRequest
from core.stn.register.request import RegisterRequest
from core.stn.straighten.request import StraightenRequest
from pages.parts import follow
from pages.parts.examples import ids_by_name
from pages.parts.links import kept_uploads
from pages.parts.rnn.price_form import fetched, stored
from pages.parts.rnn.sweep_form import sweep_request
from tests.pages.conftest import ME, TOKEN, OpenPage


def failed(home: Lab, request: Request) -> Run:
    """A run of a request, ended without a training."""
    run, _ = home.registry.claim(request)
    home.registry.start(run.id)
    home.registry.fail(run.id, "of a test")
    return run


@pytest.mark.parametrize(
    ("name", "page", "also", "changed", "said"),
    [
        ("9-compare", "rnn", {"horizon": 3, "seeds": 2, "dropout": 0.1, "cells": ("gru",)}, ("horizon", 5), "horizon 3 → 5"),
        ("1-straighten", "stn", {"max_angle": 30.0, "budget": 60.0, "seed": 4}, ("angle", 90), "turned by up to (°) 30 → 90"),
    ],
    ids=["compare", "straighten"],
)
def test_a_form_is_filled_with_the_request_of_a_run(
    open_page: OpenPage, home: Lab, name: str, page: str, also: dict[str, Any], changed: tuple[str, Any], said: str
) -> None:
    shipped = home.registry.find(ids_by_name()[name]).request.model_copy(update=also)
    if isinstance(shipped, StraightenRequest):
        photo = home.store.put(to_png(sample("coins").pixels))
        shipped = shipped.model_copy(update={"names": ("coins",), "images": (photo,)})
    run = failed(home, shipped)
    refilled = follow.screen_of(run).refill(run.request)
    address = follow._address(refilled)
    app = open_page(page, **address, run=run.id)
    app.session_state[f"asked-{run.kind}"] = run.id
    app.run()
    assert not app.exception
    assert not any("The form differs" in caption.value for caption in app.caption)
    app.slider(key=changed[0]).set_value(changed[1]).run()
    assert any(said in caption.value.replace("\\", "") for caption in app.caption)


def test_a_form_is_filled_with_what_it_offers_of_a_run(open_page: OpenPage, home: Lab) -> None:
    """The shipped panel names HAR, which every panel has and none chooses."""
    open_page("panel")  # takes the shipped runs in
    run = home.registry.find(ids_by_name()["8-panel"])
    assert isinstance(run.request, PanelRequest)
    assert "har" in run.request.classical
    app = open_page("panel", **follow._address(follow.screen_of(run).refill(run.request)))
    assert not app.exception
    assert not app.toast
    assert "GJR-GARCH-t" in app.button_group(key="classical_volatility").value


@pytest.mark.parametrize(
    ("name", "page", "also", "control"),
    [
        ("9-compare", "rnn", {"horizon": 3, "seeds": 2, "cells": ("gru",)}, ("horizon", 3)),
        ("1-straighten", "stn", {"max_angle": 30.0, "budget": 60.0, "seed": 4}, ("angle", 30)),
    ],
    ids=["compare", "straighten"],
)
def test_an_address_that_names_a_run_alone_fills_the_form(
    open_page: OpenPage, home: Lab, name: str, page: str, also: dict[str, Any], control: tuple[str, Any]
) -> None:
    shipped = home.registry.find(ids_by_name()[name]).request.model_copy(update=also)
    run = failed(home, shipped)
    app = open_page(page, run=run.id)
    assert not app.exception
    key, value = control
    assert app.slider(key=key).value == value
    assert not any("The form differs" in caption.value for caption in app.caption)
    app.slider(key=key).set_value(value + 1).run()  # and then it is the visitor's
    assert app.slider(key=key).value == value + 1
    assert any(f"{value:g} → {value + 1:g}" in caption.value.replace("\\", "") for caption in app.caption)
    said = open_page(page, run=run.id, **{key: str(value + 1)})  # an address that says more is followed
    assert said.slider(key=key).value == value + 1
    assert any(f"{value:g} → {value + 1:g}" in caption.value.replace("\\", "") for caption in said.caption)  # as after F5
    without = open_page(page, run=run.id, hide="sidebar")
    assert key not in without.query_params


@pytest.mark.parametrize(
    ("name", "page", "controls"),
    [
        ("1-straighten", "stn", {"angle": "max_angle", "family": "family", "seed": "seed"}),
        (
            "9-compare",
            "rnn",
            {"symbol": "symbol", "start": "start", "horizon": "horizon", "test": "test_days", "seeds": "seeds", "seed": "seed"},
        ),
    ],
    ids=["straighten", "compare"],
)
def test_change_and_run_again_leads_to_the_form_filled_with_the_request(
    open_page: OpenPage, home: Lab, monkeypatch: pytest.MonkeyPatch, name: str, page: str, controls: dict[str, str]
) -> None:
    went: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(follow, "go", lambda page, **query: went.append((page, query)))
    run = home.registry.find(ids_by_name()[name])
    app = open_page("run", id=run.id)
    next(button for button in app.button if button.label == "Change and run again").click().run()
    assert not app.exception
    [(there, query)] = went
    assert (there, query["run"]) == (page, run.id)
    fields = {control: getattr(run.request, field) for control, field in controls.items()}
    assert {control: query[control] for control in controls} == {
        control: f"{value:g}" if isinstance(value, float) else str(value) for control, value in fields.items()
    }
    form = open_page(page, **query)
    assert not form.exception
    assert not any("The form differs" in caption.value for caption in form.caption)


def form_alone(kind: str) -> None:
    import streamlit as st

    from core.runs.kinds import KINDS
    from core.runs.request import key_of
    from pages.parts.runs.again import chosen_seed

    request = KINDS[kind].screen.form.draw().request()
    if "seed" in type(request).model_fields:
        request = request.model_copy(update={"seed": chosen_seed()})
    st.text(key_of(request))


def own(store: Store, *names: str) -> dict[str, Any]:
    """Pictures that are no samples, whatever they are called."""
    rows = np.random.default_rng(3).integers(0, 256, (len(names), 40, 50, 3), np.uint8)
    return {"images": tuple(store.put(to_png(pixels)) for pixels in rows), "names": names}


def requests_of(store: Store) -> dict[str, Request]:
    """Requests of every kind of the spatial bench as its form can ask for them, with other settings than it begins with."""
    coins, clock = (store.put(to_png(sample(name).pixels)) for name in ("coins", "clock"))
    five = own(store, *(f"{number}.png" for number in range(5)))
    labels = ("cat",) * 4 + ("dog",) * 4
    classes = own(store, *(f"{label}/{number}.png" for number, label in enumerate(labels))) | {"labels": labels}
    turned = turned_digits(4)
    digits = {
        "images": tuple(store.put(to_png(one.pixels)) for one in turned.pictures), "turned_deg": turned.turned_deg,
        "names": tuple(one.name for one in turned.pictures),
    }  # fmt: skip
    [photo], [name] = own(store, "mine.jpg").values()
    return {
        "straighten own": StraightenRequest(**five, budget=60.0, held_out=0.4, seed=2),
        "align own": AlignRequest(**five, family="translation", max_angle=90.0, budget=10.0),
        "align digits": AlignRequest(**digits),
        "locate own": LocateRequest(objects=(photo,), names=(name,), digit=0, voting=False, budget=30.0),
        "locate digit": LocateRequest(digit=3, clutter=False, images=30),
        "classify own": ClassifyRequest(**classes, models=("fcn",), transformers=2, match_parameters=False, family="tps"),
        "classify digits": ClassifyRequest(digits="shipped", distortion="P", models=("cnn",), kernel="integer", budget=60.0),
        "add": AddRequest(models=("fcn",), family="similarity", budget=300.0, seed=5),
        "parts own": PartsRequest(**classes, models=("2xst",), side=112, budget=30.0),
        "parts": PartsRequest(models=("cnn",), side=112, budget=300.0),
        "register": RegisterRequest(images=(coins, clock), names=("coins", "clock"), family="affine", max_angle=20.0),
        "register own": RegisterRequest(images=five["images"][:2], names=five["names"][:2], measure="mi"),
        "collapse own": CollapseRequest(image=photo, name=name, steps=100, panels=PRESETS["padding"], family="affine"),
        "collapse": CollapseRequest(
            image=coins, name="coins", panels=(Setting(rate=0.3), *PRESETS["four"][1:]), max_angle=90.0, seed=4
        ),
    }  # fmt: skip


def test_the_form_of_every_spatial_kind_is_filled_with_what_a_run_was_asked_with(
    home: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_uploads, "my_id", lambda: ME)
    requests = requests_of(home.store)
    assert {request.kind for request in requests.values()} == {one.name for one in KINDS.values() if one.bench == "spatial"}
    others = []
    for name, request in requests.items():
        filled = KINDS[request.kind].screen.refill(request)
        app = AppTest.from_function(form_alone, args=(request.kind,))
        app.session_state["visitor-token"] = TOKEN
        for parameter, value in follow._address(filled).items():
            app.query_params[parameter] = value
        app.run(timeout=30)
        assert not app.exception, name
        if app.text[0].value != key_of(request):
            others.append(name)
    assert others == []


def market_form_alone(kind: str) -> None:
    import streamlit as st

    from core.runs.request import key_of
    from pages.parts.rnn import compare_form, sweep_form
    from pages.parts.rnn.panel_parts import form as panel_form

    if kind == "compare":
        [request] = compare_form.form().requests()
    elif kind == "sweep":
        request = sweep_form.sweep_request(*sweep_form.form())
    else:
        request = panel_form.form().request()
    st.text(key_of(request))


def test_the_form_of_every_market_kind_is_filled_with_what_a_run_was_asked_with(
    open_page: OpenPage, home: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_uploads, "my_id", lambda: ME)
    requests = {name: home.registry.find(run_id).request for name, run_id in ids_by_name().items()}
    compare = next(request for request in requests.values() if isinstance(request, CompareRequest))
    prices = Prices.from_bytes(home.store.get(compare.prices))
    changed = {"source": "csv", "prices": home.store.put(prices.model_copy(update={"source": "csv"}).to_bytes()), "horizon": 2}
    few = {"start": None, "end": date(2020, 1, 2), "target": "return", "cells": ("gru",), "seeds": 2, "seed": 6}
    of_files = [one.to_bytes() for one in (prices, prices.model_copy(update={"symbol": "OTHER"}))]
    tickers = [Prices.from_bytes(one).model_copy(update={"source": "csv"}) for one in of_files]
    asked = [
        compare.model_copy(update=changed),
        sweep_request(SOURCES["sample"], ("KO", "JPM"), few | {"test_days": 300}),
        panel_request(("KO", "XOM"), lambda symbol: fetched("sample", symbol), stored, few | {"trees": False}),
        panel_request(("A", "B"), lambda place: tickers["AB".index(place)], stored, few | {"market": False}),
    ]
    for request in asked:
        filled = KINDS[request.kind].screen.refill(request)
        app = AppTest.from_function(market_form_alone, args=(request.kind,))
        app.session_state["visitor-token"] = TOKEN
        for parameter, value in follow._address(filled).items():
            app.query_params[parameter] = value
        app.run(timeout=30)
        assert not app.exception, request.title
        assert app.text[0].value == key_of(request), request.title
    traps = TrapsRequest(symbol=prices.symbol, source="csv", prices=changed["prices"], start=date(2012, 1, 1), seeds=2)
    run = failed(home, traps)
    app = open_page("traps", **follow._address(KINDS["traps"].screen.refill(traps)), run=run.id)
    app.session_state["asked-traps"] = run.id
    app.run()
    assert not app.exception
    assert not app.button(key="go").disabled
    assert not any("The form differs" in caption.value for caption in app.caption)
    others = [request for request in requests.values() if request.kind in ("memory", "echo")]
    assert all(KINDS[request.kind].screen.refill(request) for request in others)
    assert {kind.name for kind in KINDS.values() if not kind.part_of} == {
        kind.name for kind in KINDS.values() if kind.screen.refill
    }
