from __future__ import annotations

import math

import numpy as np
import pytest

from core.rnn.evaluation.losses import Losses
from core.rnn.evaluation.power import days_for, days_needed, detectable_skill, minimum_detectable_skill, power
from core.rnn.evaluation.significance import DETECTABLE_Z, diebold_mariano
from tests.rnn.tables import forecast_table


def losses_of(skill: float, days: int, random: np.random.Generator, noise: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Losses of a model that knows a share `skill` of the variance, and of the random walk; heavy tails (t with 4 degrees)."""
    signal = math.sqrt(skill) * random.standard_normal(days)
    actual = signal + math.sqrt(1 - skill) * random.standard_t(4, days) / math.sqrt(2)
    return (actual - signal - noise * random.standard_normal(days)) ** 2, actual**2


def share_found(skill: float, days: int, noise: float = 0.0) -> float:
    """How often Diebold and Mariano find the skill in 300 simulated test periods."""
    random = np.random.default_rng(days)
    tests = [diebold_mariano(*losses_of(skill, days, random, noise)) for _ in range(300)]
    return float(np.mean([test.p < 0.05 and test.stat < 0 for test in tests]))


def detectable_of(losses: np.ndarray, walk: np.ndarray) -> float:
    return diebold_mariano(losses, walk).detectable() / walk.mean()


@pytest.mark.parametrize(("days", "skill"), [(250, 0.12), (500, 0.06), (1500, 0.02), (3000, 0.01)])
def test_days_times_skill_of_thirty_has_a_power_of_eighty_percent(days: int, skill: float) -> None:
    assert share_found(skill, days) == pytest.approx(0.8, abs=0.08)
    assert power(skill, days) == pytest.approx(0.8, abs=0.04)
    assert detectable_skill(days) == pytest.approx(skill, rel=0.06)


@pytest.mark.parametrize(("days", "skill"), [(500, 0.005), (1250, 0.01), (2500, 0.02)])
def test_power_is_what_simulations_find(days: int, skill: float) -> None:
    assert power(skill, days) == pytest.approx(share_found(skill, days), abs=0.09)


def test_days_and_skill_are_each_others_inverse() -> None:
    assert days_for(detectable_skill(500)) == pytest.approx(500, abs=1)
    assert days_for(0.005) == pytest.approx(4 * DETECTABLE_Z**2 / 0.005, rel=0.01)


def test_without_skill_there_are_only_false_alarms() -> None:
    assert power(0.0, 5000) == pytest.approx(0.025)


@pytest.mark.parametrize("skill", [0.0, -0.1, 1.0, math.nan])
def test_a_skill_that_cannot_be_found_is_refused(skill: float) -> None:
    with pytest.raises(ValueError, match="skill"):
        days_for(skill)


def test_no_days_detect_nothing() -> None:
    with pytest.raises(ValueError, match="0 test days"):
        detectable_skill(0)


def test_the_detectable_skill_of_a_noisy_model_is_detected_in_four_of_five_cases() -> None:
    random = np.random.default_rng(0)
    losses, walk = losses_of(0.1, 200_000, random, noise=0.6)
    noisy = [minimum_detectable_skill(detectable_of(losses[k::400], walk[k::400]), 500) for k in range(40)]
    assert np.mean(noisy) > 1.3 * detectable_skill(500)
    # this model's own skill is 0.1 − 0.36, so shift its losses until it has just the detectable one
    shift = np.mean(noisy) * walk.mean() - (walk.mean() - losses.mean())
    tests = [diebold_mariano(losses[k::400] - shift, walk[k::400]) for k in range(400)]
    assert np.mean([test.p < 0.05 and test.stat < 0 for test in tests]) == pytest.approx(0.8, abs=0.07)


def test_a_timid_model_does_not_make_a_short_test_look_sharp() -> None:
    actual = np.random.default_rng(0).standard_normal(500)
    losses, walk = (actual - 0.001) ** 2, actual**2
    assert diebold_mariano(losses, walk).detectable() / walk.mean() < 0.001
    assert minimum_detectable_skill(detectable_of(losses, walk), 500) == detectable_skill(500)


def test_four_times_the_skill_of_a_noisy_model_needs_a_sixteenth_of_the_days() -> None:
    losses, walk = losses_of(0.05, 500, np.random.default_rng(1), noise=1.0)
    detectable = detectable_of(losses, walk)
    assert days_needed(0.02, detectable, 500) == pytest.approx(16 * days_needed(0.08, detectable, 500), rel=0.01)
    assert days_needed(minimum_detectable_skill(detectable, 500), detectable, 500) == pytest.approx(500, abs=1)


def test_against_a_perfect_reference_no_skill_is_defined() -> None:
    losses = Losses.of(forecast_table(np.zeros(10), {"random-walk": np.zeros(10), "har": np.ones(10)}))
    assert math.isnan(losses.detectable_skill("har"))
    assert math.isnan(losses.minimum_detectable_skill("har"))
    assert losses.days_needed("har") is None
    with pytest.raises(ValueError, match="no error"):
        days_needed(0.1, math.nan, 10)
