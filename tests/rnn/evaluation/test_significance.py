from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from arch.bootstrap import MCS, SPA, StationaryBootstrap
from scipy.fft import dct
from scipy.stats import t
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.multitest import multipletests
from statsmodels.tsa.stattools import diebold_mariano_test

from core.rnn.evaluation import significance
from core.rnn.evaluation.significance import (
    SET_ALPHA,
    benjamini_hochberg,
    confidence_set,
    cosines,
    diebold_mariano,
    hac_lags,
    holm,
    panel_test,
    superior_ability,
)


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


def test_diebold_mariano_on_the_internet_minutes_of_the_textbook_example() -> None:
    """R's WWWusage, minutes 81 to 100: ETS and ARIMA(1, 1, 1) fitted on minutes 1 to 80, errors recomputed with statsmodels.

    Published for the errors of R's own fits: −0.149716 and 0.882567; fits by another optimiser differ in the third digit.
    """
    ets = [-0.0001, -0.0001, -1.2146, -4.0106, 3.7952, 3.3937, -1.2091, -0.8067, -1.2042, 3.3978]
    ets += [6.9955, 2.1895, -4.8116, -1.2052, 3.3981, 2.9955, 0.393, -6.8064, -2.3992, 1.2043]
    arima = [0.121, 8.0609, -0.9186, -1.7954, 5.3432, 2.046, -0.6073, 0.5517, -0.7633, 4.1229]
    arima += [5.8786, 1.2828, -3.4854, 1.1971, 3.1709, 2.3409, 0.4962, -5.9841, 0.1537, 0.4208]
    test = diebold_mariano(np.square(ets), np.square(arima))
    assert (test.stat, test.p) == pytest.approx((-0.148185, 0.883758), abs=1e-6)
    assert (test.stat, test.p) == pytest.approx((-0.149716, 0.882567), abs=0.002)
    oracle = diebold_mariano_test(np.zeros(20), np.array(ets), np.array(arima), criterion="mse", harvey_adj=True)
    assert (test.stat, test.p) == pytest.approx((oracle.statistic, oracle.pvalue), abs=1e-9)


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
    with pytest.raises(ValueError, match="3 or more"):
        diebold_mariano(np.zeros(2), np.zeros(2))


def test_equal_forecasts_are_told_apart_in_five_percent_of_cases() -> None:
    losses = np.random.default_rng(1).standard_normal((2000, 2, 250)) ** 2
    rejected = np.mean([diebold_mariano(a, b).p < 0.05 for a, b in losses])
    assert 0.035 < rejected < 0.08


def test_a_detectable_difference_is_detected_in_four_of_five_cases() -> None:
    random = np.random.default_rng(2)
    detectable = diebold_mariano(random.standard_normal(100_000), np.zeros(100_000)).detectable() * math.sqrt(100_000 / 500)
    detected = [diebold_mariano(random.standard_normal(500) + detectable, np.zeros(500)).p < 0.05 for _ in range(1000)]
    assert np.mean(detected) == pytest.approx(0.8, abs=0.05)


def test_holm_agrees_with_statsmodels() -> None:
    p_values = np.random.default_rng(0).random(9) ** 3
    np.testing.assert_allclose(holm(p_values), multipletests(p_values, method="holm")[1], rtol=1e-12)


def test_holm_by_hand() -> None:
    np.testing.assert_allclose(holm(np.array([0.04, 0.01, 0.03])), [0.06, 0.03, 0.06])


def test_holm_does_not_count_what_was_not_tested() -> None:
    corrected = holm(np.array([0.02, np.nan, 0.5]))
    assert np.isnan(corrected[1])
    np.testing.assert_allclose(corrected[[0, 2]], [0.04, 0.5])


@pytest.mark.parametrize("horizon", [2, 5, 20])
def test_at_longer_horizons_the_harvey_form_still_agrees_with_statsmodels(horizon: int) -> None:
    random = np.random.default_rng(horizon)
    actual = random.standard_t(4, 300)
    a, b = 0.2 * random.standard_normal((2, 300))
    oracle = diebold_mariano_test(actual, a, b, criterion="mse", harvey_adj=True, horizon=horizon)
    test = diebold_mariano((actual - a) ** 2, (actual - b) ** 2, horizon)
    assert hac_lags(300, horizon) == oracle.lags
    assert test.hln_p == pytest.approx(oracle.pvalue, abs=1e-9)


