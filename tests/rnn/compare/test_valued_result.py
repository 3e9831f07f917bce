"""What can be computed from stored forecasts is no part of the question."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from core.errors import InvalidRequest
from core.rnn.compare import export as compare_export
from core.rnn.compare.command import answers
from core.rnn.compare.request import CompareRequest
from core.rnn.compare.result import CompareResult
from core.rnn.compare.trials import valued_in
from core.rnn.compare.valuation import Valuation
from core.rnn.compare.valued_result import seeds_in_words, valued
from core.rnn.compare.verdict import Verdict
from core.rnn.dataset.target import RETURN
from core.rnn.models import quick_for
from core.runs.export import export
from core.runs.kinds import parse_request
from core.runs.lab import Lab
from core.runs.request import key_of
from core.runs.work import Outcome
from core.settings import Settings
from tests.rnn.compare.results import made_result

FIELDS = {"kind": "compare", "symbol": "SIM", "prices": "a" * 64}


@pytest.fixture(scope="module")
def result() -> CompareResult:
    return made_result("return")


@pytest.mark.parametrize(
    ("seeds", "said"),
    [
        (1, "Each network was trained once: how much another seed would change is not in these numbers."),
        (
            4,
            "Of GRU the mean forecast of 4 seeds is judged; one by one they have skill "
            "−1.2 % to +3.4 % against the random walk.",
        ),
    ],
)
def test_over_how_many_trainings_the_network_is_judged_is_said(result: CompareResult, seeds: int, said: str) -> None:
    ranking = result.ranking.assign(seeds=seeds, skill_low=-0.012, skill_high=0.034)
    assert seeds_in_words(result.model_copy(update={"ranking": ranking})) == said


def test_the_network_chosen_before_the_test_stands_beside_the_reference(result: CompareResult) -> None:
    """By hand: mean squared errors of the committee and of the random walk, and their paired difference."""
    table = result.forecasts.groupby(["model", "cutoff"])[["actual", "forecast"]].mean()
    errors = {model: (rows.actual - rows.forecast).to_numpy() ** 2 for model, rows in table.groupby("model")}
    standing = result.standing
    assert standing.error == pytest.approx(errors["gru"].mean())
    assert standing.baseline == pytest.approx(errors["random-walk"].mean())
    gained = errors["random-walk"] - errors["gru"]
    assert gained.mean() > 2 * gained.std() / len(gained) ** 0.5
    assert (standing.health, standing.baseline_is) == ("healthy", "random walk")


@pytest.mark.parametrize("sign", [1, -1])
def test_a_difference_that_correction_explains_is_in_doubt_either_way(result: CompareResult, sign: int) -> None:
    """The errors of network and random walk change places where the sign is negative."""
    forecasts = result.forecasts
    if sign < 0:
        forecasts = forecasts.assign(model=forecasts["model"].replace({"gru": "random-walk", "random-walk": "gru"}))
    told = {}
    for p in (0.01, 0.49):
        rows = tuple(row.model_copy(update={"p": p}) for row in result.verdict.comparisons)
        verdict = result.verdict.model_copy(update={"comparisons": rows})
        changed = {"forecasts": forecasts, "chosen": {"network": "gru"}, "verdict": verdict, "judged": {}}
        told[p] = result.model_copy(update=changed)
    assert told[0.01].standing.health == ("healthy" if sign > 0 else "unhealthy")
    assert told[0.49].standing.health == "in doubt"
    assert told[0.49].standing.health_is.endswith("but not surely after correction for all models (p = 0.49)")
    assert told[0.49].conclusion.finding == "no better"


def test_another_cost_changes_the_trades_alone(result: CompareResult) -> None:
    dear = valued(result, Valuation(cost_bp=50))
    free = valued(result, Valuation(cost_bp=0))
    assert dear.verdict == free.verdict == result.verdict
    assert dear.forecasts is free.forecasts is result.forecasts
    growth = [one.performance.set_index(["model", "rule"]).growth["gru", "long-short"] for one in (free, dear)]
    assert growth[0] > growth[1]
    assert dear.valuation.cost_bp == 50


def test_other_trials_make_the_same_forecasts_less_sure(result: CompareResult) -> None:
    tired = valued(result, Valuation(trials=10_000))
    assert tired.verdict.trials == 10_000
    assert "other trials on this ticker" in tired.verdict.text
    assert (tired.performance.dsr.dropna() <= valued(result, Valuation(trials=20)).performance.dsr.dropna()).all()


def test_another_loss_changes_ranking_and_verdict_and_trains_nothing() -> None:
    result = made_result("volatility")
    squared = valued(result, Valuation(loss="squared"))
    assert squared.forecasts is result.forecasts
    assert (result.verdict.loss, squared.verdict.loss) == ("qlike", "squared")
    assert squared.ranking.model.tolist() == squared.ranking.sort_values("rmse").model.tolist()
    assert not squared.horizons.skill.equals(result.horizons.skill)
    pd.testing.assert_frame_equal(valued(squared, Valuation()).ranking, result.ranking)


def test_another_reference_changes_what_skill_is_measured_against() -> None:
    against_walk = valued(made_result("volatility"), Valuation(reference="random-walk"))
    assert against_walk.verdict.reference == "random-walk"
    assert against_walk.ranking.set_index("model").skill["random-walk"] == 0
    assert against_walk.ranking.set_index("model").skill["har"] > 0


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({"loss": "log"}, "is not judged by log; choose one of qlike, squared"),
        ({"reference": "arima"}, "'arima' is not in this comparison; choose one of har"),
    ],
)
def test_a_loss_or_a_reference_that_does_not_fit_says_what_to_choose(fields: dict[str, str], cause: str) -> None:
    with pytest.raises(InvalidRequest, match=cause):
        valued(made_result("volatility"), Valuation.model_validate(fields))


def test_a_result_of_an_earlier_version_is_judged_as_this_one_does() -> None:
    result = made_result("volatility")
    early = {"text": "8 of 9 models beat the random walk", "beats_random_walk": True, "winners": ("gru",), "best": "gru"}
    verdict = Verdict.model_validate(early | {"p": 0.01, "detectable": 0.1, "duel": None, "days_needed": 9})
    ranking = result.ranking.assign(rmse_low=0.0, rmse_high=1.0)[["model", "skill", "rmse", "rmse_low", "rmse_high"]]
    ranking = ranking.assign(dm_stat=-1.0, dm_p=0.01, dm_p_holm=0.01, seeds=3, causal=True)
    changes = {"verdict": verdict, "ranking": ranking, "chosen": {}, "train_mean": float("nan"), "sigma": float("nan")}
    old = CompareResult.from_bytes(result.model_copy(update=changes).to_bytes())
    again = valued(old, old.valuation)
    pd.testing.assert_frame_equal(again.ranking.drop(columns="dm_p_holm"), result.ranking.drop(columns="dm_p_holm"))
    assert again.verdict.reference == "har"
    assert "best on the validation days" not in again.verdict.text


@pytest.mark.parametrize("trials", [0, 40])
def test_ranking_and_verdict_give_the_same_p_whatever_the_trials(result: CompareResult, trials: int) -> None:
    told = valued(result, Valuation(trials=trials))
    ranked = told.ranking.set_index("model").dm_p_holm.dropna()
    said = {
        row.model: row.p for row in told.verdict.comparisons if row.reference == told.verdict.reference and row.p is not None
    }
    assert ranked.to_dict() == pytest.approx(said)
    printed = {row["model"]: row["dm_p_holm"] for row in answers(told)["scores"] if row["dm_p_holm"] is not None}
    assert printed == pytest.approx(said)
    alone = result.ranking.set_index("model").dm_p_holm.dropna()
    assert (ranked > alone).any() == bool(trials)


def test_a_valuation_can_be_taken_back(result: CompareResult) -> None:
    first = valued(result, Valuation(cost_bp=7))
    again = valued(valued(first, Valuation(cost_bp=70, trials=1000)), Valuation(cost_bp=7))
    assert again.verdict == first.verdict
    pd.testing.assert_frame_equal(again.performance, first.performance)
    pd.testing.assert_frame_equal(again.equity, first.equity)
    assert valued(first, first.valuation) is first


def test_a_valuation_survives_saving(result: CompareResult) -> None:
    copy = CompareResult.from_bytes(valued(result, Valuation(cost_bp=2, trials=40)).to_bytes())
    assert copy.valuation == Valuation(cost_bp=2, trials=40)


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({"cost_bp": -1}, "the cost in basis points is -1"),
        ({"cost_bp": 501}, "choose between 0 and 500"),
        ({"trials": -1}, "-1"),
        ({"loss": "pinball"}, "there is no loss 'pinball'; choose one of squared, qlike"),
    ],
)
def test_an_impossible_valuation_says_what_to_change(fields: dict[str, float], cause: str) -> None:
    with pytest.raises(InvalidRequest, match=cause):
        Valuation.model_validate(fields)


def test_a_request_that_was_exported_with_a_cost_is_the_same_run_and_no_new_trial() -> None:
    old = parse_request(json.dumps(FIELDS | {"cost_bp": 20.0}))
    new = parse_request(json.dumps(FIELDS))
    assert isinstance(old, CompareRequest)
    assert key_of(old) == key_of(new)
    assert old.tests == new.tests
    assert "cost_bp" not in CompareRequest.model_fields


@pytest.mark.parametrize(
    ("trials", "said"),
    [(0, "GRU: skill +57.3 % against HAR, the best classical model before the test"), (10**9, "nothing beats the random walk")],
)
def test_the_headline_of_a_list_says_what_the_verdict_says(result: CompareResult, trials: int, said: str) -> None:
    told = valued(result, Valuation(trials=trials))
    assert told.headline == said
    assert told.verdict.beats_reference is (trials == 0)


def test_an_export_is_corrected_for_the_trials_of_its_lab(
    result: CompareResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = Lab.open(Settings(home=tmp_path))
    monkeypatch.setattr(compare_export, "lab", lambda: lab)
    for request in (CompareRequest(**FIELDS), CompareRequest(**FIELDS, hidden=64)):  # type: ignore[arg-type]
        run = lab.registry.claim(request)[0]
        lab.registry.start(run.id)
        lab.registry.finish(run.id, "", Outcome(content=b"", seconds=1.0, headline="", scores=[]))
    finished = lab.registry.get(run.id)
    assert finished is not None
    shown = valued_in(lab, finished, result)
    assert shown.valuation.trials == 2 * 4 + len(quick_for(RETURN))
    scores = json.loads(export(finished, result, "json")["scores.json"])
    assert scores["verdict"] == shown.verdict.model_dump(mode="json")
    assert scores["valuation"] == {"cost_bp": 5.0, "trials": shown.valuation.trials, "loss": "", "reference": ""}
    assert (scores["chosen"], scores["validation_losses"]) == (result.chosen, result.validation_losses)
    assert scores["validation_losses"] == result.validation_losses
    lines = export(finished, result, "csv")["performance.csv"].decode().splitlines()
    assert len(lines) == 1 + len(shown.performance)
    lab.registry.close()
