from __future__ import annotations

import json
import math
import re
import time
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.drive import returned
from core.errors import NoData, PriceError, SeriesTooShort
from core.rnn import CompareRequest, compare
from core.rnn.classical.garch import Garch
from core.rnn.compare.live.replay import in_order, so_far_of
from core.rnn.compare.live.so_far import NAME, SoFar
from core.rnn.compare.result import CompareResult
from core.rnn.compare.run import check, dataset_of, run, untrained
from core.rnn.compare.tables import ranking_table
from core.rnn.compare.valuation import Valuation
from core.rnn.compare.valued_result import valued
from core.rnn.dataset.splits import split_days
from core.rnn.dataset.target import target_of
from core.rnn.evaluation.backtest import chosen_models
from core.rnn.evaluation.causality import is_causal
from core.rnn.evaluation.columns import COMMITTEE
from core.rnn.evaluation.metrics import mase_scale
from core.rnn.evaluation.significance import diebold_mariano
from core.rnn.models import LINES, TITLES, quick_for
from core.rnn.prices.prices import ADJUSTED
from core.rnn.prices.samples import fetch
from core.runs.request import Progress
from tests.drive import stopped
from tests.rnn.compare.requests import request_on
from tests.rnn.series import ar1, as_series, days_of, garch, random_walk

QUICK_MODELS = quick_for(target_of("volatility"))
QUICK: dict[str, Any] = {"cells": ("rnn", "lstm"), "seeds": 2, "hidden": 4, "test_days": 100}


def compared(returns: np.ndarray, **settings: Any) -> CompareResult:
    request, inputs = request_on(returns, **settings)
    return returned(run(request, inputs))


def weights_of(result: CompareResult, model: str, seed: int) -> dict[str, np.ndarray]:
    start = f"{model}/{seed}/"
    return {name.removeprefix(start): array for name, array in result.weights.items() if name.startswith(start)}


@pytest.fixture(scope="module")
def result() -> CompareResult:
    return compared(garch(600), target="volatility", **QUICK)


def test_the_preview_and_the_request_refuse_a_short_series_in_the_same_words() -> None:
    request, inputs = request_on(garch(39))
    with pytest.raises(SeriesTooShort) as shown:
        split_days(days_of(garch(39)), request.test_days)
    with pytest.raises(SeriesTooShort, match=f"^SIM has {re.escape(str(shown.value))}$"):
        check(request, inputs)


@pytest.mark.parametrize(
    ("returns", "settings", "error", "cause"),
    [
        (garch(39), {}, SeriesTooShort, "SIM has 40 prices in this period; .* 500 test days needs at least 751: choose"),
        (garch(900), {"start": date(2013, 1, 1)}, SeriesTooShort, "choose an earlier start or fewer test days"),
        (garch(900), {"test_days": 800}, SeriesTooShort, "has 901 prices .* 800 test days needs at least 1,051"),
        (garch(900), {"start": date(2031, 1, 1)}, NoData, "SIM has no prices from 1 Jan 2031 on"),
        (np.zeros(900), {}, PriceError, "SIM closes at 100 on every day"),
        (np.r_[np.zeros(700), garch(200)], {"test_days": 100}, PriceError, "does not move on any training day"),
        (np.r_[garch(800), np.zeros(100)], {"test_days": 100}, PriceError, "does not move on any test day"),
    ],
)
def test_prices_that_cannot_be_compared_are_refused_before_the_run_and_in_it(
    returns: np.ndarray, settings: dict[str, Any], error: type[Exception], cause: str
) -> None:
    request, inputs = request_on(returns, **settings)
    with pytest.raises(error, match=cause):
        check(request, inputs)
    with pytest.raises(error, match=cause):
        returned(run(request, inputs))


def test_good_prices_pass_the_check() -> None:
    request, inputs = request_on(garch(900))
    began = time.monotonic()
    check(request, inputs)
    assert time.monotonic() - began < 0.2


def test_ranking_has_every_model_once_and_the_random_walk_always(result: CompareResult) -> None:
    assert set(result.ranking.model) == {"random-walk", *QUICK_MODELS, "rnn", "lstm"}
    assert result.ranking.model.is_unique
    assert result.ranking["loss_qlike"].is_monotonic_increasing
    assert set(compared(garch(400), cells=(), classical=("ar",), test_days=100).ranking.model) == {"random-walk", "ar"}


