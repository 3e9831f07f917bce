from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, mean_absolute_error, mean_squared_error, r2_score, root_mean_squared_error
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
from statsmodels.tsa.stattools import diebold_mariano_test

from core.rnn.columns import WORDS
from core.rnn.dataset.target import DIRECTION, RETURN, VOLATILITY
from core.rnn.evaluation.evidence import Evidence, directions, wilson
from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS
from core.rnn.evaluation.losses import Losses, Scale
from core.rnn.evaluation.metric import Metric
from core.rnn.evaluation.metrics import METRICS, by_horizon, mase, metrics_of, rank
from core.rnn.evaluation.significance import confidence_set, diebold_mariano
from tests.rnn.tables import forecast_table, horizon_table


@pytest.fixture
def forecasts() -> pd.DataFrame:
    """500 days, a random walk, two classical models and a network of three seeds."""
    random = np.random.default_rng(0)
    actual = random.standard_normal(500)
    noise = {"random-walk": 1.0, "har": 0.8, "drift": 1.1}
    forecasts = {model: actual + size * random.standard_normal(500) for model, size in noise.items()}
    return forecast_table(actual, forecasts | {"gru": actual + 0.9 * random.standard_normal((3, 500))})


def test_metrics_by_hand_on_three_days() -> None:
    table = rank(Evidence(forecast_table([1, 2, 4], {"random-walk": [0, 0, 0], "har": [1, 1, 2]}), mase_scale=2))
    har, walk = table.iloc[0], table.iloc[1]
    assert (har.model, walk.model) == ("har", "random-walk")
    assert har.mae == 1  # errors 0, -1, -2
    assert har.rmse == pytest.approx(math.sqrt(5 / 3))
    assert har.mase == 0.5
    assert har.skill == pytest.approx(1 - 5 / 21)
    assert walk.skill == 0


def test_a_network_is_scored_as_the_committee_of_its_seeds_and_single_seeds_stand_beside_it() -> None:
    table = forecast_table([0, 0, 0], {"random-walk": [2, 2, 2], "gru": [[1, 1, 1], [-3, -3, -3]]})
    np.testing.assert_array_equal(Losses.of(table)["gru"], [1, 1, 1])  # of the mean forecast −1
    ranking = rank(Evidence(table, 1.0)).set_index("model")
    assert ranking.loc["gru", ["mae", "rmse", "skill", "seeds"]].tolist() == [1, 1, 1 - 1 / 4, 2]
    assert ranking.loc["gru", ["skill_seed", "skill_low", "skill_high"]].tolist() == [1 - 5 / 4, 1 - 9 / 4, 1 - 1 / 4]
    assert ranking.loc["random-walk", ["skill_seed", "skill_low", "skill_high"]].isna().all()


def test_every_figure_is_recomputed_from_the_forecasts_alone(forecasts: pd.DataFrame) -> None:
    table = rank(Evidence(forecasts, mase_scale=0.7)).set_index("model")
    walk = forecasts[forecasts.model == "random-walk"]
    for model, of_model in forecasts.groupby("model"):
        row, rows = table.loc[model], of_model.groupby("date", as_index=False)[["actual", "forecast"]].mean()
        assert row.mae == pytest.approx(mean_absolute_error(rows.actual, rows.forecast))
        assert row.rmse == pytest.approx(root_mean_squared_error(rows.actual, rows.forecast))
        assert row.mase == pytest.approx(row.mae / 0.7)
        assert row.skill == pytest.approx(1 - row.rmse**2 / root_mean_squared_error(walk.actual, walk.forecast) ** 2)
        by_seed = [mean_squared_error(one.actual, one.forecast) for _, one in of_model.groupby("seed")]
        skills = 1 - np.array(by_seed) / mean_squared_error(walk.actual, walk.forecast)
        expected = (skills.mean(), skills.min(), skills.max()) if len(skills) > 1 else (np.nan,) * 3
        assert row.seeds == len(skills)
        assert (row.skill_seed, row.skill_low, row.skill_high) == pytest.approx(expected, nan_ok=True)
    assert list(table.index) == list(table.rmse.sort_values().index)


