"""What screens show of a panel is what its forecasts say, computed another way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.rnn.panel.models import RECIPES_MEAN, recipe_names
from core.rnn.panel.result import PanelResult
from core.rnn.panel.tables import ahead_table, answer, model_table, provenance_table, standing_table
from core.rnn.panel.verdict import Duel, Verdict
from core.rnn.panel.views import (
    committees,
    drawn_together,
    ends_shown,
    gains,
    losses_of,
    on_tickers,
    recipes_inside,
    references,
    standings,
    unseen_skills,
)
from tests.rnn.panel.panels import files, panel_result, shipped_panel


@pytest.fixture(scope="module")
def result() -> PanelResult:
    return shipped_panel()


def qlike_by_day(result: PanelResult, model: str) -> pd.Series:
    """The mean over tickers of the loss in units of the training days, day by day, from the exported table alone."""
    rows = result.forecasts[result.forecasts["model"] == model]
    size = np.maximum(rows["forecast"] / rows["unit"], 0.05)
    return (np.log(size) + rows["actual"] / rows["unit"] / size).groupby(rows["date"]).mean()


def test_skill_and_interval_are_those_of_the_mean_difference_a_day(result: PanelResult) -> None:
    row = standings(result, "har", "qlike").set_index("model").loc["gru-pooled"]
    difference = qlike_by_day(result, "har") - qlike_by_day(result, "gru-pooled")
    assert row["skill"] == pytest.approx(difference.mean(), abs=1e-9)
    days = len(difference)
    lags = int(np.ceil(days ** (1 / 3)))
    centred = (difference - difference.mean()).to_numpy()
    covariances = [centred[lag:] @ centred[: days - lag] / days for lag in range(lags + 1)]
    variance = covariances[0] + 2 * sum((1 - lag / (lags + 1)) * covariances[lag] for lag in range(1, lags + 1))
    half = stats.t.ppf(0.975, days - 1) * np.sqrt(variance / days)
    assert row["high"] - row["skill"] == pytest.approx(half, rel=0.01)  # the test has Harvey's factor of (T − 1) / T
    assert row["skill"] - row["low"] == pytest.approx(row["high"] - row["skill"])


def test_zero_lies_outside_the_interval_where_p_is_below_five_percent(result: PanelResult) -> None:
    for loss in losses_of(result):
        for reference in references(result):
            rows = standings(result, reference, loss)
            outside = (rows["low"] > 0) | (rows["high"] < 0)
            assert (outside == (rows["p"] < 0.05)).all()
            assert rows["skill"].is_monotonic_decreasing


@pytest.mark.parametrize("target", ["volatility", "return", "direction"])
def test_the_target_s_reference_is_the_first_to_compare_with(target: str) -> None:
    result = panel_result(files(2), target, trees=False, linear=False, cells=("gru",), seeds=1, classical=())
    assert references(result)[0] == result.target_row.reference
    assert len(standings(result, result.target_row.reference, losses_of(result)[0])) == len(result.models) - 1


def test_the_last_sum_of_gains_is_the_skill_times_the_days(result: PanelResult) -> None:
    summed = gains(result, ["gru-pooled"], "har", "qlike")
    [skill] = standings(result, "har", "qlike").query("model == 'gru-pooled'")["skill"]
    assert summed.sums["gru-pooled"][-1] == pytest.approx(skill * len(result.dates[result.test]))
    assert np.array_equal(summed.table()["date"].to_numpy(), result.dates[result.test])
    by_day = qlike_by_day(result, "har") - qlike_by_day(result, "gru-pooled")
    assert np.allclose(np.diff(summed.sums["gru-pooled"]), by_day.to_numpy()[1:])


def test_recipes_stand_inside_the_row_of_their_committee_but_variants_have_rows_of_their_own(result: PanelResult) -> None:
    rows = {"gru-pooled", "lstm-pooled", result.verdict.best_network}
    assert set(recipes_inside(result)) == set(recipe_names(market=True)) - rows
    assert RECIPES_MEAN not in recipes_inside(result)


def test_lines_are_of_models_that_were_chosen_before_the_test(result: PanelResult) -> None:
    names = drawn_together(result, "har")
    assert names[0] == result.verdict.best_network
    assert RECIPES_MEAN in names
    assert "har" not in names


def test_a_committee_is_compared_with_the_mean_skill_of_its_seeds() -> None:
    result = panel_result(files(2), trees=False, linear=False, cells=("gru",))
    [row] = committees(result).query("model == 'gru-pooled'").to_dict("records")
    losses = result.evidence.losses("qlike")
    seeds = [losses.of(result.seeds[f"gru-pooled/{seed}"][result.test]) for seed in range(row["seeds"])]
    reference = float(np.nanmean(losses["har"]))
    assert row["one_seed"] == pytest.approx(reference - np.mean([np.nanmean(one) for one in seeds]))
    assert row["committee"] == pytest.approx(reference - np.nanmean(losses["gru-pooled"]))


def test_tickers_that_were_never_seen_have_a_skill_each(result: PanelResult) -> None:
    table = unseen_skills(result)
    assert sorted(table["symbol"]) == sorted(result.symbols)
    for row in result.unseen.to_dict("records"):
        [skills] = table[table["symbol"] == row["symbol"]].to_dict("records")
        assert skills["unseen"] == pytest.approx(row["reference"] - row["unseen"])


def test_a_ticker_s_interval_is_that_of_its_own_test(result: PanelResult) -> None:
    rows = on_tickers(result, "har")
    assert ((rows["low"] > 0) | (rows["high"] < 0)).equals(rows["p"] < 0.05)


def test_tables_speak_of_every_model_and_ticker(result: PanelResult) -> None:
    assert len(standing_table(result, "har", "qlike")) == len(result.models) - 1
    assert len(model_table(result)) == len(result.models)
    ahead = ahead_table(result, "gru-pooled")
    assert ahead["Ticker"].tolist() == list(result.symbols)
    assert (ahead["Volatility a year (%)"].astype(float) > 0).all()
    facts = provenance_table(result, "a file").set_index("")["What"]
    assert facts["Causality"].startswith("passed")
    assert f"{len(result.symbols)}: {result.symbols[0]}, " in facts["Tickers"]


def verdict(**better: bool) -> Verdict:
    """A verdict whose network is better than some rivals."""
    duels = tuple(
        Duel(
            model="gru-pooled", reference=rival, loss="qlike", skill=0.01, p=0.01 if wins else 0.5, detectable_skill=0.01,
            better_on=3, tickers=3, better=wins,
        )
        for rival, wins in better.items()
    )  # fmt: skip
    rivals = list(better)
    return Verdict(
        text="", reference="har", loss="qlike", networks_beat_classical=better[rivals[0]], beats_reference=True, winners=(),
        networks_beat_without_recurrence=better[rivals[-1]], best_network="gru-pooled", best_classical=rivals[0],
        best_without_recurrence=rivals[-1], comparisons=duels,
    )  # fmt: skip


def test_the_answer_says_what_networks_beat_and_what_is_not_sure() -> None:
    classical, others = "the best classical model before the test", "the best model without recurrence before the test"
    both = f"Recurrent networks beat {classical} and {others}."
    assert answer(verdict(har=True, trees=True)) == both
    one = f"Recurrent networks beat {classical}; whether they beat {others} is not sure."
    assert answer(verdict(har=True, trees=False)) == one
    assert answer(verdict(har=False)) == f"Recurrent networks do not surely beat {classical}."
    none = f"Recurrent networks do not surely beat {classical} or {others}."
    assert answer(verdict(har=False, trees=False)) == none
    by = {"beating_by_loss": {"qlike": True, "squared": False, "qlike-variance": False}}
    once = answer(verdict(har=True, trees=True).model_copy(update=by))
    assert once == f"Recurrent networks beat {classical}, by QLIKE only, not by the 2 other losses and {others}."
    assert answer(verdict(har=True).model_copy(update={"best_network": ""})) == "No recurrent network took part."


def test_an_axis_of_skills_leaves_out_what_is_far_worse_and_nothing_else() -> None:
    skills = pd.DataFrame({"skill": [0.02, 0.015, 0.01, 0.0, -0.01, -1.6]})
    table = skills.assign(low=skills["skill"] - 0.005, high=skills["skill"] + 0.005)
    assert ends_shown(table) == pytest.approx((-0.015, 0.025))
    against_the_best = table.assign(skill=table["skill"] - 0.03, low=table["low"] - 0.03, high=table["high"] - 0.03)
    assert ends_shown(against_the_best) == pytest.approx((-0.045, 0.0))