def test_ranking_can_be_computed_again_from_the_forecasts_and_closes_alone(result: CompareResult) -> None:
    train = np.abs(np.diff(np.log(result.close)))[: result.splits.train.days]
    origins = ["model", "cutoff", "date"]
    committee = result.forecasts.groupby(origins, as_index=False)[["actual", "forecast"]].mean()
    size = committee.forecast.clip(lower=0.05 * train.mean())
    committee["loss"] = np.log(size) + committee.actual / size
    by_model = {model: rows.loss.to_numpy() for model, rows in committee.groupby("model")}
    for row in result.ranking.itertuples():
        mine = committee[committee.model == row.model]
        absolute = (mine.actual - mine.forecast).abs()
        assert row.mae == pytest.approx(absolute.mean(), rel=1e-12)
        assert row.mase == pytest.approx(absolute.mean() / result.mase_scale, rel=1e-12)
        assert row.rmse == pytest.approx(math.sqrt((absolute**2).mean()), rel=1e-12)
        assert row.skill == pytest.approx(by_model["har"].mean() - by_model[row.model].mean(), abs=1e-12)
        assert row.seeds == (2 if row.model in ("rnn", "lstm") else 1)
        if row.model != "har":
            test = diebold_mariano(by_model[row.model], by_model["har"])
            assert (row.dm_stat, row.dm_p) == pytest.approx((test.stat, test.p), rel=1e-9)


def test_corrected_p_values_can_be_computed_again_from_the_exported_choice(result: CompareResult) -> None:
    """Holm with 80 % of the level for the model that was chosen on the validation days."""
    tested = result.ranking.dropna(subset="dm_p").drop_duplicates("dm_p")
    weights = np.where(tested.model == result.chosen["all"], 4.0 * (len(tested) - 1), 1.0)
    order = np.argsort(tested.dm_p.to_numpy() / weights)
    left = weights[order][::-1].cumsum()[::-1]
    corrected = np.minimum(1, np.maximum.accumulate(left / weights[order] * tested.dm_p.to_numpy()[order]))
    np.testing.assert_allclose(tested.dm_p_holm.to_numpy()[order], corrected, rtol=1e-12)


def test_a_stored_result_is_valued_as_the_run_did(result: CompareResult) -> None:
    copy = CompareResult.from_bytes(result.to_bytes())
    again = valued(copy, Valuation(cost_bp=1))
    pd.testing.assert_frame_equal(again.ranking, result.ranking, check_dtype=False)
    pd.testing.assert_frame_equal(again.horizons, result.horizons, check_dtype=False)
    assert again.verdict == result.verdict


def test_mase_scale_is_the_random_walks_error_on_the_training_days(result: CompareResult) -> None:
    sizes = np.abs(np.diff(np.log(result.close)))[: result.splits.train.days]
    assert result.mase_scale == pytest.approx(np.abs(sizes[1:] - sizes[:-1]).mean())
    assert mase_scale(as_series(np.array([0.01, -0.03]))) == pytest.approx(0.02)


def test_forecasts_are_of_the_test_days(result: CompareResult) -> None:
    assert list(result.forecasts) == ["model", "seed", "cutoff", "step", "date", "actual", "forecast"]
    assert result.forecasts.date.min().date() == result.splits.test.first
    assert result.forecasts.date.max().date() == result.splits.test.last
    assert result.forecasts.cutoff.min().date() == result.splits.validation.last


def test_curves_are_those_of_every_network_and_seed(result: CompareResult) -> None:
    assert list(result.curves) == ["model", "seed", "step", "loss", "validation"]
    assert set(result.curves.groupby(["model", "seed"]).groups) == {(cell, seed) for cell in ("rnn", "lstm") for seed in (0, 1)}


def test_stored_weights_forecast_what_the_table_says(result: CompareResult) -> None:
    request, inputs = request_on(garch(600), target="volatility", **QUICK)
    network, given = untrained(request, "lstm", 1, 0), dataset_of(request, inputs)
    network.restore(weights_of(result, "lstm", 1), given.series)
    refusal = result.forecasts[(result.forecasts.model == "lstm") & (result.forecasts.seed == 1)].forecast
    assert np.array_equal(network.forecast(given.series, result.splits.test_start)[:-1, 0], refusal)


def test_every_model_passes_the_causality_check(result: CompareResult) -> None:
    assert result.ranking.causal.all()


def test_a_network_that_reads_backwards_over_later_days_fails_the_causality_check(result: CompareResult) -> None:
    request, inputs = request_on(garch(600), target="volatility", **QUICK)
    network, given = untrained(request, "lstm", 0, 0), dataset_of(request, inputs)
    network.restore(weights_of(result, "lstm", 0), given.series)
    first = given.splits.test_start
    assert is_causal(network, given.series, first)

    class Leaky:
        def forecast(self, series: Any, first: int) -> np.ndarray:
            both = network.forecast(series, first)
            return both + both[::-1]  # what bidirectional many-to-many does: the end is known at the beginning

        def quantiles(self, series: Any, first: int) -> None:
            return None

    assert not is_causal(Leaky(), given.series, first)