def test_p_values_of_one_seed_are_those_of_statsmodels(forecasts: pd.DataFrame) -> None:
    table = rank(Evidence(forecasts, 1.0)).set_index("model")
    wide = forecasts[forecasts.seed == 0].pivot_table(index="date", columns="model", values="forecast")
    actual = forecasts[forecasts.model == "har"].set_index("date").actual
    for model in ("har", "drift"):
        oracle = diebold_mariano_test(actual, wide[model], wide["random-walk"], harvey_adj=True)
        assert table.loc[model, "dm_stat"] == pytest.approx(oracle.statistic, abs=1e-9)
        assert table.loc[model, "dm_p"] == pytest.approx(oracle.pvalue, abs=1e-9)
    tested = table.drop(index="random-walk")
    np.testing.assert_allclose(tested.dm_p_holm, multipletests(tested.dm_p, method="holm")[1])
    assert WORDS.headings["dm_stat"].meaning == "Below 0: the model's loss is lower than the reference's"
    assert (np.sign(tested.dm_stat) == -np.sign(tested.skill)).all()


def test_the_random_walk_is_not_tested_against_itself(forecasts: pd.DataFrame) -> None:
    walk = rank(Evidence(forecasts, 1.0)).set_index("model").loc["random-walk"]
    assert walk[["dm_stat", "dm_p", "dm_p_holm"]].isna().all()


def test_equal_forecasts_count_once_in_the_correction() -> None:
    random = np.random.default_rng(0)
    actual, same = random.standard_normal((2, 100))
    table = rank(Evidence(forecast_table(actual, {"random-walk": np.zeros(100), "drift": same, "mean": same}), 1.0)).set_index(
        "model"
    )
    assert table.loc["drift", "dm_p_holm"] == table.loc["mean", "dm_p_holm"] == table.loc["drift", "dm_p"]


def test_order_of_rows_does_not_matter(forecasts: pd.DataFrame) -> None:
    shuffled = forecasts.sample(frac=1, random_state=0)
    pd.testing.assert_frame_equal(rank(Evidence(shuffled, 1.0)), rank(Evidence(forecasts, 1.0)))


def test_a_perfect_random_walk_leaves_the_skill_undefined() -> None:
    table = forecast_table([0, 0, 0], {"random-walk": [0, 0, 0], "ar": [1, 1, 1]})
    assert rank(Evidence(table, 1.0)).skill.isna().all()


def test_a_scale_of_zero_leaves_mase_undefined() -> None:
    assert math.isnan(mase(1.0, 0.0))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_forecasts_that_are_no_numbers_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        rank(Evidence(forecast_table([1, 2, 3], {"random-walk": [0, 0, 0], "gru": [1, bad, 3]}), 1.0))


def test_a_seed_that_left_out_a_day_is_refused() -> None:
    table = forecast_table([1, 2, 3], {"random-walk": [0, 0, 0], "gru": [1, 2, 3]})
    with pytest.raises(ValueError, match="every day"):
        rank(Evidence(table.iloc[:-1], 1.0))


def test_a_day_that_comes_twice_is_refused() -> None:
    table = forecast_table([1, 2, 3], {"random-walk": [0, 0, 0]})
    with pytest.raises(ValueError, match="duplicate"):
        rank(Evidence(pd.concat([table, table.iloc[:1]]), 1.0))


def test_without_a_random_walk_there_is_no_ranking() -> None:
    with pytest.raises(ValueError, match="no random walk"):
        rank(Evidence(forecast_table([1, 2, 3], {"gru": [1, 2, 3]}), 1.0))


@pytest.fixture
def ahead() -> pd.DataFrame:
    """100 origins, 5 steps: a random walk, a classical model, and a network of two seeds that gets worse with every step."""
    random = np.random.default_rng(1)
    actual = random.standard_normal(104)
    days = np.arange(100)[:, None] + np.arange(5)
    network = actual[days] + np.arange(1, 6) * random.standard_normal((2, 100, 5))
    return horizon_table(actual, {"random-walk": np.zeros((1, 100, 5)), "ar": 0.5 * actual[days][None], "gru": network})


def test_the_loss_of_an_origin_is_averaged_over_its_steps() -> None:
    table = horizon_table(np.array([1.0, 2, 3]), {"random-walk": np.zeros((1, 2, 2))})
    np.testing.assert_allclose(Losses.of(table)["random-walk"], [(1 + 4) / 2, (4 + 9) / 2])


def test_tests_of_longer_forecasts_know_the_horizon(ahead: pd.DataFrame) -> None:
    losses, ranking = Losses.of(ahead), rank(Evidence(ahead, 1.0)).set_index("model")
    test = diebold_mariano(losses["ar"], losses["random-walk"], horizon=5)
    assert (ranking.loc["ar", "dm_stat"], ranking.loc["ar", "dm_p"]) == (test.stat, test.p)
    assert test.p != diebold_mariano(losses["ar"], losses["random-walk"]).p


