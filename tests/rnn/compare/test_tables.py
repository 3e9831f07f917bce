from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.rnn.compare.result import CompareResult
from core.rnn.compare.tables import ahead_table, provenance_table, ranking_table
from core.rnn.compare.valuation import Valuation
from core.rnn.compare.valued_result import valued
from core.rnn.evaluation.evidence import Evidence
from core.rnn.evaluation.metric import Metric
from core.rnn.evaluation.metrics import METRICS
from core.rnn.models import capitalised_title
from tests.rnn.compare.results import made_result


@pytest.fixture(scope="module")
def result() -> CompareResult:
    return made_result("return")


def test_the_ranking_is_told_with_readable_names_and_in_percent(result: CompareResult) -> None:
    table = ranking_table(result)
    assert table["Model"].tolist() == [capitalised_title(model) for model in result.ranking.model]
    np.testing.assert_allclose(table["Skill (%)"], 100 * result.ranking.skill, atol=0.005)
    np.testing.assert_allclose(table["RMSE (%)"], 100 * result.ranking.rmse, atol=0.0005)
    assert [p == "" for p in table["p, corrected"]] == [model == "random-walk" for model in result.ranking.model]


def test_further_losses_are_columns_and_the_leading_one_is_the_skill() -> None:
    table = ranking_table(made_result("volatility"))
    assert {"Skill (%)", "Skill, MSE (%)", "Skill, QLIKE of r² (%)", "Skill, MSE of r² (%)"} <= set(table)
    assert "Skill, QLIKE (%)" not in table
    by_squares = ranking_table(valued(made_result("volatility"), Valuation(loss="squared")))
    assert "Skill, MSE (%)" not in by_squares
    assert "Skill, QLIKE (%)" in by_squares
    one_seed = table.set_index("Model")["Skill of one seed (%)"]
    assert one_seed["HAR"] == ""
    assert " to " in one_seed["GRU"]


def test_help_says_which_loss_and_which_reference() -> None:
    words = valued(made_result("volatility"), Valuation(loss="squared")).words
    assert METRICS["skill"].said(words).startswith("How much better by MSE than HAR;")
    assert "by MSE against the random walk" in METRICS["dm_p"].said(made_result("return").words)
    assert not [name for name, metric in METRICS.items() if "{" in metric.said(words)]


def test_notes_on_moves_like_a_split_are_told_from_other_notes(result: CompareResult) -> None:
    split = "the price moves by -33 % on 1 Aug 1983, like a split of 3:2 that is not adjusted"
    provenance = result.provenance.model_copy(update={"notes": ("closes only", split)})
    assert provenance.moves == (split,)


def test_measures_that_no_model_has_are_left_out(result: CompareResult) -> None:
    assert "Direction (%)" in ranking_table(result)
    assert "Direction (%)" not in ranking_table(made_result("volatility"))
    assert "CRPS (%)" not in ranking_table(made_result("direction"))


def test_the_random_walk_calls_no_direction_and_is_no_candidate_for_the_first_place(result: CompareResult) -> None:
    row = ranking_table(result).set_index("Model").loc["Random walk"]
    assert (row["Direction (%)"], row["Ranked first (%)"]) == ("", "")


def test_days_to_come_have_dates_prices_and_intervals(result: CompareResult) -> None:
    table = ahead_table(result, "gru")
    assert table.columns.tolist() == ["Day", "Log return (%)", "90 % of days", "Close", "90 % of prices"]
    assert table["Day"].tolist() == ["19 Jul 2011"]
    assert ahead_table(made_result("direction"), "gru").columns.tolist() == ["Day", "Probability of a rise (%)"]


def test_the_provenance_card_names_data_software_and_time(result: CompareResult) -> None:
    facts = provenance_table(result).set_index("").What
    assert facts["Source"] == "SIM · made by hand"
    assert facts["Data hash"] == "0123456789ab…"
    assert facts["Seconds"] == "GRU 1.2"  # what took no time is left out
    assert facts["Causality"] == "passed by all 5 models: no forecast changed with later days"
    assert "Notes" not in facts


def test_the_provenance_card_names_who_saw_the_future(result: CompareResult) -> None:
    leaky = result.ranking.assign(causal=result.ranking.model != "birnn")
    facts = provenance_table(result.model_copy(update={"ranking": leaky})).set_index("").What
    assert facts["Causality"] == "failed by bidirectional RNN: their forecasts changed with later days"


def test_a_metric_that_is_added_is_in_the_ranking_the_table_and_the_export(monkeypatch: pytest.MonkeyPatch) -> None:
    def bias(evidence: Evidence) -> pd.Series:
        rows = evidence.forecasts
        return (rows["forecast"] - rows["actual"]).groupby(rows["model"]).mean()

    monkeypatch.setitem(METRICS, "bias", Metric(bias, "Bias", "%", "Mean of forecast minus actual", digits=1))
    result = made_result("return")
    assert ranking_table(result).set_index("Model").loc["Drift", "Bias (%)"] == 5.0  # the drift is wrong by 0.05
    assert "bias" in result.scores[0]
    assert "bias" in result.tables["ranking"]


def test_a_result_without_a_metric_that_came_later_is_still_read(
    result: CompareResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(METRICS, "bias", Metric(lambda evidence: evidence.by_model(lambda _: 0.0), "Bias", "%"))
    copy = CompareResult.from_bytes(result.to_bytes())
    assert "Bias (%)" not in ranking_table(copy)
