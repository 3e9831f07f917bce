from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from core.rnn.compare.request import CompareRequest
from core.rnn.compare.result import CompareResult
from core.rnn.compare.trials import trials_until, valued_in
from core.rnn.compare.valuation import Valuation
from core.rnn.compare.valued_result import valued
from core.rnn.evaluation.significance import deflated, sidak
from core.runs.beside.beside import standing
from core.runs.lab import Lab
from core.runs.registry import Run
from core.runs.work import Outcome
from core.settings import Settings
from core.shell import summary
from tests.rnn.compare.results import made_result


def request_of(symbol: str = "KO", cells: tuple[str, ...] = ("rnn", "gru"), seeds: int = 3, **fields) -> CompareRequest:
    fields = {"classical": ("ar", "har"), "prices": "a" * 64} | fields
    return CompareRequest.model_validate({"symbol": symbol, "cells": cells, "seeds": seeds, **fields})


def count(*requests: CompareRequest) -> int:
    return len({test for request in requests for test in request.tests})


def test_a_comparison_tests_each_model_but_the_reference_whatever_the_seeds() -> None:
    assert [test.split()[0] for test in request_of().tests] == ["rnn", "gru", "ar", "har"]
    assert [test.split()[0] for test in request_of(target="volatility").tests] == ["rnn", "gru", "random-walk", "ar"]
    assert request_of(seeds=5).tests == request_of().tests
    assert count(request_of(cells=())) == 2


def test_the_same_test_counts_once_however_often_it_is_asked() -> None:
    assert count(request_of(), request_of()) == 4
    assert count(request_of(), request_of(cells=("rnn", "lstm"))) == 5
    assert count(request_of(), request_of(prices="b" * 64)) == 4  # prices fetched again


def test_another_setting_is_another_test_of_the_networks_alone() -> None:
    assert count(request_of(), request_of(hidden=64)) == 4 + 2
    assert count(request_of(), request_of(test_days=250), request_of(target="direction")) == 4 + 4 + 5


def test_what_a_linear_model_reads_is_one_of_its_settings() -> None:
    names = [
        {test for test in request_of(extras=extras, hidden=hidden).tests if test.startswith("ar-x")}
        for extras in (("range",), ("range", "weekday"))
        for hidden in (32, 64)
    ]
    assert len(names[0]) == 1
    assert names[0] == names[1] != names[2] == names[3]


def test_a_field_that_keeps_its_default_makes_no_other_test() -> None:
    """Fields that come with a later version leave the tests in the ledger as they are."""
    assert request_of(network_type="auto", horizon=1, dropout=0.0).tests == request_of().tests


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    lab = Lab.open(Settings(home=tmp_path, database=None))
    yield lab
    lab.registry.close()


@pytest.fixture(scope="module")
def result() -> CompareResult:
    return made_result()


def finished(lab: Lab, request: CompareRequest, result: CompareResult) -> Run:
    run = lab.registry.claim(request)[0]
    lab.registry.start(run.id)
    ended = lab.keep(run.id, Outcome.of(result, 1.0))
    assert ended is not None
    return ended