def test_intervals_hold_nine_of_ten_and_end_with_the_days_to_come(result: CompareResult) -> None:
    place = ["model", "cutoff", "step", "date"]
    committees = result.forecasts.groupby(place, as_index=False)[["actual", "forecast"]].mean()
    bands = result.bands.merge(committees, on=place)
    assert len(bands) == len(result.bands) == len(committees)
    assert (bands.seed == COMMITTEE).all()
    assert (bands.low >= 0).all()
    inside = (bands.adaptive_low <= bands.actual) & (bands.actual <= bands.adaptive_high)
    assert inside.mean() == pytest.approx(0.9, abs=0.06)  # 100 days: two standard errors
    assert set(result.ahead.model) == set(result.ranking.model)
    assert (result.ahead.date.dt.date > result.splits.test.last).all()
    assert ((result.ahead.low <= result.ahead.forecast) & (result.ahead.forecast <= result.ahead.high)).all()


def test_days_without_a_move_let_nothing_beat_the_direction_of_a_ticker_that_often_stands_still() -> None:
    """Range Resources, 1990–99: by calling every day a fall, GRU and ETS once beat the random walk there."""
    prices = fetch("RRC").between(date(1990, 1, 1), date(1999, 12, 31))
    assert (np.diff(prices.close) == 0).mean() > 0.35
    request = CompareRequest(symbol="RRC", prices=prices.digest, target="direction", cells=("gru",), seeds=1, test_days=500)
    ranking = compare(request, prices).ranking
    assert not ((ranking.skill > 0) & (ranking.dm_p_holm < 0.1)).any()


@pytest.mark.parametrize("target", ["return", "direction"])
def test_a_week_ahead_has_five_steps_everywhere(target: str) -> None:
    cells: dict[str, Any] = {"cells": ("gru", "mlp"), "seeds": 1, "hidden": 4, "classical": ("mean", "har")}
    result = compared(ar1(600), target=target, horizon=5, test_days=100, **cells)
    assert result.forecasts.groupby(["model", "seed"]).size().eq(5 * 96).all()
    assert sorted(result.horizons.step.unique()) == [1, 2, 3, 4, 5]
    assert sorted(result.ahead.step.unique()) == [1, 2, 3, 4, 5]
    assert result.ranking.causal.all()
    if target == "direction":
        assert result.forecasts.forecast.between(0, 1).all()
        assert result.bands.empty
    else:
        path = result.ahead[result.ahead.model == "har"]
        assert path.price.to_numpy() == pytest.approx(result.close[-1] * np.exp(path.forecast.cumsum().to_numpy()))
    assert CompareResult.from_bytes(result.to_bytes()).scores == result.scores


def test_with_further_inputs_linear_models_that_read_them_are_compared_too() -> None:
    settings: dict[str, Any] = {"cells": (), "classical": ("ar", "har"), "test_days": 100}
    result = compared(garch(600), extras=("weekday",), **settings)
    assert set(result.ranking.model) == {"random-walk", "ar", "har", "ar-x", "har-x"}
    forecasts = result.forecasts.pivot_table(index="date", columns="model", values="forecast")
    assert not np.isclose(forecasts["har"], forecasts["har-x"]).any()
    assert result.ranking.causal.all()


def test_refits_change_the_forecasts_after_them_and_none_before() -> None:
    settings: dict[str, Any] = {"cells": (), "classical": ("ar",), "test_days": 100}
    once, often = (compared(garch(600), refit_days=days, **settings).forecasts.query("model == 'ar'") for days in (0, 40))
    same = once.forecast.to_numpy() == often.forecast.to_numpy()
    assert same[:40].all()
    assert not same[40:].any()


@pytest.mark.parametrize("cells", [("rnn",), ()])
def test_result_survives_saving(cells: tuple[str, ...]) -> None:
    result = compared(garch(400), cells=cells, seeds=1, hidden=4, test_days=100)
    copy = CompareResult.from_bytes(result.to_bytes())
    for name, table in result.tables.items():
        pd.testing.assert_frame_equal(copy.tables[name], table, check_dtype=False)
    assert (copy.verdict, copy.splits, copy.provenance) == (result.verdict, result.splits, result.provenance)
    assert copy.scores == result.scores
    assert {name: array.tolist() for name, array in copy.weights.items()} == {
        name: array.tolist() for name, array in result.weights.items()
    }


