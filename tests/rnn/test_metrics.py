from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mean_absolute_error, root_mean_squared_error
from statsmodels.stats.multitest import multipletests
from statsmodels.tsa.stattools import diebold_mariano_test

from core.rnn.metrics import mase, mean_losses, rank, skill
from tests.rnn.tables import forecast_table


@pytest.fixture
def forecasts() -> pd.DataFrame:
    """500 days, a random walk, two classical models and a network of three seeds."""
    random = np.random.default_rng(0)
    actual = random.standard_normal(500)
    noise = {"random-walk": 1.0, "har": 0.8, "drift": 1.1}
    told = {model: actual + size * random.standard_normal(500) for model, size in noise.items()}
    return forecast_table(actual, told | {"gru": actual + 0.9 * random.standard_normal((3, 500))})


def test_metrics_by_hand_on_three_days() -> None:
    table = rank(forecast_table([1, 2, 4], {"random-walk": [0, 0, 0], "har": [1, 1, 2]}), mase_scale=2)
    har, walk = table.iloc[0], table.iloc[1]
    assert (har.model, walk.model) == ("har", "random-walk")
    assert har.mae == 1  # errors 0, -1, -2
    assert har.rmse == pytest.approx(math.sqrt(5 / 3))
    assert har.mase == 0.5
    assert har.skill == pytest.approx(1 - 5 / 21)
    assert walk.skill == 0


def test_losses_are_averaged_over_seeds_and_forecasts_are_not() -> None:
    table = forecast_table([0, 0, 0], {"random-walk": [1, 1, 2], "gru": [[1, 1, 1], [-1, -1, -1]]})
    np.testing.assert_array_equal(mean_losses(table)["gru"], [1, 1, 1])  # the mean forecast would be perfect
    gru = rank(table, 1.0).set_index("model").loc["gru"]
    assert gru[["mae", "rmse", "rmse_low", "rmse_high", "seeds"]].tolist() == [1, 1, 1, 1, 2]


def test_every_figure_is_recomputed_from_the_forecasts_alone(forecasts: pd.DataFrame) -> None:
    table = rank(forecasts, mase_scale=0.7).set_index("model")
    walk = forecasts[forecasts.model == "random-walk"]
    for model, rows in forecasts.groupby("model"):
        row = table.loc[model]
        assert row.mae == pytest.approx(mean_absolute_error(rows.actual, rows.forecast))
        assert row.rmse == pytest.approx(root_mean_squared_error(rows.actual, rows.forecast))
        assert row.mase == pytest.approx(row.mae / 0.7)
        assert row.skill == pytest.approx(1 - row.rmse**2 / root_mean_squared_error(walk.actual, walk.forecast) ** 2)
        by_seed = [root_mean_squared_error(one.actual, one.forecast) for _, one in rows.groupby("seed")]
        assert (row.seeds, row.rmse_low, row.rmse_high) == pytest.approx((len(by_seed), min(by_seed), max(by_seed)))
    assert list(table.index) == list(table.rmse.sort_values().index)


def test_p_values_of_one_seed_are_those_of_statsmodels(forecasts: pd.DataFrame) -> None:
    table = rank(forecasts, 1.0).set_index("model")
    wide = forecasts[forecasts.seed == 0].pivot_table(index="date", columns="model", values="forecast")
    actual = forecasts[forecasts.model == "har"].set_index("date").actual
    for model in ("har", "drift"):
        oracle = diebold_mariano_test(actual, wide[model], wide["random-walk"], harvey_adj=True)
        assert table.loc[model, "dm_stat"] == pytest.approx(oracle.statistic, abs=1e-9)
        assert table.loc[model, "dm_p"] == pytest.approx(oracle.pvalue, abs=1e-9)
    tested = table.drop(index="random-walk")
    np.testing.assert_allclose(tested.dm_p_holm, multipletests(tested.dm_p, method="holm")[1])


def test_the_random_walk_is_not_tested_against_itself(forecasts: pd.DataFrame) -> None:
    walk = rank(forecasts, 1.0).set_index("model").loc["random-walk"]
    assert walk[["dm_stat", "dm_p", "dm_p_holm"]].isna().all()


def test_equal_forecasts_count_once_in_the_correction() -> None:
    random = np.random.default_rng(0)
    actual, told = random.standard_normal((2, 100))
    table = rank(forecast_table(actual, {"random-walk": np.zeros(100), "drift": told, "mean": told}), 1.0).set_index("model")
    assert table.loc["drift", "dm_p_holm"] == table.loc["mean", "dm_p_holm"] == table.loc["drift", "dm_p"]


def test_order_of_rows_does_not_matter(forecasts: pd.DataFrame) -> None:
    shuffled = forecasts.sample(frac=1, random_state=0)
    pd.testing.assert_frame_equal(rank(shuffled, 1.0), rank(forecasts, 1.0))


def test_a_perfect_random_walk_leaves_the_skill_undefined() -> None:
    assert math.isnan(skill(np.ones(3), np.zeros(3)))


def test_a_scale_of_zero_leaves_mase_undefined() -> None:
    assert math.isnan(mase(1.0, 0.0))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_forecasts_that_are_no_numbers_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        rank(forecast_table([1, 2, 3], {"random-walk": [0, 0, 0], "gru": [1, bad, 3]}), 1.0)


def test_a_seed_that_left_out_a_day_is_refused() -> None:
    table = forecast_table([1, 2, 3], {"random-walk": [0, 0, 0], "gru": [1, 2, 3]})
    with pytest.raises(ValueError, match="every day"):
        rank(table.iloc[:-1], 1.0)


def test_a_day_that_comes_twice_is_refused() -> None:
    table = forecast_table([1, 2, 3], {"random-walk": [0, 0, 0]})
    with pytest.raises(ValueError, match="duplicate"):
        rank(pd.concat([table, table.iloc[:1]]), 1.0)


def test_without_a_random_walk_there_is_no_ranking() -> None:
    with pytest.raises(ValueError, match="no random walk"):
        rank(forecast_table([1, 2, 3], {"gru": [1, 2, 3]}), 1.0)
