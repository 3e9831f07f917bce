from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.metrics import mean_squared_error
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.tsa.stattools import acf, ccf

from core.rnn.dataset.target import VOLATILITY
from core.rnn.evaluation.diagnostics import (
    by_fold,
    following,
    lag_correlation,
    ljung_box,
    residual_correlation,
    residual_quantiles,
)
from core.rnn.evaluation.losses import Losses
from tests.rnn.series import ar1
from tests.rnn.tables import forecast_table, horizon_table

DAYS = 400
ACTUAL = np.random.default_rng(0).standard_normal(DAYS)


def table_of(**forecasts: np.ndarray) -> pd.DataFrame:
    return forecast_table(ACTUAL, {"random-walk": np.zeros(DAYS)} | forecasts)


def peak(table: pd.DataFrame, model: str) -> int:
    one = table[table.model == model]
    return int(one.lag[one.correlation.abs().idxmax()])


def test_a_copy_of_yesterday_has_its_peak_at_lag_one() -> None:
    table = lag_correlation(table_of(ar=np.concatenate([[0], ACTUAL[:-1]]), har=ACTUAL + 0.3))
    assert (peak(table, "ar"), peak(table, "har")) == (1, 0)
    assert table[(table.model == "ar") & (table.lag == 1)].correlation.item() == pytest.approx(1)


def test_who_knows_tomorrow_has_its_peak_before_lag_zero() -> None:
    assert peak(lag_correlation(table_of(ar=np.concatenate([ACTUAL[2:], [0, 0]]))), "ar") == -2


def test_the_random_walk_of_volatility_is_a_shifted_copy() -> None:
    sizes = np.abs(ACTUAL)
    table = lag_correlation(forecast_table(sizes[1:], {"random-walk": sizes[:-1]}), VOLATILITY)
    assert peak(table, "random-walk") == 1
    assert table[table.lag == 1].correlation.item() == pytest.approx(1)


def test_lag_correlations_of_noise_are_those_of_statsmodels() -> None:
    noise = np.random.default_rng(1).standard_normal(DAYS)
    table = lag_correlation(table_of(ar=noise))
    one = table[(table.model == "ar") & (table.lag >= 0)]
    oracle = ccf(noise, ACTUAL, nlags=6)[:6]
    np.testing.assert_allclose(one.correlation, oracle, atol=0.01)  # theirs keeps the mean of the whole at every lag
    assert one.correlation.iloc[0] == pytest.approx(oracle[0], abs=1e-9)
    assert one.bound.iloc[0] == pytest.approx(1.96 / np.sqrt(DAYS), rel=1e-3)


def test_forecasts_that_do_not_vary_correlate_with_nothing() -> None:
    table = lag_correlation(table_of())
    assert table.correlation.isna().all()
    assert table.lag.tolist() == list(range(-5, 6))


def test_every_seed_has_its_own_row() -> None:
    table = lag_correlation(table_of(gru=np.random.default_rng(0).standard_normal((3, DAYS))), most=1)
    assert table.groupby("model", sort=False).seed.unique().map(list).to_dict() == {"random-walk": [0], "gru": [0, 1, 2]}


def test_autocorrelations_of_errors_are_those_of_statsmodels() -> None:
    series = ar1(DAYS, phi=0.5)
    table = residual_correlation(forecast_table(series, {"random-walk": np.zeros(DAYS)}))
    np.testing.assert_allclose(table.correlation, acf(series, nlags=20)[1:], rtol=0, atol=1e-9)
    assert table.correlation.iloc[0] > table.bound.iloc[0]


def test_ljung_and_boxs_test_is_that_of_statsmodels() -> None:
    table = ljung_box(table_of(gru=0.1 * np.random.default_rng(2).standard_normal((2, DAYS)))).set_index(["model", "seed"])
    for (model, seed), row in table.iterrows():
        forecasts = table_of(gru=0.1 * np.random.default_rng(2).standard_normal((2, DAYS)))
        one = forecasts[(forecasts.model == model) & (forecasts.seed == seed)]
        oracle = acorr_ljungbox(one.actual - one.forecast, lags=[10]).iloc[0]
        assert (row.statistic, row.p) == pytest.approx((oracle.lb_stat, oracle.lb_pvalue), abs=1e-9)


def test_what_is_left_in_the_errors_is_found() -> None:
    series = ar1(DAYS, phi=0.5)
    good = np.concatenate([[0], 0.5 * series[:-1]])
    p = ljung_box(forecast_table(series, {"random-walk": np.zeros(DAYS), "ar": good})).set_index("model").p
    assert p["random-walk"] < 0.001 < 0.05 < p["ar"]


def test_errors_that_do_not_vary_have_no_test() -> None:
    table = forecast_table(np.ones(50), {"random-walk": np.zeros(50)})
    assert ljung_box(table)[["statistic", "p"]].isna().all(axis=None)
    assert residual_quantiles(table)["quantile"].isna().all()


def test_too_few_errors_have_no_autocorrelation() -> None:
    with pytest.raises(ValueError, match="10 errors have no autocorrelation of lag 20"):
        residual_correlation(forecast_table(ACTUAL[:10], {"random-walk": np.zeros(10)}))


