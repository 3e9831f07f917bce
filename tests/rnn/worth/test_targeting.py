from __future__ import annotations

import math

import numpy as np
import pytest

from core.rnn.worth.accounts import Terms
from core.rnn.worth.targeting import Steadiness, mean_difference, risk_utility, sizes_of, targeted, utility_gain

FREE = Terms(cost_bp=0, delay=0)


def swings(days: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    """Volatility that swings between 0.7 % and 3 % a day, and returns of it."""
    volatility = 0.0145 * np.exp(0.75 * np.sin(np.arange(days) / 60))
    return volatility, volatility * np.random.default_rng(0).standard_normal(days)


def test_positions_by_hand() -> None:
    daily = 0.15 / math.sqrt(252)
    one = targeted(daily * np.array([2.0, 1.0, 0.5]), np.log([1.1, 0.9, 1.2]), FREE)
    np.testing.assert_allclose(one.account.position, [0.5, 1, 1])
    np.testing.assert_allclose(one.account.net, [0.05, -0.1, 0.2])
    np.testing.assert_allclose(one.fixed.position, np.full(3, 2.5 / 3))  # the same average exposure


def test_the_risk_of_a_targeted_account_is_steadier_than_that_of_a_fixed_position() -> None:
    volatility, returns = swings()
    one = targeted(volatility, returns, Terms(cost_bp=0, delay=0, most=10))
    own, fixed = one.steadiness, one.fixed_steadiness
    assert 0.09 < own.low < 0.15 < own.high < 0.21
    assert fixed.high > 1.5 * own.high
    assert own.variation == pytest.approx(1 / math.sqrt(2 * 22), abs=0.03)  # of 22 normal returns of one volatility
    assert fixed.variation > 2 * own.variation


def test_steadiness_by_hand() -> None:
    net = np.tile([0.01, -0.01], 30)
    steady = Steadiness.of(net, 252)
    expected = 0.01 * math.sqrt(22 / 21) * math.sqrt(252)
    assert (steady.low, steady.high) == pytest.approx((expected, expected))
    assert steady.variation == pytest.approx(0, abs=1e-9)
    assert math.isnan(Steadiness.of(net[:22], 252).low)


def test_a_utility_gain_is_the_difference_of_certainty_equivalents() -> None:
    random = np.random.default_rng(1)
    a, b = 0.0008 + 0.01 * random.standard_normal(500), 0.0005 + 0.012 * random.standard_normal(500)
    gain = utility_gain(a, b, FREE)
    assert gain.value == pytest.approx(252 * ((a.mean() - 1.5 * a.var()) - (b.mean() - 1.5 * b.var())), abs=1e-12)
    assert gain.error == pytest.approx(252 * math.sqrt((1e-4 + 1.44e-4) / 500), rel=0.2)
    assert 0 < gain.p < 1


def test_the_true_volatility_is_worth_four_percent_a_year_and_no_forecast_more() -> None:
    """Bollerslev et al. 2018: a Sharpe ratio of 0.4 and aversion of 2 give 8 % − 4 %."""
    volatility, returns = swings(200_000)
    sizes = np.abs(returns) * math.sqrt(math.pi / 2)
    true, flat, twice = (
        risk_utility(each, returns, sizes) for each in (volatility, np.full(200_000, returns.std()), 2 * volatility)
    )
    assert true.mean() == pytest.approx(0.04, abs=0.0005)
    assert twice.mean() == pytest.approx(0.08 * (1 / 2 - 1 / 8), abs=0.0005)
    assert flat.mean() < true.mean() - 0.005
    assert mean_difference(true, flat).p < 1e-6
    with pytest.raises(ValueError, match="above 0"):
        risk_utility(np.zeros(3), returns[:3], sizes[:3])


def test_sizes_are_right_on_average_whatever_the_tails() -> None:
    random = np.random.default_rng(6)
    draws = random.standard_t(5, (2, 400_000)) * math.sqrt(3 / 5)  # of variance 1
    assert sizes_of(0.02 * draws[0], draws[1]).mean() == pytest.approx(0.02, rel=0.01)
    utility = risk_utility(np.full(400_000, 0.02), 0.02 * draws[0], sizes_of(0.02 * draws[0], 3 * draws[1]))
    assert utility.mean() == pytest.approx(0.04, rel=0.02)