def test_scores_are_json_without_nan(result: CompareResult) -> None:
    rows = json.loads(json.dumps(result.scores, allow_nan=False))
    walk = next(row for row in rows if row["model"] == "random-walk")
    har = next(row for row in rows if row["model"] == "har")
    assert har["dm_p"] is None
    assert har["skill"] == 0
    assert walk["skill"] != 0
    assert {"model", "mae", "rmse", "mase", "skill", "dm_p"} <= set(walk)


def test_the_choice_on_the_validation_days_is_stored_and_follows_from_the_losses(result: CompareResult) -> None:
    assert set(result.validation_losses) == set(result.ranking.model)
    assert result.chosen == chosen_models(result.validation_losses, "har")
    assert result.best_on_validation == result.chosen["all"]
    assert CompareResult.from_bytes(result.to_bytes()).chosen == result.chosen


def test_provenance_says_what_the_figures_were_made_of(result: CompareResult) -> None:
    provenance = result.provenance
    days = days_of(garch(600))
    assert (provenance.rows, provenance.first, provenance.last) == (601, days[0].item(), days[-1].item())
    assert provenance.basis == ADJUSTED
    assert provenance.scaler_days == result.splits.train.days
    assert set(provenance.seconds) == set(result.ranking.model)
    assert provenance.libraries["torch"].startswith("2.")


@pytest.mark.slow
def test_same_request_same_forecasts(result: CompareResult) -> None:
    again = compared(garch(600), target="volatility", **QUICK)
    pd.testing.assert_frame_equal(again.forecasts, result.forecasts)
    pd.testing.assert_frame_equal(again.curves, result.curves)


def test_period_is_cut_before_anything_else() -> None:
    returns = garch(900)
    cut = compared(returns, start=date(2011, 1, 3), end=date(2012, 12, 31), cells=(), test_days=100)
    assert cut.provenance.first == date(2011, 1, 3)
    assert cut.splits.test.last == date(2012, 12, 31)


@pytest.mark.slow
def test_change_the_future_and_past_forecasts_stay_bit_equal() -> None:
    """The last 40 test days change; what the whole experiment forecast for the days before does not."""
    returns = garch(500)
    changed = returns.copy()
    changed[-40:] = 5 * changed[-40:] - 0.02
    settings = QUICK | {"cells": ("rnn", "birnn", "lstm", "gru"), "seeds": 1, "target": "volatility"}
    tables = [compared(series, **settings).forecasts for series in (returns, changed)]
    past = tables[0].date <= pd.Timestamp(days_of(returns)[-40])  # this day is forecast from the days before it
    assert past.sum() == (1 + len(QUICK_MODELS) + 4) * 61
    pd.testing.assert_series_equal(tables[0].forecast[past], tables[1].forecast[past], check_exact=True)


def test_progress_names_model_and_seed_and_closing_ends_the_run() -> None:
    request, inputs = request_on(garch(2000), **(QUICK | {"target": "volatility", "hidden": 32, "cells": ("rnn",)}))
    running = run(request, inputs)
    assert next(running).phase == "reading the prices"
    reports: list[Progress] = []
    while not reports or reports[-1].phase != "vanilla RNN, seed 2 of 2":
        reports.append(next(running))
    assert {"random walk", "HAR", "vanilla RNN, seed 1 of 2"} <= {progress.phase for progress in reports}
    assert 0 < reports[-1].fraction < 1
    assert {"loss", "validation"} <= {name for progress in reports for name in progress.numbers}
    running.close()
    with pytest.raises(StopIteration):
        next(running)


def test_models_are_called_the_same_everywhere() -> None:
    assert {key: LINES[key].name for key in TITLES} == TITLES


@pytest.mark.slow
def test_predictable_returns_beat_the_random_walk() -> None:
    result = compared(ar1(1200), cells=("gru",), seeds=1, hidden=8, test_days=200)
    assert result.verdict.beats_random_walk
    assert {"ar", "gru"} <= set(result.verdict.winners)
    classical = result.chosen["classical"]
    skill = 100 * (1 - result.losses.mean("gru") / result.losses.mean(classical))
    assert result.headline in (
        f"GRU: skill +{skill:.1f} % against {TITLES[classical]}, the best classical model before the test",
        f"no network beats {TITLES[classical]}, the best classical model before the test",
    )


def test_headline_of_a_random_walk_claims_nothing() -> None:
    result = compared(random_walk(500, 3), cells=(), test_days=150)
    assert result.headline == "nothing beats the random walk"


