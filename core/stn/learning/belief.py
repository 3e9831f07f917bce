"""Belief: the probability that what a spatial transformer answers is right, from distances such as how far its answers scatter.

A network that knows what it sees gives the same answer from wherever it begins to look; one that does not, another each time.
A logistic curve makes a probability of the logarithms of the distances. It is fitted to trials whose errors are known
(Platt 1999, "Probabilistic outputs for support vector machines", with his smoothed targets).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RIGHT = 2.0  # errors below are right: degrees, or % of the short side for families that do not turn
BELIEVED = 0.8  # an answer with at least this probability is believed
PRIOR = 0.02  # cost of a weight, by its square: keeps the curve of trials that can be told apart exactly from being a step
_STEPS, _LONGEST = 100, 2.0  # of Newton's method
_FARTHEST = 60.0  # of a logit


@dataclass(frozen=True)
class Calibration:
    """belief = 1 / (1 + exp(-(intercept - weights · log(distances + floors)))); no weight is negative."""

    intercept: float
    weights: tuple[float, ...]
    floors: tuple[float, ...] = ()  # below which a distance says no more; none in results that are older than them

    def belief(self, distances: np.ndarray) -> np.ndarray:
        """The probabilities (N,) that errors are small, of distances (N, F or more): the shorter, the likelier."""
        return _logistic(self.intercept + _nearness(distances, self.floors) @ np.array(self.weights))


def _nearness(distances: np.ndarray, floors: Sequence[float]) -> np.ndarray:
    columns = np.asarray(distances, np.float64)[:, : len(floors)]
    return -np.log(np.maximum(columns, 0) + np.array(floors))


def _logistic(logit: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(logit, -_FARTHEST, _FARTHEST)))


def _fitted(features: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The weights of the logistic curve of least cross entropy, by Newton's method; the first feature is the constant 1."""
    weights = np.zeros(features.shape[1])
    cost = np.diag([0.0] + [PRIOR] * (len(weights) - 1))
    for _ in range(_STEPS):
        chance = _logistic(features @ weights)
        gradient = features.T @ (chance - targets) + cost @ weights
        curvature = (features.T * (chance * (1 - chance))) @ features + cost
        step = np.linalg.solve(curvature + 1e-9 * np.eye(len(weights)), gradient)
        weights = weights - step * min(1.0, _LONGEST / max(1e-12, float(np.abs(step).max())))
    return weights


def calibrated(distances: np.ndarray, right: Sequence[bool] | np.ndarray, floors: Sequence[float]) -> Calibration:
    """Fit to trials: their distances (N, F), and whether the error was small (N,).

    A distance that would count the other way round is left out, so that a shorter one is never less belief.
    """
    evidence = _nearness(distances, floors)
    small = np.asarray(right, bool)
    ones, zeros = int(small.sum()), int((~small).sum())
    targets = np.where(small, (ones + 1) / (ones + 2), 1 / (zeros + 2))
    weights, kept = np.zeros(evidence.shape[1]), list(range(evidence.shape[1]))
    while True:
        fit = _fitted(np.column_stack([np.ones(len(small)), evidence[:, kept]]), targets)
        if not kept or fit[1:].min() >= 0:
            break
        kept.pop(int(fit[1:].argmin()))
    weights[kept] = fit[1:]
    return Calibration(float(fit[0]), tuple(weights.tolist()), tuple(floors))
