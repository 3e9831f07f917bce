from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.stats import norm

from core.rnn.worth.value_at_risk import TailRisk, filtered, fissler_ziegel, standardised_before


def one_risk(level: float, quantile: float, shortfall: float) -> TailRisk:
    return TailRisk(level, np.array([quantile]), np.array([shortfall]))


def test_the_loss_by_hand() -> None:
    risk = one_risk(0.05, -0.02, -0.03)
    inside, below = (fissler_ziegel(np.array([value]), risk)[0] for value in (0.01, -0.05))
    assert inside == pytest.approx(2 / 3 + math.log(0.03) - 1, abs=1e-12)
    assert below == pytest.approx(2 / 3 + 0.03 / (0.05 * 0.03) + math.log(0.03) - 1, abs=1e-12)
    assert math.isnan(fissler_ziegel(np.array([0.0]), one_risk(0.05, 0.01, 0.002))[0])


def test_the_mean_loss_is_least_for_the_true_quantile_and_shortfall() -> None:
    returns = 0.01 * np.random.default_rng(0).standard_normal(200_000)

    def mean(pair: np.ndarray) -> float:
        return float(fissler_ziegel(returns, TailRisk(0.05, np.full(1, pair[0]), np.full(1, pair[1]))).mean())

    best = minimize(mean, [-0.01, -0.015], method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-12}).x
    true = 0.01 * np.array([norm.ppf(0.05), -norm.pdf(norm.ppf(0.05)) / 0.05])
    np.testing.assert_allclose(best, true, rtol=0.02)


def test_quantile_and_shortfall_are_those_of_the_days_before_by_definition() -> None:
    """Day by day from all earlier standardised returns: numpy's inverted distribution function, and its integral."""
    random = np.random.default_rng(1)
    earlier, returns = random.standard_t(4, 250), 0.02 * random.standard_t(4, 60)
    expected, volatility = 0.001 * random.standard_normal(60), 0.02 * np.exp(0.3 * random.standard_normal(60))
    standardised = (returns - expected) / volatility
    for level in (0.01, 0.05):
        risk = filtered(returns, expected, volatility, earlier, level)
        for day in (0, 1, 17, 59):
            past = np.concatenate([earlier, standardised[:day]])
            share = level * len(past)
            quantile = np.quantile(past, level, method="inverted_cdf")
            if share == round(share):
                assert quantile == np.sort(past)[round(share) - 1]
            lowest = np.sort(past)
            integral = sum(
                lowest[place] * max(0.0, min(level, (place + 1) / len(past)) - place / len(past)) for place in range(len(past))
            )
            assert risk.value_at_risk[day] == pytest.approx(expected[day] + volatility[day] * quantile, abs=1e-12)
            assert risk.shortfall[day] == pytest.approx(expected[day] + volatility[day] * integral / level, abs=1e-12)


def test_the_shortfall_integrates_the_quantile_function() -> None:
    earlier = np.random.default_rng(2).standard_normal(130)
    risk = filtered(np.zeros(1), np.zeros(1), np.ones(1), earlier, 0.05)
    steps = np.arange(1, 7) / 130
    value = quad(lambda u: np.quantile(earlier, u, method="inverted_cdf"), 0, 0.05, points=steps, limit=200)[0] / 0.05
    assert risk.shortfall[0] == pytest.approx(value, abs=1e-9)


def test_no_later_return_moves_a_value_at_risk() -> None:
    random = np.random.default_rng(3)
    returns, earlier = 0.01 * random.standard_normal(80), random.standard_normal(300)
    other = returns.copy()
    other[40:] *= -9
    before, after = (filtered(each, np.zeros(80), np.full(80, 0.01), earlier, 0.05) for each in (returns, other))
    np.testing.assert_array_equal(before.value_at_risk[:41], after.value_at_risk[:41])
    np.testing.assert_array_equal(before.shortfall[:41], after.shortfall[:41])
    assert (before.value_at_risk[41:] != after.value_at_risk[41:]).any()


def test_a_true_volatility_is_exceeded_as_often_as_it_says() -> None:
    random = np.random.default_rng(4)
    volatility = 0.01 * np.exp(np.sin(np.arange(4000) / 50))
    returns = volatility * random.standard_normal(4000)
    risk = filtered(returns, np.zeros(4000), volatility, random.standard_normal(1000), 0.05)
    assert risk.exceeded(returns).mean() == pytest.approx(0.05, abs=0.01)
    np.testing.assert_allclose(risk.value_at_risk[-100:] / volatility[-100:], norm.ppf(0.05), rtol=0.06)
    np.testing.assert_allclose(risk.shortfall[-100:] / volatility[-100:], -norm.pdf(norm.ppf(0.05)) / 0.05, rtol=0.06)


def test_days_before_the_forecasts_are_standardised_by_earlier_days_alone() -> None:
    returns = 0.01 * np.random.default_rng(5).standard_normal(80)
    variance, values = returns[0] ** 2, []
    for value in returns[1:]:
        values.append(value / math.sqrt(variance))
        variance = 0.94 * variance + 0.06 * value**2
    np.testing.assert_allclose(standardised_before(returns), values[49:], rtol=1e-12)
    assert len(standardised_before(np.zeros(80))) == 0


@pytest.mark.parametrize(
    ("volatility", "earlier", "said"),
    [(np.ones(2), 100, "3 returns and 2"), (np.zeros(3), 100, "above 0"), (np.ones(3), 50, "50 days")],
)
def test_what_gives_no_distribution_is_refused(volatility: np.ndarray, earlier: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        filtered(np.zeros(3), np.zeros(len(volatility)), volatility, np.zeros(earlier), 0.01)