def test_normal_errors_lie_on_the_line_and_fat_tails_beyond_it() -> None:
    random = np.random.default_rng(3)
    normal = residual_quantiles(forecast_table(random.standard_normal(20_000), {"random-walk": np.ones(20_000)}))
    np.testing.assert_allclose(normal["quantile"], normal["normal"], atol=0.06)
    np.testing.assert_allclose(normal["normal"], norm.ppf(normal["level"]), atol=1e-9)
    fat = residual_quantiles(forecast_table(random.standard_t(3, 20_000), {"random-walk": np.ones(20_000)}), count=999)
    assert fat["quantile"].iloc[0] < fat["normal"].iloc[0] - 0.5


def test_longer_steps_do_not_enter_the_residuals() -> None:
    table = horizon_table(ACTUAL, {"random-walk": np.zeros((1, DAYS - 4, 5))})
    pd.testing.assert_frame_equal(residual_correlation(table), residual_correlation(table[table.step == 1]))


def test_folds_are_quarters_and_their_errors_those_of_their_days() -> None:
    forecasts = table_of(ar=0.5 * ACTUAL, gru=np.zeros((2, DAYS)))
    table = by_fold(Losses.of(forecasts))
    assert table.fold.unique().tolist() == ["2021 Q2", "2021 Q3", "2021 Q4", "2022 Q1", "2022 Q2", "2022 Q3", "2022 Q4"]
    row = table[(table.model == "ar") & (table.fold == "2022 Q1")].iloc[0]
    rows = forecasts[(forecasts.model == "ar") & forecasts.cutoff.between("2022-01-01", "2022-03-31")]
    assert row.loss == pytest.approx(mean_squared_error(rows.actual, rows.forecast), abs=1e-12)
    assert row.skill == pytest.approx(0.75)
    assert (row.origins, row["first"], row["last"]) == (len(rows), rows.cutoff.min(), rows.cutoff.max())
    assert (table.skill[table.model == "gru"] == 0).all()
    assert table.model.value_counts().to_dict() == {"random-walk": 7, "ar": 7, "gru": 7}


def test_folds_can_be_equal_parts_of_the_test() -> None:
    table = by_fold(Losses.of(table_of(ar=0.5 * ACTUAL)), folds=4)
    assert table[table.model == "ar"][["fold", "origins"]].to_numpy().tolist() == [[str(n), 100] for n in (1, 2, 3, 4)]


def test_a_perfect_random_walk_leaves_the_skill_of_its_fold_undefined() -> None:
    table = by_fold(Losses.of(forecast_table(np.zeros(20), {"random-walk": np.zeros(20), "ar": np.ones(20)})), folds=1)
    assert table.skill.isna().all()


# -- copies of the day before ------------------------------------------------------------------------


def persistent(days: int = 400) -> np.ndarray:
    """Sizes of a series with memory: whoever forecasts them well reacts to the day before."""
    random, level = np.random.default_rng(4), np.ones(days)
    for day in range(1, days):
        level[day] = 0.1 + 0.9 * level[day - 1] * np.exp(0.3 * random.standard_normal())
    return level * np.abs(random.standard_normal(days))


def test_the_random_walk_copies_and_a_forecast_that_reacts_to_yesterday_does_not() -> None:
    actual = persistent()
    before = np.concatenate([actual[:1], actual[:-1]])
    smooth = np.convolve(np.concatenate([np.zeros(5), before]), np.full(6, 1 / 6), "valid")  # as HAR, in which yesterday counts
    table = forecast_table(actual, {"random-walk": before, "har": smooth, "gru": 0.2 * before, "mean": 0 * actual + 0.4})
    assert (
        following(table, "random-walk")
        .text("Random walk", "day")
        .startswith("Random walk copies the day before: it takes over 100 %")
    )
    peak = lag_correlation(table.query("model == 'har'"), VOLATILITY).set_index("lag")["correlation"]
    assert peak.idxmax() == 1  # by its highest correlation it would be taken for a copy
    for model, title in (("har", "HAR"), ("gru", "GRU")):
        one = following(table, model)
        assert not one.is_copy
        assert one.text(title, "day").startswith(f"{title} is no copy of the day before: ")
    slope, share = following(table, "gru").by, following(table, "gru").explained
    assert (slope, share) == (pytest.approx(0.2), pytest.approx(1.0))
    fitted = np.polyfit(actual[:-1], smooth[1:], 1)
    assert following(table, "har").by == pytest.approx(fitted[0])
    assert following(table, "mean").text("Mean", "week") == (
        "Mean is no copy of the week before: its forecast is the same for every week."
    )


def test_what_a_forecast_of_returns_follows_has_a_sign() -> None:
    actual = np.random.default_rng(0).standard_normal(300)
    reversal = -0.1 * np.concatenate([actual[:1], actual[:-1]])
    assert "it takes over −10 % of what changed on it" in following(forecast_table(actual, {"ar": reversal}), "ar").text(
        "AR", "day"
    )
