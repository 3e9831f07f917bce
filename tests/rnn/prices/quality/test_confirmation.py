"""One question about prices that look wrong, whichever way a request comes in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from core.errors import DoubtfulPrices, InvalidRequest
from core.rnn.compare.request import CompareRequest
from core.rnn.panel.learner.request import PanelData, Ticker
from core.rnn.panel.request import PanelRequest
from core.rnn.prices.command import prices_of
from core.rnn.sweep.request import SweepRequest
from core.rnn.traps.request import TrapsRequest
from core.runs.lab import Lab, lab
from core.runs.request import Request, key_of
from tests.rnn.series import garch
from tests.rnn.series import prices_of as series_of
from tests.test_main import Command, gridcast, home  # noqa: F401  # fixtures

QUIET = series_of(garch(900), "FINE").model_copy(update={"source": "csv"})
CLOSE = QUIET.close.copy()
CLOSE[400:] /= 4
SPLIT = QUIET.model_copy(update={"symbol": "SPLIT", "close": CLOSE})


@pytest.fixture
def opened(home: Path) -> Lab:  # noqa: F811
    for one in (QUIET, SPLIT):
        lab().store.put(one.to_bytes())
    return lab()


def asked(kind: str) -> Request:
    """A request of a kind about prices that look wrong, beside some that do not where it takes several."""
    named = {one.symbol: {"symbol": one.symbol, "source": "csv", "prices": one.digest} for one in (QUIET, SPLIT)}
    compare = [CompareRequest(test_days=100, **fields) for fields in named.values()]
    return {
        "compare": compare[1],
        "beside": compare[0].model_copy(update={"beside": SPLIT.digest, "extras": ("ticker",), "start": date(2010, 2, 1)}),
        "traps": TrapsRequest(**named["SPLIT"]),
        "sweep": SweepRequest(comparisons=tuple(compare)),
        "panel": PanelRequest(data=PanelData(tickers=tuple(Ticker(**fields) for fields in named.values()), test_days=100)),
    }[kind]


@pytest.mark.parametrize("kind", ["compare", "beside", "traps", "sweep", "panel"])
def test_every_kind_asks_before_it_trains_on_prices_that_look_wrong(kind: str, opened: Lab) -> None:
    request = asked(kind)
    with pytest.raises(DoubtfulPrices, match=r"SPLIT: the price moves by -75 % .* like a split of 4:1"):
        opened.claim(request)
    assert not opened.runs()
    right = opened.confirmed(request)
    assert key_of(right) != key_of(request)
    assert opened.confirmed(right) == right
    opened.check(right)
    assert right.tests == request.tests  # what it tests is the same


def test_only_the_ticker_that_was_asked_about_is_taken_as_it_is(opened: Lab) -> None:
    sweep = opened.confirmed(asked("sweep"))
    assert isinstance(sweep, SweepRequest)
    assert [(one.symbol, one.as_they_are) for one in sweep.comparisons] == [("FINE", False), ("SPLIT", True)]


def test_an_exported_request_is_asked_about_when_it_is_started_again(
    gridcast: Command,  # noqa: F811
    opened: Lab,
    tmp_path: Path,
) -> None:
    path = tmp_path / "request.json"
    quick = asked("compare").model_copy(update={"cells": (), "classical": ("ewma",)})
    path.write_text(quick.model_dump_json())
    refused = gridcast("start", path)
    assert refused.status == 2
    assert "like a split of 4:1" in refused.err
    assert "--as-they-are" in refused.err
    assert gridcast("start", path, "--as-they-are", "--json").json["cached"] is False


def test_the_column_of_prices_in_a_file_is_named_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("Date,Close,Close\n2022-01-03,1,20\n2022-01-04,2,21\n")
    assert prices_of(str(path), "X", column=3).close.tolist() == [20, 21]
    assert prices_of(str(path), "X", column=2).close.tolist() == [1, 2]
    with pytest.raises(InvalidRequest, match="leave it out"):
        prices_of("sample", "KO", column=2)
