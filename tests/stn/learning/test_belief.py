"""The probability that an answer is right."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from core.stn.learning.belief import PRIOR, Calibration, calibrated

FLOORS = (0.0, 0.0)


def trials(count: int = 4000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Distances (N, 2), and whether it was right, drawn with the probabilities of a known curve."""
    random = np.random.default_rng(seed)
    distances = np.exp(-random.normal(size=(count, 2)))
    return distances, random.random(count) < Calibration(-0.5, (2.0, 1.0), FLOORS).belief(distances)


def test_belief_is_a_logistic_curve_of_logarithms_of_distances_above_their_floors() -> None:
    curve = Calibration(-1.0, (0.5, 2.0), (0.1, 0.2))
    logits = [-1 - 0.5 * np.log(0.1) - 2 * np.log(0.2), -1 - 0.5 * np.log(0.5) - 2 * np.log(1.2)]
    beliefs = curve.belief(np.array([[0.0, 0.0], [0.4, 1.0]]))
    assert beliefs == pytest.approx([1 / (1 + np.exp(-logit)) for logit in logits])
    assert curve.belief(np.array([[0.0, -1e-7]]))[0] == beliefs[0]  # a correlation of rounded numbers may be above 1


def test_the_curve_that_trials_were_drawn_by_is_found_again() -> None:
    found = calibrated(*trials(), FLOORS)
    assert (found.intercept, *found.weights) == pytest.approx((-0.5, 2.0, 1.0), abs=0.15)


def test_the_fit_is_that_of_a_general_optimiser() -> None:
    distances, right = trials(60)
    ones, zeros = right.sum(), (~right).sum()
    targets = np.where(right, (ones + 1) / (ones + 2), 1 / (zeros + 2))

    def loss(weights: np.ndarray) -> float:
        chance = np.clip(Calibration(weights[0], tuple(weights[1:]), FLOORS).belief(distances), 1e-15, 1 - 1e-15)
        entropy = -(targets * np.log(chance) + (1 - targets) * np.log(1 - chance)).sum()
        return float(entropy + PRIOR / 2 * (weights[1:] ** 2).sum())

    found = calibrated(distances, right, FLOORS)
    best = minimize(loss, np.zeros(3), tol=1e-10)
    assert (found.intercept, *found.weights) == pytest.approx(best.x, abs=1e-3)


def test_of_what_is_believed_to_p_a_share_of_p_is_right() -> None:
    curve, (distances, right) = calibrated(*trials(), FLOORS), trials(20_000, seed=1)
    belief = curve.belief(distances)
    for low in np.arange(0, 1, 0.2):
        chosen = (belief >= low) & (belief < low + 0.2)
        assert right[chosen].mean() == pytest.approx(belief[chosen].mean(), abs=0.04)


def test_trials_that_can_be_told_apart_exactly_give_a_curve_and_no_step() -> None:
    evidence = np.concatenate([np.linspace(-6, -4, 20), np.linspace(4, 6, 20)])[:, None]
    curve = calibrated(np.exp(-evidence), evidence[:, 0] > 0, FLOORS[:1])
    assert curve.belief(np.exp([[5.0], [0.0], [-5.0]])) == pytest.approx([0.03, 0.5, 0.97], abs=0.03)


def test_a_shorter_distance_is_never_less_belief() -> None:
    distances, right = trials()
    curve = calibrated(distances ** [1, -1], right, FLOORS)
    assert curve.weights[1] == 0
    assert curve.weights[0] > 1


@pytest.mark.parametrize("right", [True, False])
def test_trials_of_one_outcome_only_leave_some_doubt(right: bool) -> None:
    distances = np.exp(np.random.default_rng(0).normal(size=(30, 2)))
    belief = calibrated(distances, np.full(30, right), FLOORS).belief(np.ones((1, 2)))
    assert abs(belief[0] - right) == pytest.approx(1 / 32, abs=0.02)
