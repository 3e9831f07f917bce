"""What the forecasts of a panel were worth, from the stored result alone."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.rnn.dataset.target import target_of
from core.rnn.panel.command import answer
from core.rnn.panel.export import REPORT
from core.rnn.panel.result import PanelResult
from core.rnn.panel.risk.worth import worth_of
from core.rnn.panel.tables import performance_table, tail_risk_table, targeting_table
from core.rnn.worth.accounts import HOLD, Terms, account
from core.rnn.worth.portfolio import ManyForecasts, trade_together
from tests.rnn.panel.panels import QUICK, files, panel_result


@pytest.fixture(scope="module")
def result() -> PanelResult:
    return panel_result(files(), trees=False)


def test_sentences_tables_and_json_say_the_same(result: PanelResult) -> None:
    worth = worth_of(result)
    assert worth.risk is not None
    assert "the forecasts of " in worth.sentences[0]
    assert "An account of each ticker held at 15 % volatility" in worth.sentences[2]
    assert "holding these 3 tickers: after costs of 5 basis points" in worth.sentences[1]
    assert len(targeting_table(worth.risk)) == len(worth.risk.targeting)
    tail = tail_risk_table(worth.risk, 0.05).set_index("Model")
    assert len(tail) == len(result.models)
    assert tail.loc["HAR", ["Gain", "p", "Better on"]].tolist() == ["", "", ""]
    assert "The value at risk by the forecasts of " in worth.sentences[3]
    plain = json.loads(json.dumps(answer(result, worth)))["worth"]
    assert plain["text"] == " ".join(worth.sentences)
    assert {row["model"] for row in plain["targeting"]} >= {"har", "random-walk", result.verdict.best_network}


def test_a_report_shows_the_accounts_at_its_cost(result: PanelResult) -> None:
    dear = result.at_cost(50.0)
    assert result.at_cost(50.0) is dear  # kept, with what was made of it
    [said] = REPORT.said(dear).values()
    assert list(said)[:-1] == list(worth_of(dear).sentences)
    assert list(said)[-1] == "A trade costs 50 basis points of what is traded."
    shown = {one.title: one.caption for one in REPORT.figures(dear)}
    assert "at 50 basis points a trade" in shown["Volatility targeting, all tickers together, beside buy-and-hold"]


def test_a_gain_of_the_panel_is_corrected_for_its_models_and_for_other_tests(result: PanelResult) -> None:
    alone, tried = (worth_of(result.corrected_for(others)) for others in (0, 25))
    assert alone.risk is not None
    assert tried.risk is not None
    tests = int(np.isfinite(alone.risk.targeting["p"]).sum())
    assert f" after correction for {tests} models, " in alone.sentences[0]
    assert f" after correction for {tests} models and 26 trials in this lab, " in tried.sentences[0]


def test_returns_are_traded_by_three_rules_and_have_no_volatility_to_keep_to() -> None:
    result = panel_result(files(2), target="return", **(QUICK | {"seeds": 1, "trees": False, "classical": ("ar",)}))
    worth = worth_of(result)
    assert worth.risk is None
    assert {"long-short", "long-flat", "scaled"} <= set(worth.performance["rule"])
    assert worth.sentences == (worth.gained,)
    assert "targeting" not in answer(result, worth)["worth"]


def test_a_cost_changes_the_accounts_of_stored_forecasts_and_nothing_else(result: PanelResult) -> None:
    """Twenty times the cost, twenty times what it takes; the risk that is kept to stays the same."""
    free, five, hundred = (worth_of(result.at_cost(cost)) for cost in (0.0, 5.0, 100.0))
    for worth in (five, hundred):
        assert worth.performance["turnover"].tolist() == free.performance["turnover"].tolist()
    taken = [free.equity.iloc[-1, 1:] - worth.equity.iloc[-1, 1:] for worth in (five, hundred)]
    assert (taken[0] > 0).all()
    assert (taken[1] / taken[0]).to_numpy() == pytest.approx(20, rel=0.2)
    assert "after costs of 100 basis points a trade" in hundred.gained
    shown = performance_table(hundred, "steady-risk")
    assert "Buy-and-hold" in shown["Model"].tolist()


def test_an_account_of_many_tickers_is_the_mean_of_the_accounts_of_each() -> None:
    """The oracle trades each ticker by itself, one of them absent on some days."""
    random = np.random.default_rng(0)
    returns, points = random.normal(0, 0.01, (200, 3)), random.normal(0, 0.01, (200, 3))
    returns[150:155, 2] = np.nan
    dates, terms = np.arange(200).astype("M8[D]"), Terms(10.0)
    many = ManyForecasts(target_of("return"), returns, {"ar": points}, dates, 100, np.full(3, np.nan))
    performance, equity = trade_together(many, terms, 0, {})
    nets = np.full((100, 3), np.nan)
    for ticker in range(3):
        there = np.flatnonzero(np.isfinite(returns[100:, ticker]))
        one = account(np.sign(points[100 + there, ticker]), returns[100 + there, ticker], terms)
        nets[there[1:], ticker] = one.net
    expected = np.cumprod(1 + np.nanmean(nets[1:], axis=1))
    assert equity["ar long-short"].to_numpy() == pytest.approx(expected)
    assert equity["date"].to_numpy().astype("M8[D]").tolist() == dates[101:].tolist()
    held = np.nanmean(np.expm1(returns[101:]), axis=1)
    assert equity[f"{HOLD} hold"].iloc[-1] / equity[f"{HOLD} hold"].iloc[0] == pytest.approx(np.prod(1 + held[1:]), rel=1e-3)
    assert performance.set_index("rule").loc["long-short", "invested"] == pytest.approx(1, abs=0.02)


def test_the_scaled_rule_knows_no_more_than_the_days_before() -> None:
    random = np.random.default_rng(1)
    returns, points = random.normal(0, 0.01, (120, 1)), random.normal(0, 0.001, (120, 1))
    later = returns.copy()
    later[110:] *= 3
    before, after = (
        ManyForecasts(target_of("return"), one, {"ar": points}, np.arange(120).astype("M8[D]"), 60, np.full(1, np.nan))
        .positions("ar", "scaled", 0, Terms())
        for one in (returns, later)
    )  # fmt: skip
    assert before[:51].tolist() == after[:51].tolist()
    assert before[51:].tolist() != after[51:].tolist()
