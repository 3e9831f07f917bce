"""The power of a test period: the smallest true skill that it shows in 4 of 5 cases, and the days that a given skill needs.

Let a forecast with true skill s move the reference by g, where E g² = s · MSE of the reference. A day's loss difference is
g² + 2ge with an error e of variance (1 − s) · MSE, so over n days the Diebold–Mariano statistic is about √(n s / (4 − 2s)). It
reaches z = 1.96 + 0.84, power 80 % at 5 %, when n · s ≈ 4z² ≈ 31, whatever the tails of e; where g is large just when e is, it
takes more days. A model that adds noise of its own needs more too, and that its losses show.
"""

from __future__ import annotations

import math

from core.rnn.evaluation.significance import DETECTABLE_Z, Z_95


def detectable_skill(days: float) -> float:
    """The smallest true skill that `days` test days show in 4 of 5 cases, for a model without noise of its own."""
    if days <= 0:
        raise ValueError(f"{days} test days: want 1 or more")
    return 4 * DETECTABLE_Z**2 / (days + 2 * DETECTABLE_Z**2)


def days_for(true_skill: float) -> int:
    """How many test days show a true skill in 4 of 5 cases; ValueError unless it lies above 0 and below 1."""
    if not 0 < true_skill < 1:
        raise ValueError(f"the skill is {true_skill}: want more than 0 and less than 1")
    return math.ceil(DETECTABLE_Z**2 * (4 - 2 * true_skill) / true_skill)


def power(true_skill: float, days: float) -> float:
    """How likely so many test days show this true skill at 5 %, on the right side; 0.025 without skill."""
    from scipy.special import ndtr  # here: it loads for a quarter of a second

    return float(ndtr(math.sqrt(days * true_skill / (4 - 2 * true_skill)) - Z_95))


def minimum_detectable_skill(detectable: float, days: int) -> float:
    """The smallest true skill against the reference that so many test days would show in 4 of 5 cases.

    The larger of `detectable`, which follows from the loss differences of a model (`Losses.detectable_skill`), and of
    `detectable_skill(days)`: a model that stays close to the reference has small differences, but hardly any skill either.
    NaN where `detectable` is.
    """
    return detectable if math.isnan(detectable) else max(detectable, detectable_skill(days))


def days_needed(true_skill: float, detectable: float, days: int) -> int:
    """How many test days would show `true_skill` in 4 of 5 cases, if `days` days would show a skill of `detectable`.

    Standard errors fall with the square root of the days. ValueError unless the skill lies above 0 and below 1, or when the
    reference made no error.
    """
    if math.isnan(detectable):
        raise ValueError("the reference made no error: no skill against it can be found")
    return max(days_for(true_skill), math.ceil(days * (detectable / true_skill) ** 2))
