"""What the forecasts of a panel were worth, from the stored result alone."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.rnn.panel.command import answer
from core.rnn.panel.result import PanelResult
from core.rnn.panel.tables import tail_risk_table, targeting_table
from core.rnn.panel.views import worth_of
from core.rnn.worth.value_at_risk import filtered
from tests.rnn.panel.panels import QUICK, files, panel_result


@pytest.fixture(scope="module")
def result() -> PanelResult:
    return panel_result(files(), trees=False)


def test_value_at_risk_is_that_of_each_ticker_from_its_own_days(result: PanelResult) -> None:
    worth = worth_of(result)
    assert worth is not None
    har = worth.tail.set_index(["model", "level"]).loc[("har", 0.05)]
    shares = []
    for ticker in range(3):
        volatility = result.points["har"][:-1, ticker] * result.sigmas[ticker]
        volatility = np.maximum(volatility, 0.05 * result.returns[: result.first_test, ticker].std())
        earned, first = result.returns[:, ticker], result.first_test
        risk = filtered(earned[first:], 0 * earned[first:], volatility[first:], (earned / volatility)[:first], 0.05)
        shares.append(risk.exceeded(earned[first:]).mean())
    assert har.exceeded == pytest.approx(np.mean(shares), abs=1e-12)
    assert np.isnan(har.gain)


def test_sentences_tables_and_json_say_the_same(result: PanelResult) -> None:
    worth = worth_of(result)
    assert worth is not None
    assert worth.sentences[0].startswith("The forecasts of ")
    assert "An account of each ticker held at 15 % volatility" in worth.sentences[1]
    assert len(targeting_table(worth)) == len(tail_risk_table(worth, 0.05)) == len(worth.targeting)
    plain = json.loads(json.dumps(answer(result)))["worth"]
    assert plain["text"] == " ".join(worth.sentences)
    assert {row["model"] for row in plain["targeting"]} >= {"har", "random-walk", result.verdict.best_network}


def test_returns_have_no_volatility_to_keep_to() -> None:
    result = panel_result(files(2), target="return", **(QUICK | {"seeds": 1, "trees": False, "classical": ("ar",)}))
    assert worth_of(result) is None
    assert answer(result)["worth"] is None