def test_errors_by_horizon_are_those_of_each_step_alone(ahead: pd.DataFrame) -> None:
    table = by_horizon(Evidence(ahead, 1.0)).set_index(["model", "step"])
    for (model, step), rows in ahead.groupby(["model", "step"]):
        one, rows = table.loc[(model, step)], rows.groupby("date", as_index=False)[["actual", "forecast"]].mean()
        walk = ahead[(ahead.model == "random-walk") & (ahead.step == step)]
        assert one.rmse == pytest.approx(root_mean_squared_error(rows.actual, rows.forecast), abs=1e-12)
        expected = 1 - one.rmse**2 / root_mean_squared_error(walk.actual, walk.forecast) ** 2
        assert one.skill == pytest.approx(expected, abs=1e-12)
    assert table.loc["gru"].rmse.is_monotonic_increasing


def test_r2_is_measured_against_the_mean_that_was_known_before_the_test(forecasts: pd.DataFrame) -> None:
    ranking = rank(Evidence(forecasts, 1.0, train_mean=0.3)).set_index("model")
    rows = forecasts[forecasts.model == "har"]
    expected = 1 - np.mean((rows.actual - rows.forecast) ** 2) / np.mean((rows.actual - 0.3) ** 2)
    assert ranking.loc["har", "r2"] == pytest.approx(expected, abs=1e-12)
    of_test = rank(Evidence(forecasts, 1.0, train_mean=float(rows.actual.mean()))).set_index("model")
    assert of_test.loc["har", "r2"] == pytest.approx(r2_score(rows.actual, rows.forecast), abs=1e-9)
    assert rank(Evidence(forecasts, 1.0)).r2.isna().all()


def test_direction_is_the_share_of_right_signs_with_wilsons_interval(forecasts: pd.DataFrame) -> None:
    row = rank(Evidence(forecasts, 1.0)).set_index("model").loc["har"]
    rows = forecasts[forecasts.model == "har"]
    share = accuracy_score(rows.actual > 0, rows.forecast > 0)
    assert row.direction == pytest.approx(share, abs=1e-9)
    low, high = proportion_confint(round(share * 500), 500, method="wilson")
    assert (row.direction_low, row.direction_high) == pytest.approx((low, high), abs=1e-7)


def test_who_makes_no_call_has_no_direction() -> None:
    table = forecast_table([1, -1, 0, 2], {"random-walk": [0, 0, 0, 0], "ar": [1, 1, 1, 0]})
    calls = directions(table, RETURN)
    assert calls.loc["random-walk"].isna().all()
    assert calls.loc["ar", "direction"] == 0.5  # one right, one wrong, a day that did not move, a day without a call
    assert (calls.loc["ar", "direction_low"], calls.loc["ar", "direction_high"]) == wilson(0.5, 2)
    assert directions(table, VOLATILITY).isna().all(axis=None)


def test_a_probability_calls_the_direction_where_it_is_not_one_half() -> None:
    table = forecast_table([1, 0, 1, 1], {"random-walk": [0.5] * 4, "ar": [0.6, 0.3, 0.4, 0.5]})
    assert directions(table, DIRECTION)["direction"].to_dict() == pytest.approx(
        {"random-walk": np.nan, "ar": 2 / 3}, nan_ok=True
    )


def test_a_direction_is_that_of_the_committee() -> None:
    rights = np.where(np.random.default_rng(0).random((3, 50)) < 0.6, 1.0, -1.0)
    table = forecast_table(np.ones(50), {"random-walk": np.zeros(50), "gru": rights})
    row = rank(Evidence(table, 1.0)).set_index("model").loc["gru"]
    share = float((rights.mean(axis=0) > 0).mean())
    assert row.direction == share
    assert (row.direction_low, row.direction_high) == wilson(share, 50)


def test_wilsons_interval_without_a_case_is_undefined() -> None:
    assert all(math.isnan(limit) for limit in wilson(0.5, 0))


def bands_of(forecasts: pd.DataFrame) -> pd.DataFrame:
    bands = forecasts[["model", "seed", "cutoff", "step", "date"]].assign(crps=0.25)
    half = 1.6 * np.ones(len(forecasts))
    for name, side in (("low", -half), ("high", half), ("adaptive_low", -2 * half), ("adaptive_high", 2 * half)):
        bands[name] = forecasts["forecast"] + side
    return bands


