"""A form is filled with the request of a run: pressed at once it asks for the same, and what is changed is said."""

from __future__ import annotations

from typing import Any

import pytest

from core.runs.lab import Lab
from core.stn.datasets.images import to_png
from core.stn.datasets.samples import sample
from core.stn.straighten.request import StraightenRequest
from pages.parts import follow
from pages.parts.examples import ids_by_name
from tests.pages.conftest import OpenPage


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
    run, _ = home.registry.claim(shipped)
    home.registry.start(run.id)
    home.registry.fail(run.id, "of a test")
    refilled = follow.screen_of(run).refill(run.request)
    address = follow._address(refilled)
    app = open_page(page, **address, run=run.id)
    app.session_state[f"asked-{run.kind}"] = run.id
    app.run()
    assert not app.exception
    assert not any("Changed since" in caption.value for caption in app.caption)
    app.slider(key=changed[0]).set_value(changed[1]).run()
    assert any(said in caption.value.replace("\\", "") for caption in app.caption)