@pytest.mark.slow
def test_pure_random_walks_are_hardly_ever_beaten() -> None:
    """Random walks without drift: at most one false alarm. Of the verdict alone a hundred are tried."""
    settings = {"seeds": 1, "hidden": 4, "test_days": 150, "cells": ("rnn",)}
    alarms = [compared(random_walk(500, seed), **settings).verdict.beats_random_walk for seed in range(6)]
    assert sum(alarms) <= 1


def test_a_model_whose_search_did_not_converge_says_so_and_is_never_the_best(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fit = Garch.fit.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(Garch, "fit", classmethod(lambda *given, **more: replace(fit(*given, **more), converged=False)))
    result = compared(garch(600), target="volatility", cells=(), classical=("garch", "ets"), test_days=100)
    assert result.provenance.not_converged == ("garch",)
    rows = ranking_table(result)["Model"].tolist()
    assert "GARCH-t (not converged)" in rows
    assert result.provenance.convergence.startswith("The search for the parameters of GARCH-t did not converge")
    assert "garch" not in result.chosen.values()


def stopped_at(phase: str) -> tuple[CompareResult, list[SoFar]]:
    """A comparison that is stopped when it comes to a phase, and what was shown of it meanwhile."""
    request, inputs = request_on(garch(600), target="volatility", **QUICK)
    seen, kept = stopped(run(request, inputs), lambda progress: progress.phase == phase)
    return kept, [SoFar.from_bytes(one.pictures[NAME]) for one in seen if NAME in one.pictures]


@pytest.fixture(scope="module")
def early() -> tuple[CompareResult, list[SoFar]]:
    return stopped_at("LSTM, seed 2 of 2")


def test_stopped_it_judges_the_networks_that_are_done_and_says_which(
    early: tuple[CompareResult, list[SoFar]], result: CompareResult
) -> None:
    kept, _ = early
    assert kept.unfinished == (
        "It was stopped with 3 of 4 networks: vanilla RNN 2 of 2, LSTM 1 of 2. The others are not judged."
    )
    assert kept.headline.endswith("(stopped early)")
    whole = result.forecasts.query("model == 'rnn'")["forecast"].to_numpy()
    np.testing.assert_array_equal(kept.forecasts.query("model == 'rnn'")["forecast"].to_numpy(), whole)
    assert CompareResult.from_bytes(kept.to_bytes()).unfinished == kept.unfinished
    assert (result.unfinished, result.planned) == ("", {})


def test_stopped_at_once_it_still_has_the_reference_and_a_model_to_compare_with_it() -> None:
    models = set(stopped_at("reading the prices")[0].ranking["model"])
    assert models >= {"random-walk", "har"}
    assert models.isdisjoint({"rnn", "lstm"})


def test_models_come_into_the_ranking_one_after_the_other_with_the_skill_they_have_at_the_end(
    early: tuple[CompareResult, list[SoFar]],
) -> None:
    kept, come = early
    assert [len(one.ranking) for one in come[:3]] == [1, 2, 3]
    assert come[-1].ranking.set_index("model")["seeds"][["rnn", "lstm", "har"]].tolist() == [2, 1, 1]
    skill = come[-1].ranking.set_index("model")["skill"]
    for row in kept.ranking.itertuples():
        assert skill[row.model] == pytest.approx(row.skill, abs=1e-9), row.model
    drawn = kept.forecasts.query("model == 'drift'")
    np.testing.assert_allclose(come[-1].forecasts["drift"], drawn["forecast"].to_numpy()[-100:])
    np.testing.assert_allclose(come[-1].actual, drawn["actual"].to_numpy()[-100:])


def test_played_back_it_shows_what_was_shown_while_it_ran(early: tuple[CompareResult, list[SoFar]]) -> None:
    kept, come = early
    models = in_order(kept)
    seeds = kept.forecasts.groupby("model")["seed"].nunique()
    live = {
        len(one.ranking): one for one in come if (one.ranking.set_index("model")["seeds"] == seeds[one.ranking["model"]]).all()
    }
    assert sorted(live) == list(range(1, len(models) + 1))
    for count, shown in live.items():
        again = so_far_of(kept, models[:count])
        pd.testing.assert_frame_equal(again.ranking, shown.ranking, check_dtype=False, rtol=1e-9)
        assert (again.loss, again.reference) == (shown.loss, shown.reference)
        np.testing.assert_array_equal(again.days, shown.days)
        np.testing.assert_allclose(again.actual, shown.actual)
        for model in models[:count]:
            np.testing.assert_allclose(again.forecasts[model], shown.forecasts[model], rtol=1e-6)