def test_coverage_and_crps_come_from_the_bands(forecasts: pd.DataFrame) -> None:
    bands = bands_of(forecasts)
    ranking = rank(Evidence(forecasts, 1.0, bands=bands[bands.model != "drift"].sample(frac=1, random_state=0))).set_index(
        "model"
    )
    rows = forecasts[forecasts.model == "gru"]
    error = (rows.actual - rows.forecast).abs()
    assert ranking.loc["gru", ["crps", "coverage", "coverage_adaptive"]].tolist() == pytest.approx(
        [0.25, (error <= 1.6).mean(), (error <= 3.2).mean()]
    )
    assert ranking.loc["drift", ["crps", "coverage"]].isna().all()
    assert rank(Evidence(forecasts, 1.0)).coverage.isna().all()


def test_an_interval_that_is_not_known_neither_covers_nor_misses(forecasts: pd.DataFrame) -> None:
    bands = bands_of(forecasts)
    whole = rank(Evidence(forecasts, 1.0, bands=bands)).set_index("model").coverage["har"]
    rows = forecasts[forecasts.model == "har"]
    missed = rows.index[(rows.actual - rows.forecast).abs() > 1.6]
    bands.loc[missed, "low"] = np.nan
    assert whole < 1
    assert rank(Evidence(forecasts, 1.0, bands=bands)).set_index("model").coverage["har"] == 1


def test_bands_of_other_forecasts_are_refused(forecasts: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="no forecast"):
        rank(Evidence(forecasts, 1.0, bands=bands_of(forecasts).assign(step=2)))


def test_models_are_also_tested_against_the_best_classical_one(forecasts: pd.DataFrame) -> None:
    ranking, losses = rank(Evidence(forecasts, 1.0)).set_index("model"), Losses.of(forecasts)
    assert math.isnan(ranking.loc["har", "dm_best_p"])
    for model in ("gru", "drift", "random-walk"):
        assert ranking.loc[model, "dm_best_p"] == diebold_mariano(losses[model], losses["har"]).p


def test_the_best_classical_model_is_the_one_chosen_on_the_validation_days(forecasts: pd.DataFrame) -> None:
    losses = Losses.of(forecasts)
    ranking = rank(Evidence(forecasts, 1.0, chosen={"classical": "drift"})).set_index("model")
    assert ranking.loc["gru", "dm_best_p"] == diebold_mariano(losses["gru"], losses["drift"]).p
    assert math.isnan(ranking.loc["drift", "dm_best_p"])


def of_volatility(days: int = 300) -> tuple[pd.DataFrame, Scale]:
    """Sizes of returns, and forecasts of them by HAR, the random walk and a network of two seeds."""
    random = np.random.default_rng(7)
    sigma = 0.01 * np.exp(0.3 * random.standard_normal(days + 1))
    returns = sigma * random.standard_normal(days + 1)
    sizes, actual = np.abs(returns[:-1]), np.abs(returns[1:])
    forecasts = {"random-walk": sizes, "har": np.full(days, 0.008), "gru": 0.8 * sigma[1:] * np.array([[0.9], [1.2]])}
    table = forecast_table(actual, forecasts)
    dates = table[table.model == "har"].date
    return table, Scale(pd.Series(returns[1:] ** 2, dates.to_numpy()), sigma=1.3, smallest=0.0004)


def test_volatility_is_ranked_by_qlike_against_har_and_all_its_losses_are_columns() -> None:
    table, scale = of_volatility()
    ranking = rank(Evidence(table, 1.0, VOLATILITY, scale=scale)).set_index("model")
    committee = table.groupby(["model", "date"], as_index=False)[["actual", "forecast"]].mean()
    committee["size"] = committee.forecast.clip(lower=0.0004)
    committee["squares"] = scale.squares.loc[committee.date].to_numpy()  # type: ignore[union-attr]
    h = (1.3 * committee["size"]) ** 2
    losses = {
        "qlike": np.log(committee["size"]) + committee.actual / committee["size"],
        "squared": (committee.actual - committee.forecast) ** 2,
        "qlike-variance": np.log(h) + committee.squares / h,
        "squared-variance": (committee.squares - (1.3 * committee.forecast) ** 2) ** 2,
    }
    assert tuple(losses) == VOLATILITY.scores
    for name, by_day in losses.items():
        mean = by_day.groupby(committee.model).mean()
        np.testing.assert_allclose(ranking[f"loss_{name}"], mean[ranking.index], rtol=1e-12)
        expected = mean["har"] - mean if "qlike" in name else 1 - mean / mean["har"]
        np.testing.assert_allclose(ranking[f"skill_{name}"], expected[ranking.index], rtol=1e-9, atol=1e-15)
    np.testing.assert_array_equal(ranking.skill, ranking["skill_qlike"])
    assert list(ranking.index) == ["gru", "har", "random-walk"]


