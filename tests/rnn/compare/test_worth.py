"""What the forecasts of a comparison were worth: from its stored forecasts alone, by committees, and in every way out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.rnn.compare.command import answers
from core.rnn.compare.request import CompareRequest
from core.rnn.compare.result import CompareResult
from core.rnn.compare.tables import tail_risk_table, targeting_table
from core.rnn.compare.trials import overfitting_on_data_of
from core.rnn.compare.valuation import Valuation
from core.rnn.compare.valued_result import risk_paths, speaking_of, valued, worth_of
from core.rnn.worth.figures import risk_chart
from core.runs.lab import Lab
from core.runs.work import Outcome
from core.settings import Settings
from tests.rnn.compare.results import made_result


@pytest.fixture(scope="module")
def result() -> CompareResult:
    return valued(made_result("volatility"), Valuation(trials=20))


def test_it_is_in_the_machine_readable_answer(result: CompareResult) -> None:
    worth = json.loads(json.dumps(answers(result)))["worth"]
    assert set(worth) == {"text", "reference", "targeting", "tail", "overfitting", "overfitting_of_losses"}
    assert worth["reference"] == "har"
    assert worth["text"].startswith(
        "That the forecasts of GRU were worth more to an investor than those of HAR could not be shown: "
    )
    assert "Held at 15 % volatility a year by the forecasts of GRU" in worth["text"]
    assert {row["model"] for row in worth["targeting"]} == set(result.forecasts.model)
    assert {row["level"] for row in worth["tail"]} == {0.01, 0.05}


def test_overfitting_is_also_of_choosing_models_by_their_losses(result: CompareResult) -> None:
    chosen = worth_of(result).overfitting_of_losses
    assert chosen is not None
    assert chosen.candidates == result.forecasts.model.nunique()
    assert chosen.probability < 0.1  # GRU and HAR know something here
    assert "choosing by past errors was better than drawing lots" in worth_of(result).sentences[-1]
    assert worth_of(result).sentences[-1].startswith(f"Of {chosen.candidates} models, the reference among them, ")


def test_a_result_of_an_earlier_version_is_traded_again(result: CompareResult) -> None:
    old = result.model_copy(update={"performance": result.performance.drop(columns=["gain", "gain_p"])})
    assert "gain" in valued(old, old.valuation).performance
    assert valued(result, result.valuation) is result


def test_the_sentences_speak_of_the_model_chosen_before_the_test(result: CompareResult) -> None:
    assert speaking_of(result.model_copy(update={"chosen": {"network": "birnn"}})) == "birnn"
    early = result.model_copy(update={"chosen": {}, "best_on_validation": ""})
    assert speaking_of(early) == result.ranking.model[0]


def test_tables_have_a_row_a_model(result: CompareResult) -> None:
    worth = worth_of(result)
    models = result.forecasts.model.nunique()
    assert len(targeting_table(worth)) == len(tail_risk_table(worth, 0.05)) == models
    table = tail_risk_table(worth, 0.05).set_index("Model")
    assert table["Expected"].unique().tolist() == [6.0]
    assert table.loc["HAR", "FZ gain"] == ""


def test_the_risk_of_an_account_is_drawn_beside_a_fixed_position(result: CompareResult) -> None:
    days, own, fixed, target = risk_paths(result, "gru")
    assert days.shape == own.shape == fixed.shape
    drawn = risk_chart(days, own, fixed, target, "gru")
    assert [trace.name for trace in drawn.data] == ["fixed position", "by GRU"]
    np.testing.assert_allclose(drawn.data[1].y, 100 * own)


def test_overfitting_is_also_of_all_stored_accounts_on_the_same_days(tmp_path: Path) -> None:
    lab = Lab.open(Settings(home=tmp_path, database=None))
    results = [valued(made_result(target), Valuation(trials=1)) for target in ("return", "direction")]
    others = results[0].model_copy(update={"close": results[0].close[::-1].copy()})
    runs = []
    for number, one in enumerate([*results, others]):
        request = CompareRequest(symbol=f"T{number}", prices="a" * 64, target=one.target)
        run = lab.registry.claim(request)[0]
        lab.registry.start(run.id)
        runs.append(lab.keep(run.id, Outcome.of(one, 1.0)))
    alone = worth_of(results[0]).overfitting
    first, other = runs[0], runs[2]
    assert first is not None
    assert other is not None
    assert alone is not None
    among = overfitting_on_data_of(lab, first)
    assert among is not None
    assert among.candidates > alone.candidates
    assert overfitting_on_data_of(lab, other) is None  # other prices
    lab.registry.close()
