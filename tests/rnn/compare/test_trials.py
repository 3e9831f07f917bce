from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from core.rnn.compare.request import CompareRequest
from core.rnn.compare.trials import count_trials, trials_of, trials_on
from core.rnn.evaluation.significance import deflated, sidak
from core.runs.lab import Lab
from core.runs.work import Outcome
from core.settings import Settings


def request_of(symbol: str = "KO", cells: tuple[str, ...] = ("rnn", "gru"), seeds: int = 3, **fields) -> CompareRequest:
    fields = {"classical": ("ar", "har"), "prices": "a" * 64} | fields
    return CompareRequest.model_validate({"symbol": symbol, "cells": cells, "seeds": seeds, **fields})


def test_a_comparison_is_networks_times_seeds_and_the_classical_models() -> None:
    assert len(trials_of(request_of())) == 2 * 3 + 2
    assert len(trials_of(request_of(cells=()))) == 2


def test_the_same_trial_counts_once_however_often_it_is_asked() -> None:
    assert count_trials([request_of(), request_of()], "KO") == 8
    assert count_trials([request_of(), request_of(cells=("rnn", "lstm"))], "KO") == 8 + 3
    assert count_trials([request_of(), request_of(seeds=5)], "KO") == 8 + 2 * 2


def test_another_setting_is_another_trial_of_the_networks_alone() -> None:
    assert count_trials([request_of(), request_of(hidden=64)], "KO") == 8 + 6


def test_another_target_or_period_is_another_trial_of_every_model() -> None:
    assert count_trials([request_of(), request_of(target="volatility"), request_of(test_days=250)], "KO") == 24


def test_prices_fetched_again_are_no_new_idea() -> None:
    assert count_trials([request_of(), request_of(prices="b" * 64)], "KO") == 8


def test_trials_on_other_tickers_do_not_count() -> None:
    assert count_trials([request_of(), request_of("PEP")], "ko") == 8
    assert count_trials([request_of("PEP")], "KO") == count_trials([], "KO") == 0


def test_the_lab_counts_what_it_has_shown(tmp_path: Path) -> None:
    lab = Lab.open(Settings(home=tmp_path))
    requests = (request_of(), request_of(hidden=64), request_of(hidden=128), request_of("PEP"))
    runs = [lab.registry.claim(request)[0] for request in requests]
    for run in (runs[0], runs[1], runs[3]):
        lab.registry.start(run.id)
        lab.registry.finish(run.id, f"result of {run.id}", Outcome(content=b"", seconds=1.0, headline="", scores=[]))
    lab.registry.evict([f"result of {runs[1].id}"])  # cleared away, but it has been seen
    lab.registry.fail(runs[2].id, "out of memory")
    assert trials_on(lab, "KO") == 8 + 6
    lab.registry.close()


def test_a_comparison_that_this_version_does_not_understand_is_passed_over(tmp_path: Path) -> None:
    lab = Lab.open(Settings(home=tmp_path))
    run = lab.registry.claim(request_of())[0]
    lab.registry.start(run.id)
    lab.registry.finish(run.id, "result", Outcome(content=b"", seconds=1.0, headline="", scores=[]))
    assert trials_on(lab, "KO") == 8
    old = run.request_json.replace('"cells"', '"networks"')
    lab.registry._run.update(request_json=old).execute()
    assert trials_on(lab, "KO") == 0
    lab.registry.close()


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
