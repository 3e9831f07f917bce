"""What the forecasts of a panel were worth, from the stored result alone."""

from __future__ import annotations

import json

import pytest

from core.rnn.panel.command import answer
from core.rnn.panel.result import PanelResult
from core.rnn.panel.tables import tail_risk_table, targeting_table
from core.rnn.panel.views import worth_of
from tests.rnn.panel.panels import QUICK, files, panel_result


@pytest.fixture(scope="module")
def result() -> PanelResult:
    return panel_result(files(), trees=False)


def test_sentences_tables_and_json_say_the_same(result: PanelResult) -> None:
    worth = worth_of(result)
    assert worth is not None
    assert worth.sentences[0].startswith("The forecasts of ")
    assert "An account of each ticker held at 15 % volatility" in worth.sentences[1]
    assert len(targeting_table(worth)) == len(worth.targeting)
    tail = tail_risk_table(worth, 0.05).set_index("Model")
    assert len(tail) == len(result.models)
    assert tail.loc["HAR", ["Gain", "p", "Better on"]].tolist() == ["", "", ""]
    assert "The value at risk by the forecasts of " in worth.sentences[2]
    plain = json.loads(json.dumps(answer(result)))["worth"]
    assert plain["text"] == " ".join(worth.sentences)
    assert {row["model"] for row in plain["targeting"]} >= {"har", "random-walk", result.verdict.best_network}


def test_returns_have_no_volatility_to_keep_to() -> None:
    result = panel_result(files(2), target="return", **(QUICK | {"seeds": 1, "trees": False, "classical": ("ar",)}))
    assert worth_of(result) is None
    assert answer(result)["worth"] is None
