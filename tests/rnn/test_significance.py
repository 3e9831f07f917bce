from __future__ import annotations

import math

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests
from statsmodels.tsa.stattools import diebold_mariano_test

from core.rnn.significance import diebold_mariano, hac_lags, holm


@pytest.mark.parametrize("days", [30, 500, 2000])
def test_diebold_mariano_agrees_with_statsmodels(days: int) -> None:
    random = np.random.default_rng(days)
    actual = random.standard_t(4, days)
    a, b = 0.2 * random.standard_normal((2, days))
    oracle = diebold_mariano_test(actual, a, b, criterion="mse", harvey_adj=True, horizon=1)
    test = diebold_mariano((actual - a) ** 2, (actual - b) ** 2)
    assert hac_lags(days) == oracle.lags
    assert test.stat == pytest.approx(oracle.statistic, abs=1e-9)
    assert test.p == pytest.approx(oracle.pvalue, abs=1e-9)


def test_diebold_mariano_by_hand_on_three_days() -> None:
    differences = np.array([1.0, 2.0, 6.0])  # mean 3, around it -2, -1, 3; two lags with weights 2/3 and 1/3
    variance = (14 + 2 * (2 / 3 * (2 - 3) + 1 / 3 * -6)) / 3
    test = diebold_mariano(differences, np.zeros(3))
    assert test.difference == 3
    assert test.error == pytest.approx(math.sqrt(variance / 3))
    assert test.stat == pytest.approx(3 / math.sqrt(variance / 3) * math.sqrt(2 / 3))


def test_the_better_forecast_has_a_negative_statistic_and_swapping_turns_it() -> None:
    losses = np.random.default_rng(0).random((2, 100)) + np.array([[0.0], [0.5]])
    forth, back = diebold_mariano(*losses), diebold_mariano(*losses[::-1])
    assert forth.stat == -back.stat < 0
    assert forth.p == back.p < 0.001


def test_equal_losses_have_no_p_value() -> None:
    losses = np.random.default_rng(0).random(50)
    test = diebold_mariano(losses, losses)
    assert test.difference == 0
    assert math.isnan(test.stat)
    assert math.isnan(test.p)


def test_losses_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="shapes"):
        diebold_mariano(np.zeros(5), np.zeros(6))
    with pytest.raises(ValueError, match="3 days or more"):
        diebold_mariano(np.zeros(2), np.zeros(2))


def test_equal_forecasts_are_told_apart_in_five_percent_of_cases() -> None:
    losses = np.random.default_rng(1).standard_normal((2000, 2, 250)) ** 2
    rejected = np.mean([diebold_mariano(a, b).p < 0.05 for a, b in losses])
    assert 0.035 < rejected < 0.08


def test_a_detectable_difference_is_detected_in_four_of_five_cases() -> None:
    random = np.random.default_rng(2)
    detectable = diebold_mariano(random.standard_normal(100_000), np.zeros(100_000)).detectable * math.sqrt(100_000 / 500)
    found = [diebold_mariano(random.standard_normal(500) + detectable, np.zeros(500)).p < 0.05 for _ in range(1000)]
    assert np.mean(found) == pytest.approx(0.8, abs=0.05)


def test_holm_agrees_with_statsmodels() -> None:
    p_values = np.random.default_rng(0).random(9) ** 3
    np.testing.assert_allclose(holm(p_values), multipletests(p_values, method="holm")[1], rtol=1e-12)


def test_holm_by_hand() -> None:
    np.testing.assert_allclose(holm(np.array([0.04, 0.01, 0.03])), [0.06, 0.03, 0.06])


def test_holm_does_not_count_what_was_not_tested() -> None:
    corrected = holm(np.array([0.02, np.nan, 0.5]))
    assert np.isnan(corrected[1])
    np.testing.assert_allclose(corrected[[0, 2]], [0.04, 0.5])
