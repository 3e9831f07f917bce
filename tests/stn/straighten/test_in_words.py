"""What is said of the test of a straightening, on the run that comes with the lab and on changes of it."""

from __future__ import annotations

import json
import zipfile
from functools import cache

import pytest

from core.runs.bundle import EXAMPLES
from core.runs.registry import Run
from core.runs.report.page import report_page
from core.stn.learning.belief import BELIEVED
from core.stn.straighten.exam.in_words import belief_in_words, tilts_in_words, trials_in_words, while_it_learned
from core.stn.straighten.request import StraightenRequest
from core.stn.straighten.result import StraightenResult
from tests.runs.report.taken_away import run_of


@cache
def shipped() -> tuple[StraightenRequest, StraightenResult]:
    with zipfile.ZipFile(EXAMPLES / "1-straighten.gridcast") as archive:
        request = StraightenRequest.model_validate(json.loads(archive.read("request.json")))
        return request, StraightenResult.from_bytes(archive.read("result.safetensors"))


@pytest.mark.parametrize("unbelieved", [10, 3])
def test_slight_tilts_that_are_left_alone_are_said_to_be(unbelieved: int) -> None:
    result = shipped()[1]
    tilts = result.tilts.assign(belief=BELIEVED)
    tilts.loc[tilts[tilts.tilt == "slight"].index[:unbelieved], "belief"] = 0.1
    said = tilts_in_words(result.model_copy(update={"tilts": tilts}))
    assert f"{unbelieved} of the 10 were not believed, and what is not believed is left as it is" in said


def test_slight_tilts_that_are_all_believed_have_nothing_left_alone() -> None:
    result = shipped()[1]
    believed = result.model_copy(update={"tilts": result.tilts.assign(belief=1.0)})
    assert "slight" in set(believed.tilts.tilt)
    assert "left as it is" not in tilts_in_words(believed)


@pytest.mark.parametrize("unit", ["2°", "2 % of the short side"])
def test_what_counts_as_wrong_and_as_believed_is_said(unit: str) -> None:
    said = belief_in_words({"believed": 0.9, "strangers_believed": 0.1, "believed_wrong": 0.0}, unit)
    assert f"0.0 % of what it believed was off by more than {unit}, which counts as wrong" in said
    assert "a probability of 80 % or more" in said


@pytest.mark.parametrize("trials", [16, 120])
def test_the_number_of_trials_has_its_reason(trials: int) -> None:
    result = shipped()[1]
    shorter = result.model_copy(update={"trials": result.trials.head(trials)})
    assert trials_in_words(shorter).startswith(f"{len(shorter.trials)} trials: the test takes what is left of the time")
    assert f"{len(shorter.trials[shorter.trials.seen])} others" in while_it_learned(shorter)


@pytest.mark.parametrize("busy", [None, 0.31])
def test_a_report_says_what_its_screen_says(busy: float | None) -> None:
    request, result = shipped()
    run = Run(**(vars(run_of(request, result)) | {"busy": busy}))
    page = report_page(run, result).decode()
    assert ("The machine was busy: it had the processor for 31 % of its time" in page) == (busy is not None)
    assert f"On {result.scores['seen_trials']} distortions it had never seen" in page
    assert "which counts as wrong" in page
    assert "a photo turned by −36° has a θ of +36°" in page
    assert page.count("What the columns say") >= 3
    assert "e\u221217" not in page
    assert result.thetas.shear.abs().max() == 0