@pytest.mark.parametrize("horizon", [2, 5, 20])
def test_at_longer_horizons_the_variance_is_that_of_scipys_cosine_transform(horizon: int) -> None:
    differences = np.random.default_rng(horizon).standard_t(4, 300)
    test = diebold_mariano(differences, np.zeros(300), horizon)
    count = min(int(0.4 * 300 ** (2 / 3)), 300 // horizon)
    variance = np.mean(dct(differences, norm="ortho")[1 : count + 1] ** 2)  # type II, without the mean
    stat = differences.mean() / math.sqrt(variance / 300)
    assert test.freedom == cosines(300, horizon) == count
    assert test.stat == pytest.approx(stat, rel=1e-12)
    assert test.p == pytest.approx(2 * t(count).sf(abs(stat)), rel=1e-9)


def overlapping(repetitions: int, origins: int, horizon: int) -> np.ndarray:
    """Loss differences (repetitions, origins) of errors that overlap: moving averages over `horizon` steps, mean 0."""
    random = np.random.default_rng(horizon)
    a, b = np.cumsum(random.standard_normal((2, repetitions, origins + horizon)), axis=2)
    summed = [(each[:, horizon:] - each[:, :-horizon]) ** 2 for each in (a, b)]
    return summed[0] - summed[1]


@pytest.mark.slow
@pytest.mark.parametrize(("horizon", "most", "harvey"), [(1, 0.065, 0.065), (5, 0.07, 0.11), (20, 0.09, 0.20)])
def test_the_size_of_the_test_holds_at_every_horizon(horizon: int, most: float, harvey: float) -> None:
    tests = [diebold_mariano(one, np.zeros(500), horizon) for one in overlapping(4000, 500, horizon)]
    size, other = (np.mean([getattr(test, name) < 0.05 for test in tests]) for name in ("p", "hln_p"))
    assert 0.04 < size < most
    assert size <= other < harvey


def test_a_panel_test_is_the_test_of_the_mean_over_the_tickers_that_day() -> None:
    losses = np.random.default_rng(3).random((2, 200, 5))
    losses[0, :, 1:] += 0.1
    losses[:, :80, 4] = np.nan  # listed late
    panel = panel_test(losses[0], losses[1])
    differences = pd.DataFrame(losses[0] - losses[1])
    oracle = OLS(differences.mean(axis=1), np.ones(200)).fit(cov_type="HAC", cov_kwds={"maxlags": 6})
    assert panel.test.stat == pytest.approx(oracle.tvalues["const"] * math.sqrt(199 / 200), rel=1e-9)
    np.testing.assert_allclose(panel.differences, differences.mean())
    assert (panel.tickers, panel.better_on) == (5, int((differences.mean() < 0).sum()))


def test_a_panel_test_leaves_out_what_has_no_losses() -> None:
    losses = np.random.default_rng(4).random((2, 100, 3))
    losses[:, 40, :] = np.nan
    losses[:, :, 2] = np.nan
    panel, without = panel_test(*losses), np.delete(losses[:, :, :2], 40, axis=1)
    assert panel.tickers == 2
    assert panel.test == panel_test(*without).test
    with pytest.raises(ValueError, match="want the same"):
        panel_test(losses[0], losses[1, :50])


def test_a_panel_whose_tickers_move_together_is_no_larger_sample() -> None:
    """Twenty copies of one ticker are one ticker."""
    alone = np.random.default_rng(5).standard_normal((2, 300))
    assert panel_test(*np.repeat(alone[:, :, None], 20, axis=2)).test.p == pytest.approx(diebold_mariano(*alone).p)


def test_the_detectable_difference_at_a_smaller_level_is_found_in_four_of_five_cases() -> None:
    random = np.random.default_rng(6)
    draws = random.standard_normal((1000, 500))
    detectable = np.median([diebold_mariano(one, np.zeros(500)).detectable(0.004) for one in draws[:50]])
    detected = [diebold_mariano(one + detectable, np.zeros(500)).p < 0.004 for one in draws]
    assert np.mean(detected) == pytest.approx(0.8, abs=0.05)


@pytest.mark.parametrize("horizon", [0, 5, 9])
def test_a_horizon_that_the_days_cannot_hold_is_refused(horizon: int) -> None:
    with pytest.raises(ValueError, match=f"horizon is {horizon}"):
        diebold_mariano(np.arange(5.0), np.ones(5), horizon)


def test_the_share_of_false_discoveries_is_controlled_as_in_statsmodels() -> None:
    p_values = np.random.default_rng(0).random(40) ** 3
    np.testing.assert_allclose(benjamini_hochberg(p_values), multipletests(p_values, method="fdr_bh")[1], rtol=1e-12)
    strict = benjamini_hochberg(p_values, dependent=True)
    np.testing.assert_allclose(strict, multipletests(p_values, method="fdr_by")[1], rtol=1e-12)


def test_benjamini_hochberg_by_hand_without_what_was_not_tested() -> None:
    corrected = benjamini_hochberg(np.array([0.04, np.nan, 0.01, 0.5]))
    np.testing.assert_allclose(corrected, [0.06, np.nan, 0.03, 0.5])


def losses_of(*sizes: float, days: int = 400, seed: int = 0) -> dict[str, np.ndarray]:
    """Squared errors of models with errors of these sizes, partly shared, over the same days."""
    random = np.random.default_rng(seed)
    shared = random.standard_normal(days)
    return {f"model {n}": (shared + size * random.standard_normal(days)) ** 2 for n, size in enumerate(sizes)}


def test_the_confidence_set_is_that_of_arch_on_the_same_drawn_days(monkeypatch: pytest.MonkeyPatch) -> None:
    losses = losses_of(0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
    oracle = MCS(np.stack(list(losses.values()), axis=1), size=SET_ALPHA, reps=1000, block_size=7, seed=1)
    oracle.compute()
    drawn = np.stack(oracle._bootstrap_indices)
    monkeypatch.setattr(significance, "drawn_means", lambda values, length: values[drawn].mean(axis=1))
    ours = confidence_set(losses)
    theirs = oracle.pvalues.Pvalue.sort_index().to_numpy()
    assert len(set(theirs)) > 3  # not all in, not all out
    np.testing.assert_allclose(list(ours.p.values()), theirs, atol=1e-9)
    assert ours.included == tuple(f"model {n}" for n in oracle.included)


def test_of_two_models_the_worse_has_about_the_p_of_diebold_and_mariano() -> None:
    losses = losses_of(0.5, 0.7)
    p = confidence_set(losses).p
    assert p["model 0"] == 1
    assert p["model 1"] == pytest.approx(diebold_mariano(*losses.values()).p, abs=0.03)


def test_the_best_model_stays_in_the_confidence_set_in_nine_of_ten_cases() -> None:
    sets = [confidence_set(losses_of(*[0.5] * 5, days=200, seed=seed)) for seed in range(200)]
    assert np.mean(["model 0" in one.included for one in sets]) > 0.9
    assert np.mean([len(one.included) for one in sets]) < 5  # and it does leave some out


def test_equal_losses_share_one_place_in_the_confidence_set() -> None:
    losses = losses_of(0.3, 0.5, 0.8)
    doubled = {**losses, "again": losses["model 1"], "nearly": losses["model 1"] * (1 + 1e-15)}
    p = confidence_set(doubled).p
    assert p["again"] == p["nearly"] == p["model 1"]
    assert {model: p[model] for model in losses} == confidence_set(losses).p


def test_models_that_are_all_the_same_are_all_in() -> None:
    same = np.random.default_rng(0).random(50)
    assert confidence_set({"a": same, "b": same.copy()}).included == ("a", "b")
    assert confidence_set({"alone": same}).p == {"alone": 1.0}


def test_models_with_the_same_mean_loss_are_all_in() -> None:
    assert confidence_set({"a": np.array([1.0, 0, 2, 3]), "b": np.array([0.0, 1, 3, 2])}).included == ("a", "b")


def test_a_model_worse_by_the_same_amount_every_day_leaves_for_sure() -> None:
    losses = np.random.default_rng(0).random(50)
    assert confidence_set({"a": losses, "b": losses + 0.1}).p == {"a": 1.0, "b": 0.0}
    assert superior_ability({"walk": losses, "a": losses - 0.1}, "walk") == 0
    assert math.isnan(superior_ability({"walk": losses, "a": losses + 0.1}, "walk"))


def test_losses_of_different_days_make_no_set() -> None:
    with pytest.raises(ValueError, match="shapes"):
        confidence_set({"a": np.zeros(5), "b": np.zeros(6)})
    with pytest.raises(ValueError, match="shapes"):
        superior_ability({"a": np.zeros(5)}, "a")


@pytest.mark.parametrize("shifts", [(0.1, 0.05, 0.0, -0.05), (0.09, 0.02, -0.6, -2.0), (0.02, 0.01, 0.0, -0.3)])
def test_superior_ability_is_that_of_arch_on_the_same_days(shifts: tuple[float, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """arch leaves its statistic in the unit of the losses: it is given gains in standard errors, as Hansen 2005 has them."""
    noise = np.random.default_rng(3).standard_normal((500, 4))
    gains = (noise + np.array(shifts)) * np.array([1.0, 3.0, 0.2, 1.5])
    in_errors = gains / np.sqrt([significance.long_run_variance(gain, 1) for gain in gains.T])
    oracle = SPA(np.zeros(500), -in_errors, block_size=8, reps=1000, seed=1)
    again = StationaryBootstrap(8, np.arange(500), seed=1)
    drawn = np.stack([days[0] for days, _ in again.bootstrap(1000)])
    oracle.compute()
    monkeypatch.setattr(significance, "drawn_means", lambda values, length: values[drawn].mean(axis=1))
    assert 0.01 < oracle.pvalues["consistent"] < 0.7
    assert (oracle.pvalues["consistent"] < oracle.pvalues["upper"]) == (min(shifts) < -0.1)  # whom the bound leaves out
    losses = {f"model {n}": 5 - gain for n, gain in enumerate(gains.T)} | {"walk": np.full(500, 5.0)}
    assert superior_ability(losses, "walk") == pytest.approx(oracle.pvalues["consistent"], abs=1e-9)


def test_one_rival_has_about_half_the_p_of_diebold_and_mariano() -> None:
    losses = losses_of(0.5, 0.7)
    both = diebold_mariano(*losses.values())
    assert both.stat < 0
    assert superior_ability(losses, "model 1") == pytest.approx(both.p / 2, abs=0.03)


def test_a_noisy_rival_does_not_hide_a_superior_one() -> None:
    random = np.random.default_rng(0)
    walk = random.standard_normal(500) ** 2
    better, wild = walk - 0.1 + 0.5 * random.standard_normal(500), walk + 20 * random.standard_normal(500)
    assert superior_ability({"walk": walk, "better": better, "wild": wild}, "walk") < 0.01


def test_the_best_of_ten_guessers_is_called_superior_in_about_five_percent_of_cases() -> None:
    random = np.random.default_rng(4)
    p = [
        superior_ability({str(n): one for n, one in enumerate(random.standard_normal((11, 250)) ** 2)}, "0") for _ in range(200)
    ]
    assert 0.01 < np.mean(np.array(p) < 0.05) < 0.1


def test_where_nothing_is_better_than_the_reference_superior_ability_has_p_one() -> None:
    losses = losses_of(0.1, 0.9, 0.8)
    assert superior_ability(losses, "model 0") == 1


def test_where_everything_equals_the_reference_there_is_nothing_to_test() -> None:
    same = np.random.default_rng(0).random(50)
    assert math.isnan(superior_ability({"walk": same, "a": same}, "walk"))


def test_holm_with_weights_by_hand() -> None:
    """The favourite has four fifths of the level: 0.03 / 0.8; then 0.2 is left for the other two, 0.001 comes first."""
    corrected = holm(np.array([0.03, 0.001, 0.4]), np.array([0.8, 0.1, 0.1]))
    assert corrected == pytest.approx([0.03 * 0.9 / 0.8, 0.001 * 1.0 / 0.1, 0.4])
    equal = np.array([0.01, 0.04, 0.03, np.nan])
    np.testing.assert_allclose(holm(equal, np.full(4, 0.25)), holm(equal))


def test_with_a_favourite_chosen_beforehand_errors_stay_as_rare_as_promised() -> None:
    """5,000 families of ten tests without any effect: at least one is rejected in at most 5 %."""
    p = np.random.default_rng(0).uniform(size=(5_000, 10))
    weights = np.full(10, 0.2 / 9)
    weights[3] = 0.8
    wrong = np.mean([(holm(row, weights) < 0.05).any() for row in p])
    assert 0.04 < wrong < 0.055
