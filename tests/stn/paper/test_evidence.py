import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.contingency_tables import mcnemar as mcnemar_of_statsmodels

from core.stn.paper.evidence import mcnemar, mean_squares, paired, spread_of


@pytest.mark.parametrize(("first", "second"), [(3, 11), (0, 5), (40, 22), (7, 8)])
def test_the_mid_p_is_the_exact_p_less_half_of_what_is_as_likely_as_seen(first: int, second: int) -> None:
    exact = mcnemar_of_statsmodels([[0, first], [second, 0]], exact=True).pvalue
    assert exact == pytest.approx(binomtest(first, first + second).pvalue)
    seen = binomtest(min(first, second), first + second, alternative="less")
    below = binomtest(min(first, second) - 1, first + second, alternative="less").pvalue if min(first, second) else 0.0
    assert mcnemar(first, second) == pytest.approx(exact - (seen.pvalue - below))
    assert mcnemar(first, second) == mcnemar(second, first)


def test_no_difference_seen_is_no_evidence() -> None:
    assert mcnemar(0, 0) == mcnemar(9, 9) == 1


def test_mean_squares_are_those_of_an_analysis_of_variance() -> None:
    errors = np.random.default_rng(0).random((3, 2, 4))  # networks, draws, digits
    places = np.indices(errors.shape).reshape(3, -1)
    table = pd.DataFrame({"y": errors.ravel(), "n": places[0], "d": places[1], "i": places[2]})
    by = anova_lm(ols("y ~ C(n) + C(i) + C(i):C(d) + C(n):C(i)", table).fit())
    expected = {"network": "C(n)", "digit": "C(i)", "draw": "C(i):C(d)", "network:digit": "C(n):C(i)", "rest": "Residual"}
    ours = mean_squares(errors)
    squares = by["sum_sq"] / [2, 3, 4, 6, 8]  # the formula counts levels of a nested factor that are not there
    assert ours == pytest.approx({name: squares[term] for name, term in expected.items()})


def simulated(networks: int, draws: int, digits: int, seed: int) -> np.ndarray:
    """Numbers with standard deviations 0.3 by network, 2 by digit, 1 by its draw, 0.5 by network and digit, 0.7 besides."""
    random = np.random.default_rng(seed)
    shapes = {(networks, 1, 1): 0.3, (1, 1, digits): 2, (1, draws, digits): 1, (networks, 1, digits): 0.5}
    parts = [deviation * random.standard_normal(shape) for shape, deviation in shapes.items()]
    return sum(parts) + 0.7 * random.standard_normal((networks, draws, digits))


def test_the_spread_tells_networks_draws_and_digits_apart() -> None:
    found = [spread_of(simulated(4, 3, 200, seed)) for seed in range(60)]
    assert np.mean([s.networks**2 for s in found]) == pytest.approx(0.3**2, rel=0.3)
    assert np.mean([s.draws**2 for s in found]) == pytest.approx(1 / 200, rel=0.1)
    assert np.mean([s.digits**2 for s in found]) == pytest.approx(4 / 200, rel=0.1)
    means = [simulated(4, 3, 200, seed).mean() for seed in range(1000)]
    assert np.mean([s.se**2 for s in found]) == pytest.approx(np.var(means), rel=0.25)


def test_what_was_measured_once_has_no_spread_but_a_standard_error_of_its_digits() -> None:
    errors = simulated(1, 1, 500, 0)
    alone = spread_of(errors)
    assert np.isnan([alone.networks, alone.draws]).all()
    assert alone.se == pytest.approx(errors.std(ddof=1) / np.sqrt(500))
    assert np.isnan(spread_of(simulated(1, 3, 500, 0)).networks)


def test_two_rows_are_compared_digit_by_digit() -> None:
    first, second = np.zeros((2, 2, 8)), np.zeros((3, 2, 8))
    first[0, 0, :2] = second[0, 0, 1:6] = second[1, :, 7] = 1
    pair = paired(first, second)
    gap = np.array([1 / 4, 1 / 4 - 1 / 6, *[-1 / 6] * 4, 0, -1 / 3])
    assert pair.difference == pytest.approx(gap.mean())
    assert pair.by_digits == pytest.approx(gap.std(ddof=1) / np.sqrt(8))
    assert pair.by_networks == pytest.approx(np.sqrt(np.var([2 / 16, 0], ddof=1) / 2 + np.var([5 / 16, 2 / 16, 0], ddof=1) / 3))
    assert (pair.only_first, pair.only_second) == ((1, 0), (4, 1))
    assert pair.mid_p == (mcnemar(1, 4), mcnemar(0, 1))


def test_the_p_by_digits_is_that_of_mcnemar_without_repetition() -> None:
    random = np.random.default_rng(1)
    first, second = (random.random((1, 1, 4000)) < share for share in (0.02, 0.03))
    pair = paired(first.astype(float), second.astype(float))
    table = [[0, pair.only_first[0]], [pair.only_second[0], 0]]
    assert pair.p == pytest.approx(mcnemar_of_statsmodels(table, exact=False, correction=False).pvalue, rel=0.05)