def test_lists_answers_and_reports_say_what_the_screen_says_beside_other_trials(
    lab: Lab, result: CompareResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each other test counts as a thousand million, so that few take from a sure result what is sure of it."""
    monkeypatch.setattr(CompareResult, "corrected_for", lambda own, others: own.judged_as(Valuation(trials=1 + others * 10**9)))
    monkeypatch.setattr("core.shell.lab", lambda: lab)
    first, second = (finished(lab, request_of(hidden=hidden), result) for hidden in (32, 64))
    assert first.headline.startswith("GRU: skill +57.3 %")
    assert second.headline == "nothing beats the random walk"
    for run, health, finding in ((first, "healthy", "better"), (second, "in doubt", "no better")):
        answer, stands = summary(run, cached=False), standing(lab, run)
        assert stands is not None
        assert answer["health"] == stands.health == health
        assert (answer["conclusion"]["finding"], answer["conclusion"]["headline"]) == (finding, run.headline)


def test_corrected_for_other_tests_is_judged_as_one_of_all(result: CompareResult) -> None:
    own = len(result.losses.models) - 1
    told, expected = result.corrected_for(5), valued(result, Valuation(trials=own + 5))
    assert told.verdict == expected.verdict
    assert told.ranking.equals(expected.ranking)


def of_other_prices(result: CompareResult) -> CompareResult:
    return result.model_copy(update={"close": result.close[::-1].copy()})


def test_the_same_prices_by_another_name_are_the_same_data(lab: Lab, result: CompareResult) -> None:
    first = finished(lab, request_of(), result)
    renamed = finished(lab, request_of("MINE.CSV", hidden=64), result)
    other = finished(lab, request_of("PEP", hidden=128), of_other_prices(result))
    assert [trials_until(lab, run) for run in (first, renamed, other)] == [4, 6, 4]
    assert lab.runs_on_data_of(first) == [first, renamed]


def test_prices_in_single_precision_or_with_more_days_are_the_same_data(lab: Lab, result: CompareResult) -> None:
    rounded = result.model_copy(update={"close": result.close.astype(np.float32).astype(float)})
    later = np.arange(-30, 0)
    longer = result.model_copy(update={"dates": np.append(result.dates, result.dates[-1] + 31 + later)})
    longer = longer.model_copy(update={"close": np.append(result.close, result.close[later])})
    runs = [finished(lab, request_of(hidden=hidden), one) for hidden, one in ((32, result), (64, rounded), (16, longer))]
    assert [trials_until(lab, run) for run in runs] == [4, 6, 8]


def test_what_was_concluded_stays_as_it_was_whatever_is_asked_later(lab: Lab, result: CompareResult) -> None:
    first = finished(lab, request_of(), result)
    finished(lab, request_of(hidden=64), result)
    assert trials_until(lab, first) == 4
    assert valued_in(lab, first, result).verdict == valued(result, Valuation(trials=4)).verdict


def test_deleting_or_clearing_a_run_removes_nothing_from_the_ledger(lab: Lab, result: CompareResult) -> None:
    results = [result.model_copy(update={"mase_scale": scale}) for scale in (1.0, 2.0, 3.0)]
    runs = [finished(lab, request_of(hidden=int(40 * one.mase_scale)), one) for one in results]
    lab.delete(runs[0])
    lab.store.delete(str(runs[1].result))
    lab.registry.evict([str(runs[1].result)])
    assert trials_until(lab, runs[2]) == 8
    again = finished(lab, request_of(hidden=40), results[0])  # keeps its place
    assert trials_until(lab, again) == 4
    assert trials_until(lab, runs[2]) == 8


def test_a_run_that_failed_or_was_cancelled_tested_nothing(lab: Lab, result: CompareResult) -> None:
    for number, end in enumerate((lab.registry.fail, lab.registry.cancel)):
        run = lab.registry.claim(request_of(hidden=64 + number))[0]
        lab.registry.start(run.id)
        end(run.id, "out of memory") if number == 0 else end(run.id)  # type: ignore[call-arg]
    assert trials_until(lab, finished(lab, request_of(), result)) == 4


def test_runs_of_a_lab_without_ledger_are_taken_in_once_in_their_order(lab: Lab, result: CompareResult) -> None:
    requests = [request_of(), request_of(hidden=64), request_of(hidden=128)]
    results = [result.model_copy(update={"symbol": request.symbol}) for request in requests]
    results[0] = result.model_copy(update={"mase_scale": 1.0})
    runs = [finished(lab, *pair) for pair in zip(requests, results, strict=True)]
    lab.store.delete(str(runs[0].result))
    lab.registry.evict([str(runs[0].result)])  # its months cannot be had any more, so its name stands for them
    for table in (lab.registry.ledger._entry, lab.registry.ledger._datum):
        table.delete().execute()
    latest = finished(lab, request_of(hidden=16), result)
    assert [trials_until(lab, run) for run in (runs[1], runs[2], latest)] == [6, 8, 10]
    assert trials_until(lab, finished(lab, request_of("MINE.CSV", hidden=8), result)) == 10  # all but the nameless one's
    assert lab.registry.without_entry() == []


def test_a_comparison_that_this_version_does_not_understand_is_passed_over(lab: Lab, result: CompareResult) -> None:
    run = finished(lab, request_of(), result)
    lab.registry.ledger._entry.delete().execute()
    old = run.request_json.replace('"cells"', '"networks"')
    lab.registry._run.update(request_json=old).execute()
    assert trials_until(lab, run) == 0


def test_sidak_agrees_with_statsmodels() -> None:
    p_values = np.array([0.001, 0.02, 0.4, 0.9])
    oracle = multipletests(p_values, method="sidak")[1]
    np.testing.assert_allclose(deflated(p_values, 4), oracle, rtol=0, atol=1e-12)


def test_sidak_by_hand() -> None:
    assert sidak(0.1, 2) == pytest.approx(0.19)
    assert sidak(1e-18, 1000) == pytest.approx(1e-15)
    assert sidak(0.03, 1) == pytest.approx(0.03)
    assert sidak(1.0, 5) == 1


def test_an_untested_model_stays_untested() -> None:
    assert math.isnan(sidak(math.nan, 10))


def test_no_trial_deflates_nothing() -> None:
    with pytest.raises(ValueError, match="0 trials"):
        sidak(0.1, 0)
