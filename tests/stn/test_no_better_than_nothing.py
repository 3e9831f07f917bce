"""Short runs on what can hardly be learned: nothing is called healthy, or a result, that is no better than doing nothing.

The same by the hundred is `python -m benchmarks health`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks import health
from benchmarks.health import NetworkVerdict, figures_of, refused, verdicts_of
from core.runs.standing import WORDS
from core.stn.learning import recipe
from core.stn.straighten import evaluation
from core.stn.straighten import run as straightening
from core.training import Plan

STEPS = 4  # a training's


@pytest.fixture
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings end by their steps, not by time, and are followed by few trials."""

    def plan(**settings: Any) -> Plan:
        return Plan(**settings | {"seconds": None, "steps": STEPS})

    for module in (straightening, recipe):
        monkeypatch.setattr(module, "Plan", plan)
    monkeypatch.setattr(evaluation, "TRIALS", evaluation.LEAST_TRIALS)
    monkeypatch.setattr(evaluation, "STRANGERS", evaluation.QUICK_AT_ONCE)


RUNS = {
    "straighten a texture": lambda: health.straightened(health.texture, 1),
    "straighten a disc": lambda: health.straightened(health.alike_when_turned, 0),
    "classify digits with random labels": lambda: health.classified_digits(0),
    "add digits with random labels": lambda: health.added_digits(0, steps=STEPS),
    "align unlike textures": lambda: health.aligned_textures(0),
    "locate unlike textures": lambda: health.located_texture(1, steps=STEPS),
}


@pytest.mark.slow
@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize("name", RUNS)
def test_no_network_that_is_not_better_than_nothing_is_called_healthy_or_a_result(name: str) -> None:
    counts = figures_of([verdicts_of(RUNS[name]())])
    assert counts["not_better_by_two_standard_errors"] == counts["networks"] > 0
    assert counts["wrongly"] == []


@pytest.mark.parametrize("seed", [0, 1, 5], ids=["disc", "wheel", "checkerboard"])
def test_what_looks_alike_when_turned_is_refused_before_it_is_trained(seed: int) -> None:
    assert refused(health.straightened(health.alike_when_turned, seed))
    assert not refused(health.straightened(health.texture, seed))


def said(standard_errors: float, headline: str, network: str = "", health: str = WORDS["bad"]) -> NetworkVerdict:
    return NetworkVerdict(network, 1.0, 1.0, standard_errors, health, headline)


def test_what_is_wrongly_called_healthy_or_a_result_is_counted() -> None:
    honest = said(1.9, "no better than doing nothing: 13°, untouched 13°")
    hidden = said(1.9, "12.9° median angle error, untouched 13°")
    healthy = said(-3.0, honest.headline, health=WORDS["good"])
    better = said(2.1, hidden.headline, health=WORDS["good"])
    counts = figures_of([[honest], [hidden], [healthy], [better]])
    assert (counts["runs"], counts["not_better_by_two_standard_errors"], len(counts["wrongly"])) == (4, 3, 2)
    assert (counts["of_these_called_healthy"], counts["of_these_called_a_result"], counts["called_healthy"]) == (1, 1, 2)


@pytest.mark.parametrize("words", ["too early to tell after 39 steps: 16.5°, untouched 13.4°", "worse than doing nothing: 16°"])
def test_what_is_early_or_worse_is_no_result(words: str) -> None:
    assert not said(-3.0, words).called_a_result


@pytest.mark.parametrize(("network", "a_result"), [("CNN", True), ("ST-CNN", False)])
def test_of_several_networks_each_is_read_in_the_headline(network: str, a_result: bool) -> None:
    headline = "the ST-CNN errs more than the CNN: ST-CNN 50 ± 2 % (no better than guessing), CNN 10 ± 1 % wrong, guessing 50 %"
    assert said(0.0, headline, network).called_a_result is a_result
    assert not said(0.0, f"no better than guessing: {headline}", network).called_a_result


def test_equal_errors_are_no_gain_and_an_equal_gain_everywhere_is_sure() -> None:
    errors = np.array([1.0, 2.0, 3.0])
    assert health._standard_errors(errors, errors) == 0
    assert health._standard_errors(errors + 1, errors) == np.inf
    assert health._standard_errors(errors, errors + 1) == -np.inf
