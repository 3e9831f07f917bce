from __future__ import annotations

import math

import numpy as np
import pytest
from arch.bootstrap import StationaryBootstrap
from scipy.stats import kurtosis, norm, skew
from statsmodels.stats.sandwich_covariance import S_hac_simple

from core.rnn.evaluation.significance import hac_lags
from core.rnn.worth.sharpe import (
    deflated_sharpe,
    expected_max_sharpe,
    probabilistic_sharpe,
    sharpe,
    sharpe_difference,
    sharpe_interval,
)


def test_sharpe_by_hand_and_without_risk() -> None:
    assert sharpe(np.array([0.01, 0.03])) == pytest.approx(0.02 / (0.01 * math.sqrt(2)))
    assert math.isnan(sharpe(np.full(5, 0.01)))
    assert math.isnan(sharpe(np.zeros(5)))


def test_the_interval_of_the_sharpe_ratio_is_that_of_arch() -> None:
    net = 0.0005 + 0.01 * np.random.default_rng(0).standard_normal(800)
    boot = StationaryBootstrap(9, net, seed=1)
    oracle = boot.conf_int(lambda x: np.array([x.mean() / x.std(ddof=1)]), 4000, method="percentile", size=0.9).ravel()
    np.testing.assert_allclose(sharpe_interval(net), oracle, atol=0.006)


def test_the_deflated_sharpe_ratio_of_the_paper() -> None:
    """Bailey & López de Prado 2014, "A numerical example": 5 years of 250 days, 2.5 a year, skew −3, kurtosis 10."""
    benchmark = expected_max_sharpe(100, 0.5 / 250)
    assert benchmark == pytest.approx(0.1132, abs=5e-5)
    ratio = 2.5 / math.sqrt(250)
    assert probabilistic_sharpe(ratio, 1250, -3, 10, benchmark) == pytest.approx(0.9004, abs=5e-5)
    assert probabilistic_sharpe(ratio, 1250, -3, 10, expected_max_sharpe(46, 0.5 / 250)) == pytest.approx(0.9505, abs=5e-5)
    assert probabilistic_sharpe(ratio, 1250, 0, 3, expected_max_sharpe(88, 0.5 / 250)) == pytest.approx(0.9505, abs=5e-5)


def test_the_best_ratio_without_skill_is_what_simulations_find() -> None:
    best = np.random.default_rng(0).standard_normal((4000, 50)).max(axis=1).mean()
    assert expected_max_sharpe(50, 1.0) == pytest.approx(best, rel=0.02)
    assert expected_max_sharpe(1, 1.0) == 0
    with pytest.raises(ValueError, match="0 trials"):
        expected_max_sharpe(0, 1.0)


def test_moments_of_the_deflated_sharpe_are_those_of_scipy() -> None:
    net = 0.001 + 0.01 * np.random.default_rng(0).standard_t(5, 300)
    expected = probabilistic_sharpe(sharpe(net), 300, skew(net), kurtosis(net, fisher=False), expected_max_sharpe(9, 0.001))
    assert deflated_sharpe(net, 9, 0.001) == pytest.approx(expected, abs=1e-9)
    assert deflated_sharpe(net, 9, 0.001) < deflated_sharpe(net, 1, 0.001)
    assert math.isnan(deflated_sharpe(np.zeros(5), 9, 0.001))


def two_accounts(days: int = 700) -> tuple[np.ndarray, np.ndarray]:
    draws = np.random.default_rng(3).standard_t(5, (days, 2))
    return 0.001 + 0.01 * draws[:, 0], 0.0004 + 0.004 * draws[:, 0] + 0.008 * draws[:, 1]


def test_a_difference_of_sharpe_ratios_is_that_of_ledoit_and_wolf() -> None:
    """Their section 3.1 with the covariance of the four moments as a matrix, by statsmodels."""
    a, b = two_accounts()
    moments = np.stack([a, b, a**2, b**2], axis=1)
    mean_a, mean_b, square_a, square_b = moments.mean(axis=0)
    slope = np.array(
        [
            square_a / (square_a - mean_a**2) ** 1.5,
            -square_b / (square_b - mean_b**2) ** 1.5,
            -mean_a / 2 / (square_a - mean_a**2) ** 1.5,
            mean_b / 2 / (square_b - mean_b**2) ** 1.5,
        ]
    )
    covariance = S_hac_simple(moments - moments.mean(axis=0), nlags=hac_lags(len(a))) / len(a)
    error = math.sqrt(slope @ covariance @ slope / len(a))
    tested = sharpe_difference(a, b)
    assert tested.value == pytest.approx(a.mean() / a.std(ddof=1) - b.mean() / b.std(ddof=1), abs=1e-12)
    assert tested.error == pytest.approx(error, abs=1e-12)
    assert tested.p == pytest.approx(2 * norm.sf(abs(tested.value) / error), abs=1e-9)
    assert tested.interval == pytest.approx(tested.value + error * norm.ppf(0.95) * np.array([-1, 1]), abs=1e-7)
    assert tested.above(0.01) == pytest.approx(norm.cdf((tested.value - 0.01) / error), abs=1e-9)
    assert tested.times(-2).value == -2 * tested.value


def test_leverage_does_not_change_a_difference() -> None:
    a, b = two_accounts()
    assert sharpe_difference(3 * a, b).value == pytest.approx(sharpe_difference(a, b).value)
    assert sharpe_difference(3 * a, b).p == pytest.approx(sharpe_difference(a, b).p)
    assert math.isnan(sharpe_difference(a, np.zeros_like(a)).p)
    with pytest.raises(ValueError, match="700 and 3 days"):
        sharpe_difference(a, b[:3])


def test_equal_sharpe_ratios_are_called_different_in_one_case_of_twenty() -> None:
    random = np.random.default_rng(7)
    common = random.standard_normal((400, 500))
    accounts = [0.05 + 0.7 * common + 0.7 * random.standard_normal((400, 500)) for _ in range(2)]
    found = [sharpe_difference(a, b).p < 0.05 for a, b in zip(*accounts, strict=True)]
    assert 0.03 < np.mean(found) < 0.085
