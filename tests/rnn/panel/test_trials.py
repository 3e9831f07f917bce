"""A panel's tests in the ledger of the lab: beside those of comparisons on the same returns."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from core.__main__ import main
from core.drive import returned
from core.rnn.compare.request import CompareRequest
from core.rnn.compare.run import run as run_comparison
from core.rnn.compare.trials import trials_until
from core.rnn.panel.request import PanelRequest
from core.rnn.panel.result import PanelResult
from core.runs.lab import Lab
from core.runs.registry import Run
from core.runs.request import Request
from core.runs.result import Result
from core.runs.work import Outcome
from core.settings import Settings
from tests.rnn.panel.panels import QUICK, TEST, data_of, files, inputs_of, panel_result

SETTINGS = QUICK | {"trees": False, "linear": False, "cells": ("gru",), "seeds": 1}


def panel_request(**settings) -> PanelRequest:
    return PanelRequest(data=data_of(files(2)), **(SETTINGS | settings))


def finished(lab: Lab, request: Request, result: Result) -> Run:
    run = lab.registry.claim(request)[0]
    lab.registry.start(run.id)
    ended = lab.keep(run.id, Outcome.of(result, 1.0))
    assert ended is not None
    return ended


def test_a_panel_tests_each_model_but_the_reference() -> None:
    names = [test.split()[0] for test in panel_request(classical=("har", "ewma")).tests]
    assert sorted(names) == ["ewma", "gru-pooled", "random-walk"]
    assert panel_request(seeds=2).tests == panel_request().tests
    assert set(panel_request(hidden=8).tests) ^ set(panel_request().tests) == {
        test for settings in ({}, {"hidden": 8}) for test in panel_request(**settings).tests if test.startswith("gru")
    }


def test_panels_and_comparisons_on_the_same_returns_count_together(tmp_path: Path) -> None:
    prices = files(2)
    lab = Lab.open(Settings(home=tmp_path, database=None))
    panel = finished(lab, panel_request(), panel_result(prices, **SETTINGS))
    request = CompareRequest(
        symbol="OTHER", prices=prices[1].digest, target="volatility", cells=(), classical=("ar",), test_days=TEST
    )
    comparison = finished(lab, request, returned(run_comparison(request, inputs_of(prices))))
    assert lab.other_tests_until(panel) == 0
    assert trials_until(lab, comparison) == len(request.tests) + len(panel_request().tests)
    assert lab.other_tests_until(comparison) == len(panel_request().tests)
    lab.registry.close()


def test_what_is_exported_allows_for_other_tests_as_screens_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each other test counts as a hundred."""
    prices, lab = files(2), Lab.open(Settings(home=tmp_path, database=None))
    others = PanelResult.corrected_for
    monkeypatch.setattr(PanelResult, "corrected_for", lambda own, count: others(own, 100 * count))
    monkeypatch.setattr("core.__main__.lab", lambda: lab)
    monkeypatch.setattr("core.shell.lab", lambda: lab)
    finished(lab, panel_request(hidden=8), panel_result(prices, **SETTINGS))
    run = finished(lab, panel_request(), panel_result(prices, **SETTINGS))
    expected = lab.corrected(run).comparisons["p_holm"].round(6).tolist()  # type: ignore[attr-defined]
    for form in ("csv", "json"):
        told = CliRunner().invoke(main, ["export", run.id, "--format", form, "--to", str(tmp_path / form)])
        assert told.exit_code == 0, told.output
    table = pd.read_csv(tmp_path / "csv" / "comparisons.csv")
    scores = json.loads((tmp_path / "json" / "scores.json").read_text())["scores"]
    assert table["p, corrected (0 to 1)"].round(6).tolist() == expected == [round(row["p_holm"], 6) for row in scores]
    lab.registry.close()


def test_other_tests_make_a_panel_s_verdict_less_sure() -> None:
    result = panel_result(files(2), **SETTINGS)
    corrected = result.corrected_for(1000)
    assert corrected.verdict.trials == 1000
    pairs = zip(result.verdict.comparisons, corrected.verdict.comparisons, strict=True)
    assert all(one.p <= other.p for one, other in pairs if one.p is not None and other.p is not None)
    assert np.array_equal(corrected.actual, result.actual)
    table, verdict = corrected.comparisons, corrected.verdict
    own = table[(table["reference"] == verdict.reference) & (table["loss"] == verdict.loss)].set_index("model")["p_holm"]
    against = {duel.model: duel.p for duel in verdict.comparisons[len(verdict.duels) :]}
    assert own.to_dict() == pytest.approx(against, nan_ok=True)
    assert result.corrected_for(0).verdict == result.verdict
    assert result.corrected_for(0).comparisons.equals(result.comparisons)
