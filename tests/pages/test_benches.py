"""The two benches through AppTest: what a visitor chooses becomes one request, and what cannot be becomes a sentence."""

from __future__ import annotations

import pytest

from core.rnn.compare import CompareRequest
from core.runs.lab import Lab
from tests.pages.conftest import OpenPage


def test_stn_opens_with_a_sample_and_an_example(open_page: OpenPage) -> None:
    app = open_page("stn")
    assert not app.exception
    assert [heading.value for heading in app.subheader][:2] == ["What the network will see", "A finished run to look at"]


def test_stn_without_photos_says_what_to_do(open_page: OpenPage) -> None:
    app = open_page("stn")
    app.button_group(key="samples").set_value([]).run()
    assert "Choose a sample" in app.info[0].value
    app.button[0].click().run()
    assert "there is no photo to learn from" in app.error[0].value


def test_rnn_opens_with_prices_and_an_example(open_page: OpenPage) -> None:
    app = open_page("rnn")
    assert not app.exception
    assert any("up to 28 Dec 2022" in caption.value or "to 28 Dec 2022" in caption.value for caption in app.caption)


@pytest.mark.slow
def test_rnn_runs_what_was_chosen(open_page: OpenPage, home: Lab) -> None:
    app = open_page("rnn", symbol="KO", target="Return", seeds="1", cells="GRU", test="250")
    [button] = [button for button in app.button if button.label == "Compare"]
    button.click().run()
    assert not app.exception
    [run] = [run for run in home.registry.runs() if run.id == app.query_params["run"]]
    request = run.request
    assert isinstance(request, CompareRequest)
    assert (request.symbol, request.target, request.cells, request.seeds, request.test_days) == (
        "KO",
        "return",
        ("gru",),
        1,
        250,
    )
    assert any(run.id in caption.value for caption in app.caption)


def test_rnn_says_when_the_period_is_too_short(open_page: OpenPage) -> None:
    app = open_page("rnn", start="2022-06-01")
    assert any("500 test days" in error.value for error in app.error)
