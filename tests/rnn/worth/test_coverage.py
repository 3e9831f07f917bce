from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import binom, chi2

from core.rnn.worth.coverage import coverage


def days_with(exceedances: int, days: int) -> np.ndarray:
    hits = np.zeros(days, bool)
    hits[np.linspace(1, days - 1, exceedances).astype(int)] = True
    return hits


@pytest.mark.parametrize(
    ("level", "days", "fewest", "most"),
    [
        (0.01, 255, 1, 6), (0.01, 510, 2, 10), (0.01, 1000, 5, 16),
        (0.05, 255, 7, 20), (0.05, 510, 17, 35), (0.05, 1000, 38, 64),
    ],
)  # fmt: skip
def test_what_is_not_rejected_is_the_table_of_kupiec(level: float, days: int, fewest: int, most: int) -> None:
    """Kupiec 1995, table 3, as in Jorion's "Value at Risk": numbers of exceedances that are not rejected at 5 %.

    For 255 days at 1 % the table has no lower bound; that of a year without any is 5.13 (see below).
    """
    accepted = [count for count in range(100) if coverage(days_with(count, days), level).unconditional.stat < 3.841459]
    assert (accepted[0], accepted[-1]) == (fewest, most)


def test_unconditional_coverage_is_a_ratio_of_binomial_likelihoods() -> None:
    tested = coverage(days_with(9, 500), 0.01)
    stat = 2 * (binom.logpmf(9, 500, 9 / 500) - binom.logpmf(9, 500, 0.01))
    assert tested.unconditional.stat == pytest.approx(stat, abs=1e-9)
    assert tested.unconditional.p == pytest.approx(chi2.sf(stat, 1), abs=1e-9)
    assert (tested.days, tested.exceedances) == (500, 9)


def test_a_year_without_an_exceedance_has_its_own_likelihood() -> None:
    tested = coverage(np.zeros(250, bool), 0.01)
    assert tested.unconditional.stat == pytest.approx(-2 * 250 * math.log(0.99), abs=1e-9)
    assert (tested.independence.stat, tested.independence.p) == (0, 1)


def likelihood(hits: np.ndarray, after_calm: float, after_hit: float) -> float:
    """Of all days but the first, one after the other, of a chain of first order."""
    total = 0.0
    for before, now in pairwise(hits):
        chance = after_hit if before else after_calm
        total += math.log(chance if now else 1 - chance)
    return total


def test_independence_and_conditional_coverage_are_ratios_of_likelihoods_found_by_search() -> None:
    """Christoffersen 1998, eq. 5 to 7."""
    hits = np.zeros(300, bool)
    hits[[4, 5, 6, 90, 91, 200, 250, 251]] = True
    tested = coverage(hits, 0.02)
    logistic = lambda x: 1 / (1 + math.exp(-x))  # noqa: E731
    options = {"xatol": 1e-11, "fatol": 1e-13, "maxiter": 5000}
    search = lambda cost, start: -minimize(cost, start, method="Nelder-Mead", options=options).fun  # noqa: E731
    chain = search(lambda x: -likelihood(hits, logistic(x[0]), logistic(x[1])), [-4, -1])
    constant = search(lambda x: -likelihood(hits, logistic(x[0]), logistic(x[0])), [-4])
    assert tested.independence.stat == pytest.approx(2 * (chain - constant), abs=1e-9)
    assert tested.independence.p == pytest.approx(chi2.sf(2 * (chain - constant), 1), abs=1e-9)
    stat = 2 * (chain - likelihood(hits, 0.02, 0.02))
    assert tested.conditional.stat == pytest.approx(stat, abs=1e-9)
    assert tested.conditional.p == pytest.approx(chi2.sf(stat, 2), abs=1e-9)


def test_by_hand() -> None:
    tested = coverage(np.array([0, 1, 1, 0]), 0.5)  # 0→1, 1→1, 1→0
    assert tested.unconditional.stat == 0
    assert tested.independence.stat == pytest.approx(2 * (math.log(1 / 4) - math.log(2 / 3 * 2 / 3 / 3)))
    assert tested.conditional.stat == pytest.approx(2 * (math.log(1 / 4) - math.log(1 / 8)))


def test_clustered_exceedances_are_rejected_though_they_are_as_many_as_they_should_be() -> None:
    hits = np.zeros(1000, bool)
    hits[100:110] = True
    tested = coverage(hits, 0.01)
    assert tested.unconditional.p > 0.99
    assert tested.independence.p < 1e-6
    assert tested.conditional.p < 1e-6


def test_a_true_value_at_risk_is_rejected_in_one_case_of_twenty() -> None:
    draws = np.random.default_rng(0).random((500, 1000)) < 0.05
    tests = [coverage(one, 0.05) for one in draws]
    assert 0.03 < np.mean([one.unconditional.p < 0.05 for one in tests]) < 0.07
    assert 0.02 < np.mean([one.conditional.p < 0.05 for one in tests]) < 0.08


@pytest.mark.parametrize(
    ("hits", "level"), [(np.zeros(1, bool), 0.05), (np.zeros(9, bool), 0.0), (np.zeros((2, 2), bool), 0.1)]
)
def test_what_cannot_be_tested_is_refused(hits: np.ndarray, level: float) -> None:
    with pytest.raises(ValueError, match="want"):
        coverage(hits, level)