def test_another_loss_is_another_view_of_the_same_forecasts() -> None:
    table, scale = of_volatility()
    views = {loss: rank(Evidence(table, 1.0, VOLATILITY, scale=scale, loss=loss)) for loss in VOLATILITY.scores}
    for loss, ranking in views.items():
        np.testing.assert_array_equal(ranking.skill, ranking[f"skill_{loss}"])
        assert ranking[f"loss_{loss}"].is_monotonic_increasing
        pd.testing.assert_series_equal(ranking.set_index("model").rmse, views["qlike"].set_index("model").rmse, check_like=True)
    assert views["qlike"].dm_p.notna().sum() == 2


def test_a_result_without_the_reference_of_its_target_is_judged_against_the_random_walk() -> None:
    table, scale = of_volatility()
    evidence = Evidence(table[table.model != "har"], 1.0, VOLATILITY, scale=scale)
    assert evidence.reference == "random-walk"
    assert rank(evidence).set_index("model").skill["random-walk"] == 0


def test_a_direction_is_scored_on_the_days_that_moved() -> None:
    table = forecast_table([1, 0.5, 0, 0.5], {"random-walk": [0.5] * 4, "mean": [0.6] * 4})
    ranking = rank(Evidence(table, 1.0, DIRECTION)).set_index("model")
    assert ranking.loc["mean", "loss_log"] == pytest.approx(-(math.log(0.6) + math.log(0.4)) / 2)
    assert ranking.loc["random-walk", "loss_log"] == pytest.approx(math.log(2))
    assert ranking.loc["mean", "loss_brier"] == pytest.approx((0.16 + 0.36) / 2)
    assert ranking.loc["random-walk", "skill"] == pytest.approx(1 - math.log(2) / ranking.loc["mean", "loss_log"])


def test_the_confidence_set_is_in_the_table(forecasts: pd.DataFrame) -> None:
    ranking, chosen = rank(Evidence(forecasts, 1.0)).set_index("model"), confidence_set(Losses.of(forecasts).by_model)
    assert set(ranking.index[ranking.in_mcs]) == set(chosen.included)
    assert ranking.mcs_p.to_dict() == chosen.p
    assert ranking.in_mcs.iloc[0]
    assert not ranking.in_mcs.all()


def test_ranking_first_is_counted_over_seeds() -> None:
    forecasts = {
        "random-walk": [2.0, 2, 2],
        "ar": [1.0, 1, 1],
        "rnn": [[0.5, 0.5, 0.5], [3, 3, 3], [0, 0, 0], [9, 9, 9]],
        "gru": [[0.6, 0.6, 0.6], [2, 2, 2], [0, 0, 0], [0.9, 0.9, 0.9]],
    }
    ranking = rank(Evidence(forecast_table([0, 0, 0], forecasts), 1.0)).set_index("model")
    assert ranking.rank_first.to_dict() == pytest.approx(
        {"rnn": 1.5 / 4, "gru": 1.5 / 4, "ar": 1 / 4, "random-walk": np.nan}, nan_ok=True
    )


def test_without_networks_nobody_ranks_first_by_seed() -> None:
    assert rank(Evidence(forecast_table([1, 2, 3], {"random-walk": [0, 0, 0], "ar": [1, 2, 2]}), 1.0)).rank_first.isna().all()


def test_the_ranking_has_a_column_for_every_metric(forecasts: pd.DataFrame) -> None:
    assert list(rank(Evidence(forecasts, 1.0))) == ["model", *metrics_of(RETURN)]
    assert set(METRICS) - set(metrics_of(RETURN)) == {
        f"{kind}_{loss}" for kind in ("skill", "loss") for loss in LOSS_FUNCTIONS if loss != "squared"
    }


def test_a_metric_is_one_row(forecasts: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    def median_error(evidence: Evidence) -> pd.Series:
        rows = evidence.forecasts
        return (rows["forecast"] - rows["actual"]).abs().groupby(rows["model"]).median()

    monkeypatch.setitem(METRICS, "median_error", Metric(median_error, "Median error", "%", higher_is_better=False))
    ranking = rank(Evidence(forecasts, 1.0)).set_index("model")
    rows = forecasts[forecasts.model == "har"]
    assert ranking.loc["har", "median_error"] == (rows.forecast - rows.actual).abs().median()


def test_every_metric_that_is_shown_says_what_it_is() -> None:
    headings = [metric.heading for metric in METRICS.values() if metric.title]
    assert len(set(headings)) == len(headings)
    assert not [name for name, metric in METRICS.items() if metric.title and not metric.help]


def test_ends_of_intervals_are_columns_too() -> None:
    assert all(end in METRICS for metric in METRICS.values() for end in metric.interval or ())
