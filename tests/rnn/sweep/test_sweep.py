"""The sweep: one comparison a ticker, judged together."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from core.errors import InvalidRequest, RunFailed, UnknownTicker
from core.figures.table import figure_table
from core.rnn.compare.request import CompareRequest
from core.rnn.compare.result import CompareResult, Provenance
from core.rnn.compare.verdict import Verdict
from core.rnn.dataset.target import VOLATILITY
from core.rnn.evaluation.evidence import Evidence
from core.rnn.evaluation.losses import Scale
from core.rnn.evaluation.metrics import Judged
from core.rnn.prices.prices import Missing, Prices
from core.rnn.sweep.figures import heat_map, spread
from core.rnn.sweep.request import SweepRequest, sweep_of
from core.rnn.sweep.result import Summary, SweepResult, judged, summarised, variants_of
from core.rnn.sweep.run import join, run
from core.rnn.sweep.tables import row_table, variant_table
from core.runs.joint import STOPPED
from core.runs.kinds import parse_request
from core.runs.request import key_of
from tests.drive import played
from tests.rnn.series import garch, prices_of
from tests.rnn.tables import forecast_table

MODELS = ("random-walk", "mean", "har", "gru", "lstm")
QUICK: dict[str, Any] = {"target": "volatility", "cells": ("gru",), "classical": ("har",), "seeds": 1, "hidden": 4}


def comparison(symbol: str, **settings: Any) -> CompareRequest:
    return CompareRequest(symbol=symbol, prices=symbol.encode().hex().ljust(64, "0"), **settings)


def ranking(skills: dict[str, float], p: dict[str, float] | None = None, best_p: float = 0.5) -> pd.DataFrame:
    """What `metrics.rank` gives, as far as a sweep reads it; the best classical model is the one of the highest skill."""
    rows, best = [], max(0.0, *(skill for model, skill in skills.items() if model in ("mean", "har")), 0.0)
    for model, skill in {"random-walk": 0.0, **skills}.items():
        tested = model != "random-walk"
        rows.append(
            {
                "model": model,
                "rmse": (1 - skill) ** 0.5,
                "skill_classical": 1 - (1 - skill) / (1 - best),
                "skill": skill,
                "dm_stat": -np.sign(skill) if tested else np.nan,
                "dm_p": (p or {}).get(model, 0.5) if tested else np.nan,
                "r2": skill / 2,
                "dm_best_p": best_p,
                "in_mcs": True,
            }
        )
    return pd.DataFrame(rows).sort_values("rmse", kind="stable", ignore_index=True)


def outcome(table: pd.DataFrame) -> CompareResult:
    facts = {"rows": 900, "first": date(2010, 1, 4), "last": date(2013, 6, 14), "source": "", "digest": "", "scaler_days": 9}
    verdict = Verdict(text="", reference="random-walk", beats_random_walk=False, winners=(), best="gru", p=None)
    about = Provenance(**facts, libraries={}, seconds={})
    traded = pd.DataFrame(columns=["gain"])
    return CompareResult.model_construct(ranking=table, verdict=verdict, performance=traded, provenance=about)


def judged_on(result: CompareResult, noise: dict[str, float], wild: float = 0.0) -> None:
    """Puts forecasts of volatility behind it that miss the true size of 300 days by so much noise; those of GRU have to some
    share of the days `wild` times the size."""
    random = np.random.default_rng(7)
    sizes = np.exp(0.2 * random.standard_normal(300))
    actual = sizes * np.abs(random.standard_normal(300))
    forecasts = {model: sizes * np.exp(share * random.standard_normal(300)) for model, share in noise.items()}
    if wild:
        forecasts["gru"][np.argsort(sizes)[-6:]] *= wild
    table = forecast_table(actual, {"random-walk": np.roll(actual, 1) + 0.01} | forecasts)
    squares = pd.Series(actual**2, pd.to_datetime(table["date"].unique()))
    chosen = {"classical": "har" if "har" in noise else "random-walk"}
    evidence = Evidence(table, 1.0, VOLATILITY, chosen=chosen, scale=Scale(squares, 1.0, 0.01))
    result.__dict__["judged"] = {("", ""): Judged(evidence)}


@pytest.fixture
def request_() -> SweepRequest:
    missing = (Missing(symbol="NOPE", reason="there is no NOPE"),)
    return SweepRequest(comparisons=tuple(map(comparison, ("KO", "AAPL", "PG"))), missing=missing)


@pytest.fixture
def result(request_: SweepRequest) -> SweepResult:
    """AAPL and PG have rankings, KO failed in its run, NOPE had no prices."""
    p = {"mean": 0.001, "har": 0.02, "gru": 0.04, "lstm": 0.9}
    aapl = ranking({"mean": 0.2, "har": 0.3, "gru": 0.4, "lstm": -0.1}, p, best_p=0.01)
    pg = ranking({"mean": 0.1, "har": -0.2, "gru": 0.05, "lstm": 0.01}, {"har": 0.01})
    return join(request_, [("AAPL", outcome(aapl)), ("KO", "KO does not move"), ("PG", outcome(pg))])


# -- the question ------------------------------------------------------------------------------------


def test_every_ticker_is_the_comparison_that_one_would_ask_for_alone(request_: SweepRequest) -> None:
    assert list(request_.parts) == ["AAPL", "KO", "PG"]
    assert key_of(request_.parts["KO"]) == key_of(comparison("KO"))
    assert request_.inputs == tuple(one.prices for one in request_.comparisons)


def test_the_order_of_the_tickers_is_no_part_of_the_question() -> None:
    one, other = (SweepRequest(comparisons=tuple(map(comparison, symbols))) for symbols in (("KO", "PG"), ("PG", "KO")))
    assert key_of(one) == key_of(other)


def test_a_sweep_survives_json_and_keeps_its_key(request_: SweepRequest) -> None:
    again = parse_request(request_.model_dump_json())
    assert again == request_
    assert key_of(again) == key_of(request_)
    assert request_.title == "Sweep over 4 tickers, log return"


@pytest.mark.parametrize(
    ("comparisons", "cause"),
    [
        ((), "there is no ticker to compare"),
        ((comparison("KO"), comparison("KO")), "KO is there more than once"),
        ((comparison("KO"), comparison("PG", seeds=2)), "compared with the same settings"),
        (tuple(comparison(f"T{n}") for n in range(201)), "201 tickers are more than a sweep takes; choose 200 at most"),
    ],
)
def test_impossible_sweeps_say_what_to_change(comparisons: tuple[CompareRequest, ...], cause: str) -> None:
    with pytest.raises(InvalidRequest, match=cause):
        SweepRequest(comparisons=comparisons)


def test_a_ticker_without_prices_is_missing_with_its_reason() -> None:
    def fetch(symbol: str) -> Prices:
        if symbol == "NOPE":
            raise UnknownTicker("there is no NOPE")
        return prices_of(garch(30), symbol)

    request = sweep_of(("KO", "NOPE"), fetch, lambda prices: comparison(prices.symbol))
    assert [one.symbol for one in request.comparisons] == ["KO"]
    assert request.missing == (Missing(symbol="NOPE", reason="there is no NOPE"),)
    with pytest.raises(InvalidRequest, match="there is no NOPE"):
        sweep_of(("NOPE",), fetch, lambda prices: comparison(prices.symbol))


# -- the answer --------------------------------------------------------------------------------------


def test_a_row_a_ticker_and_model_with_what_the_ranking_gives(result: SweepResult) -> None:
    assert len(result.rows) == 2 * len(MODELS)
    assert {"symbol", "model", "skill", "dm_p", "r2", "in_mcs", "run"} <= set(result.rows)
    assert set(result.rows["run"]) == {key_of(comparison("AAPL")), key_of(comparison("PG"))}


def test_tickers_that_failed_are_rows_with_their_reason(result: SweepResult) -> None:
    assert result.failed.to_dict("records") == [
        {"symbol": "KO", "reason": "KO does not move"},
        {"symbol": "NOPE", "reason": "there is no NOPE"},
    ]
    assert result.tickers["best"].tolist() == ["gru", "", "mean", ""]


def test_stopped_it_names_the_tickers_that_are_left_and_does_not_count_them_as_failed(
    request_: SweepRequest, result: SweepResult
) -> None:
    aapl = outcome(ranking({"mean": 0.2, "har": 0.3, "gru": 0.4, "lstm": -0.1}))
    kept = join(request_, [("AAPL", aapl), ("KO", STOPPED), ("PG", STOPPED)])
    assert kept.unfinished == "It was stopped before these tickers were done: KO, PG."
    assert kept.summary.failed == 1  # NOPE
    assert result.unfinished == ""


def test_a_sweep_whose_tickers_all_failed_has_failed(request_: SweepRequest) -> None:
    with pytest.raises(RunFailed, match=r"none of the 4 tickers could be compared\. AAPL is too short"):
        join(request_, ((symbol, f"{symbol} is too short") for symbol in ("AAPL", "KO", "PG")))


def test_wins_are_counted_before_and_after_control_and_beside_them_what_chance_makes(result: SweepResult) -> None:
    summary = result.summary
    assert (summary.tickers, summary.failed, summary.tests) == (2, 2, 8)
    assert (summary.better, summary.worse) == (3, 1)  # mean, HAR and GRU on AAPL; HAR on PG
    assert summary.by_chance == pytest.approx(0.2)
    assert summary.controlled == 1  # of 8 p-values 0.001, 0.01, 0.02, 0.04, …: 0.02 · 8 / 3 = 0.053
    assert (summary.networks, summary.over_classical, summary.over_classical_controlled) == (4, 1, 1)
    assert summary.text == (
        "After control of false discoveries, 1 of 4 networks beats its ticker's best classical model before the test by MSE; "
        "before control 1, where chance alone would make about 0.1 (2.5 % of 4). After control, 1 of 8 tests on 2 tickers says "
        "that a model beats the reference, the random walk; before control 3, where chance alone would make about 0.2 (2.5 % "
        "of 8). 2 tickers could not be compared."
    )


def test_a_sweep_that_finds_nothing_says_so_in_words() -> None:
    summary = summarised(judged([ranking({"mean": 0.1, "gru": 0.01}).assign(symbol="KO")]), 0)
    assert summary.text == (
        "After control of false discoveries, none of 1 network beats its ticker's best classical model before the test by MSE; "
        "before control none, where chance alone would make about 0.0 (2.5 % of 1). After control, none of 2 tests on 1 ticker "
        "says that a model beats the reference, the random walk; before control none, where chance alone would make about 0.1 "
        "(2.5 % of 2)."
    )


def test_control_equals_statsmodels_over_all_tickers_and_models() -> None:
    random = np.random.default_rng(5)
    tables = []
    for symbol in "ABCDEF":
        p = dict(zip(MODELS[1:], random.random(4) ** 3, strict=True))
        tables.append(ranking({model: random.normal(0.1, 0.1) for model in p}, p).assign(symbol=symbol))
    rows = judged(tables)
    tested = rows[rows["dm_p"].notna()]
    rejected, corrected, *_ = multipletests(tested["dm_p"], 0.05, "fdr_bh")
    np.testing.assert_allclose(tested["dm_p_bh"], corrected, rtol=1e-12)
    assert tested["beats_controlled"].tolist() == (rejected & (tested["skill"] > 0)).tolist()
    assert 0 < tested["beats_controlled"].sum() < tested["beats"].sum()


def test_of_models_without_skill_hardly_any_remain_after_control() -> None:
    """200 sweeps of 20 tickers × 4 models under the null: 2.5 % look better, and in few sweeps anything remains."""
    random, better, alarms = np.random.default_rng(1), 0, 0
    for _ in range(200):
        skill, p = random.choice((-0.01, 0.01), 80), random.random(80)
        rows = pd.DataFrame({"symbol": np.repeat(np.arange(20), 4), "model": "har", "skill": skill, "skill_classical": 0.0})
        summary = summarised(judged([rows.assign(dm_stat=-skill, dm_p=p, dm_best_p=np.nan)]), 0)
        better, alarms = better + summary.better, alarms + (summary.controlled > 0)
    assert better / 200 == pytest.approx(summary.by_chance, rel=0.15)
    assert alarms <= 0.05 * 200 + 3


def test_variants_say_median_wins_and_how_often_they_come_first(result: SweepResult) -> None:
    table = variants_of(result.rows).set_index("model")
    assert table.loc["gru", ["tickers", "wins", "wins_controlled", "wins_classical", "first"]].tolist() == [2, 1, 0, 1, 1]
    assert table.loc["gru", "median_skill"] == pytest.approx(0.225)
    assert table.loc["mean", ["wins", "wins_controlled", "first"]].tolist() == [1, 1, 1]
    assert table["first"].sum() == 2
    assert table.index[0] == "gru"


def test_counts_are_against_the_reference_of_the_target(result: SweepResult) -> None:
    comparisons = tuple(comparison(symbol, target="volatility") for symbol in ("AAPL", "PG"))
    old = outcome(ranking({"har": 0.3, "gru": 0.4}))
    table = ranking({"har": 0.0, "gru": 0.02}, {"gru": 0.001}).assign(dm_stat=[-1.0, np.nan, 1.0])
    of_har = outcome(table)
    verdict = of_har.verdict.model_copy(update={"reference": "har"})
    of_har = of_har.model_copy(update={"verdict": verdict})
    judged_on(of_har, {"har": 0.5, "gru": 0.1}), judged_on(old, {"gru": 0.1})
    joined = join(SweepRequest(comparisons=comparisons), [("AAPL", of_har), ("PG", old)])
    assert (joined.reference, joined.words["reference"], joined.words["loss"]) == ("har", "HAR", "QLIKE")
    assert "a model beats the reference, HAR" in joined.summary.text
    assert "On 1 ticker without it the random walk is the reference." in joined.summary.text
    assert "HAR" not in variant_table(joined)["Model"].tolist()
    assert list(heat_map(joined).data[0].x) == ["Random walk", "GRU"]


def test_a_sweep_says_how_many_networks_win_by_the_other_losses_too() -> None:
    """GRU of both tickers is right but for six wild days, which MSE weighs most; of the second sweep it is right on all."""
    comparisons = tuple(comparison(symbol, target="volatility") for symbol in ("AAPL", "PG"))
    table = ranking({"har": 0.0, "gru": 0.3}, best_p=0.001)

    def swept(wild: float) -> SweepResult:
        outcomes = [(symbol, outcome(table)) for symbol in ("AAPL", "PG")]
        for _, one in outcomes:
            judged_on(one, {"har": 0.9, "gru": 0.05}, wild)
        return join(SweepRequest(comparisons=comparisons), outcomes)

    once, always = swept(12.0).summary, swept(0.0)
    assert once.over_classical_by_loss == {"qlike": 2, "squared": 0, "qlike-variance": 2, "squared-variance": 0}
    by = "by QLIKE (by MSE none, by QLIKE of r² 2, by MSE of r² none)"
    assert f"{by}, but no model the reference, HAR; before control 2" in once.text
    assert swept(12.0).headline.startswith(
        "after control, 2 of 2 networks beat the best classical model before the test by QLIKE, by the 3 other losses 0 to 2; "
    )
    assert set(always.summary.over_classical_by_loss.values()) == {2}
    assert "by the 3 other losses 2; " in always.headline


def test_a_sweep_of_an_earlier_version_still_opens(result: SweepResult) -> None:
    fields = result.summary.model_dump(exclude={"reference", "loss", "without_reference"})
    rows = result.rows.drop(columns=["skill_classical", "reference"])
    old = SweepResult.from_bytes(result.model_copy(update={"summary": Summary(**fields), "rows": rows}).to_bytes())
    assert (old.reference, old.words["loss"]) == ("random-walk", "MSE")
    assert "Skill over best classical (%)" not in row_table(old)
    assert old.headline == result.headline
    assert heat_map(old).data[0].type == "heatmap"
    assert len(spread(old).data) == 4


def test_a_sweep_is_healthy_where_every_network_gains_over_the_tickers_by_two_standard_errors(result: SweepResult) -> None:
    assert result.standing.health == "in doubt"  # two tickers tell little
    symbols = [f"T{number}" for number in range(8)]
    tables = [ranking({"gru": 0.1 + 0.01 * n}, {"gru": 1e-6}).assign(symbol=symbol) for n, symbol in enumerate(symbols)]
    rows = judged(tables)
    sure = result.model_copy(update={"rows": rows, "variants": variants_of(rows), "summary": summarised(rows, 0)})
    assert sure.standing.health == "healthy"
    assert sure.standing.error == pytest.approx(-0.135)  # skills 0.10 … 0.17 better than the reference
    assert sure.standing.baseline == 0
    chance = judged([table.assign(dm_p=table["dm_p"].where(table["model"] != "gru", 0.3)) for table in tables])
    assert sure.model_copy(update={"rows": chance}).standing.health == "in doubt"


def test_an_undefined_test_is_no_test() -> None:
    rows = judged([ranking({"mean": 0.2}, {"mean": float("nan")}).assign(symbol="KO")])
    assert summarised(rows, 0).tests == 0
    assert not rows["beats"].any()


def test_result_survives_saving_and_its_scores_are_json(result: SweepResult) -> None:
    copy = SweepResult.from_bytes(result.to_bytes())
    for name, table in result.tables.items():
        pd.testing.assert_frame_equal(copy.tables[name], table, check_dtype=False)
    assert copy.headline == result.headline
    assert copy.headline == (
        "after control, 1 of 4 networks beat the best classical model before the test by MSE; 1 of 8 tests say that a model "
        "beats the random walk"
    )
    scores = json.loads(json.dumps(copy.scores, allow_nan=False))
    assert scores["summary"]["controlled"] == 1
    assert (scores["summary"]["reference"], scores["summary"]["loss"]) == ("random-walk", "squared")
    assert scores["summary"]["networks_beat_classical"] is scores["summary"]["beats_reference"] is True
    assert [row["symbol"] for row in scores["failed"]] == ["KO", "NOPE"]


# -- figures -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_heat_map_is_white_at_zero_and_marks_what_remains(result: SweepResult, mode: Any) -> None:
    drawn, words = heat_map(result, mode).data
    assert list(drawn.x) == ["Historical mean", "HAR", "LSTM", "GRU"]
    assert list(drawn.y) == ["PG", "AAPL"]  # drawn from below: the highest median on top
    assert (drawn.zmin, drawn.zmid) == (-drawn.zmax, 0)
    assert list(words.text) == ["10", "−20", "1.0", "5.0", "20*", "30", "−10", "40"]
    assert list(zip(words.y, words.x, strict=True))[:2] == [("PG", "Historical mean"), ("PG", "HAR")]


def test_a_map_of_many_cells_has_the_marks_alone(result: SweepResult) -> None:
    rows = pd.concat([result.rows.assign(symbol=f"{symbol}{n}") for n in range(40) for symbol in "AB"])
    many = result.model_copy(update={"rows": rows.drop_duplicates(["symbol", "model"])})
    cells, marks = heat_map(many).data
    assert set(marks.text) == {"*"}
    assert len(marks.text) == many.rows["beats_controlled"].eq(True).sum()
    assert sum("better after control" in words for words in cells.customdata.ravel()) == len(marks.text)


def test_the_tables_of_the_figures_have_the_skill_that_is_drawn_at_an_edge(result: SweepResult) -> None:
    aapl = result.rows[result.rows["symbol"] == "AAPL"]
    rows = pd.concat([result.rows, *(aapl.assign(symbol=f"T{n}", skill=0.01) for n in range(4))])
    far = rows.assign(skill=rows["skill"].mask((rows["symbol"] == "AAPL") & (rows["model"] == "har"), -90.0))
    skewed = result.model_copy(update={"rows": far})
    assert figure_table(heat_map(skewed)).query("x == 'HAR' and y == 'AAPL'")["z"].tolist() == [-9000]
    assert figure_table(spread(skewed)).query("trace == 'HAR'")["x"].min() == -9000


def test_the_spread_has_a_dot_a_ticker_and_a_bar_a_model(result: SweepResult) -> None:
    drawn = spread(result)
    assert [len(trace.x) for trace in drawn.data] == [2] * 4
    assert sum(shape.y1 - shape.y0 < 1 for shape in drawn.layout.shapes) == 4


def test_tables_name_models_in_words_and_leave_the_random_walk_out(result: SweepResult) -> None:
    assert set(row_table(result)["Model"]) == set(variant_table(result)["Model"]) == {"Historical mean", "HAR", "GRU", "LSTM"}
    assert row_table(result).iloc[0][["Ticker", "Model", "Skill (%)", "Beats"]].tolist() == ["AAPL", "GRU", 40.0, "before"]


# -- all of it ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_sweep_compares_every_ticker_and_tells_what_could_not_be() -> None:
    series = {"A": garch(600), "B": garch(600, seed=1), "C": garch(60)}
    prices = {symbol: prices_of(returns, symbol) for symbol, returns in series.items()}
    contents = {one.digest: one.to_bytes() for one in prices.values()}
    request = sweep_of(
        prices,
        prices.__getitem__,
        lambda one: CompareRequest(symbol=one.symbol, prices=one.digest, test_days=100, **QUICK),
    )
    steps, result = played(run(request, contents))
    assert {progress.phase for progress in steps} == {"0 of 3 done, now A", "1 of 3 done, now B"}
    assert set(result.rows["symbol"]) == {"A", "B"}
    assert set(result.rows["model"]) == {"random-walk", "har", "gru"}
    assert "C has 61 prices" in result.failed["reason"][0]
