from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.rnn.dataset.target import target_of
from core.rnn.evaluation.significance import diebold_mariano
from core.rnn.words import true_minus
from core.rnn.worth.accounts import Terms
from core.rnn.worth.one_step import OneStep, Predicted
from core.rnn.worth.overfitting import Overfitting
from core.rnn.worth.performance import trade
from core.rnn.worth.report import Worth, nets_of, overfitting_of, worth
from core.rnn.worth.sentences import Speaker, in_words, overfitting_in_words
from core.rnn.worth.tail_table import tail_table
from core.rnn.worth.targeting import risk_utility, targeted
from core.rnn.worth.value_at_risk import filtered, standardised_before
from core.runs.result import rows_of
from tests.rnn.tables import forecast_table

DAYS = 700  # of the test, after 800 others
TERMS = Terms()
SAME = "That the forecasts of GRU were worth more to an investor than those of HAR could not be shown: "


def calm_and_wild() -> tuple[np.ndarray, np.ndarray]:
    """Volatility (1500,) that swings slowly, and returns of it."""
    volatility = 0.012 * np.exp(np.sin(np.arange(1500) / 40))
    return volatility, volatility * np.random.default_rng(2).standard_normal(1500)


def series(returns: np.ndarray) -> pd.Series:
    days = np.busday_offset("2022-12-30", np.arange(-len(returns) + 1, 1)).astype("datetime64[s]")
    return pd.Series(returns, days)


@pytest.fixture(scope="module")
def steady() -> Worth:
    """The GRU knows the volatility, HAR only its mean; two seeds are wrong in opposite directions."""
    volatility, returns = calm_and_wild()
    sizes = volatility[-DAYS:] * math.sqrt(2 / math.pi)
    forecasts = {"har": np.full(DAYS, sizes.mean()), "gru": np.stack([0.9 * sizes, 1.1 * sizes])}
    return report_of(forecast_table(np.abs(returns[-DAYS:]), forecasts), returns, "volatility", math.sqrt(math.pi / 2))


def report_of(
    forecasts: pd.DataFrame, returns: np.ndarray, target: str, sigma: float = math.nan, terms: Terms = TERMS
) -> Worth:
    row, by_date = target_of(target), series(returns)
    performance, equity = trade(forecasts, by_date, row, terms, sigma=sigma)
    return worth(OneStep.of(forecasts, by_date, row, sigma), performance, equity, row.reference, terms)


def test_a_committee_is_the_mean_of_its_seeds_in_every_table(steady: Worth) -> None:
    volatility, returns = calm_and_wild()
    true, earned = volatility[-DAYS:], returns[-DAYS:]
    gru = steady.targeting.set_index("model").loc["gru"]
    assert gru.low == pytest.approx(targeted(true, earned, TERMS).steadiness.low)
    before = standardised_before(returns[:-DAYS])
    sizes = np.abs(earned) * np.sqrt(np.mean(before**2)) / np.abs(before).mean()
    assert gru.risk_utility == pytest.approx(risk_utility(true, earned, sizes).mean())
    assert set(steady.tail.model) == {"har", "gru"}


def test_a_forecaster_of_the_true_volatility_is_worth_more_than_its_reference(steady: Worth) -> None:
    gru, har = (steady.targeting.set_index("model").loc[model] for model in ("gru", "har"))
    assert gru.risk_utility_gain > 0.003
    assert gru.risk_utility_gain_p < 0.01
    assert math.isnan(har.risk_utility_gain)
    assert gru.variation < 0.7 * gru.fixed_variation
    tail = steady.tail.set_index(["model", "level"])
    assert tail.loc[("gru", 0.05), "christoffersen_p"] > 0.05
    assert tail.loc[("har", 0.05), "independence_p"] < 0.05
    assert tail.loc[("gru", 0.05), "gain_p"] < 0.01 < 0.01 + tail.loc[("gru", 0.05), "gain"]


def test_a_gain_in_tail_loss_is_tested_against_the_losses_of_the_reference() -> None:
    volatility, returns = calm_and_wild()
    earlier = np.random.default_rng(3).standard_normal(400)
    predicted = {"a": Predicted(np.zeros(DAYS), volatility[-DAYS:]), "b": Predicted(np.zeros(DAYS), np.full(DAYS, 0.015))}
    rows = tail_table(predicted, returns[-DAYS:], earlier, "b").set_index(["model", "level"])
    losses = {
        name: filtered(returns[-DAYS:], one.expected, one.volatility, earlier, 0.01).losses(returns[-DAYS:])
        for name, one in predicted.items()
    }
    tested = diebold_mariano(losses["a"], losses["b"])
    assert rows.loc[("a", 0.01), "gain"] == pytest.approx(-tested.difference, abs=1e-12)
    assert rows.loc[("a", 0.01), "gain_p"] == pytest.approx(tested.p, abs=1e-12)
    assert rows.loc[("a", 0.01), "expected"] == 7
    few = tail_table(predicted, returns[-DAYS:], earlier[:50], "b")
    assert few.level.unique().tolist() == [0.05]  # 50 days have no value that one of a hundred falls below


def test_a_forecast_return_is_the_centre_of_a_distribution_and_a_probability_has_none() -> None:
    _, returns = calm_and_wild()
    actual = returns[-DAYS:]
    days = OneStep.of(forecast_table(actual, {"mean": np.full(DAYS, 0.001)}), series(returns), target_of(), math.nan)
    np.testing.assert_array_equal(days.predicted["mean"].expected, np.full(DAYS, 0.001))
    squares = pd.Series(returns**2).ewm(alpha=0.06, adjust=False).mean().to_numpy()
    np.testing.assert_allclose(days.predicted["mean"].volatility, np.sqrt(squares[-DAYS - 1 : -1]))
    odds = report_of(forecast_table(actual > 0, {"mean": np.full(DAYS, 0.55)}), returns, "direction")
    assert odds.tables == {}
    assert odds.plain["tail"] == []


def test_a_forecast_of_no_volatility_is_taken_as_a_small_one() -> None:
    _, returns = calm_and_wild()
    table = forecast_table(np.abs(returns[-DAYS:]), {"random-walk": np.zeros(DAYS)})
    days = OneStep.of(table, series(returns), target_of("volatility"), 1.25)
    np.testing.assert_allclose(days.volatility("random-walk"), 0.05 * returns[:-DAYS].std())


def test_the_sentences_say_what_was_gained_and_what_was_not(steady: Worth) -> None:
    said = in_words(steady, Speaker("KO", "gru", TERMS))
    assert said[0].startswith("To an investor the forecasts of GRU were worth more than those of HAR: +")
    assert said[1].startswith("No account that trades on these forecasts surely gained on holding KO")
    assert " models, one each) had a higher Sharpe ratio than" in said[1]
    assert ". That of GRU had " in said[1]
    assert " by volatility targeting (" in said[1]
    assert said[2].startswith("Held at 15 % volatility a year by the forecasts of GRU, the account's risk stayed between ")
    assert "nothing speaks against it" in said[3]
    of_reference = in_words(steady, Speaker("KO", "har", TERMS))
    assert not any("those of HAR" in one.lower() or "as well" in one for one in of_reference)
    assert any("wrong about the risk" in one for one in of_reference)


def test_where_the_reference_is_as_good_the_sentence_says_so() -> None:
    volatility, returns = calm_and_wild()
    sizes = volatility[-DAYS:] * math.sqrt(2 / math.pi)
    noisy = sizes * np.exp(0.01 * np.random.default_rng(4).standard_normal(DAYS))
    report = report_of(forecast_table(np.abs(returns[-DAYS:]), {"har": sizes, "gru": noisy}), returns, "volatility", 1.25)
    assert in_words(report, Speaker("KO", "gru", TERMS))[0].startswith(SAME)


def test_who_knows_tomorrow_gains_on_holding_and_many_trials_take_that_back() -> None:
    returns = 0.01 * np.random.default_rng(5).standard_normal(1500)
    actual = returns[-DAYS:]
    knows = 0.4 * np.roll(actual, -1) + 0.01 * np.random.default_rng(6).standard_normal(DAYS)
    report = report_of(forecast_table(actual, {"random-walk": 0 * actual, "gru": knows}), returns, "return")
    [sentence] = [one for one in in_words(report, Speaker("KO", "gru", TERMS, 9)) if one.startswith("Trading")]
    assert sentence.startswith("Trading on the forecasts of GRU, ")
    assert "after correction for 6 accounts and 9 trials in this lab" in sentence
    [tired] = [one for one in in_words(report, Speaker("KO", "gru", TERMS, 10**9)) if one.startswith("No account")]
    assert "surely gained on holding KO" in tired
    assert "of 6 accounts (2 models by 3 rules) had a higher Sharpe ratio than" in tired
    traded = report.performance[report.performance["model"] == "gru"]
    for rule in ("long-short", "long-flat", "scaled"):  # whichever of them the screen shows
        [own] = rows_of(traded[traded["rule"] == rule])
        said = f"{own['sharpe']:.2f} by {rule.replace('-', ' ')} ({own['gain']:+.2f} against holding, "
        assert true_minus(said) in tired


def test_a_gain_in_steadiness_is_corrected_for_the_models_and_for_other_trials(steady: Worth) -> None:
    alone = in_words(steady, Speaker("KO", "gru", TERMS))[0]
    p = float(steady.targeting.set_index("model").loc["gru", "risk_utility_gain_p"])
    trials = math.ceil(math.log(1 - 0.2) / math.log1p(-p))  # so many that Šidák's p is 0.2
    tried = in_words(steady, Speaker("KO", "gru", TERMS, trials))[0]
    assert "were worth more than those of HAR" in alone
    assert tried.startswith(SAME)
    assert f"p = 0.20 after correction for {len(steady.targeting) - 1} model" in tried
    assert f" and {trials:,} trials in this lab" in tried


@pytest.mark.parametrize(("model", "whose"), [("gru", ", all of GRU"), ("random-walk", "")])
def test_who_surely_lost_against_holding_is_said(model: str, whose: str) -> None:
    """A market that rises every other day, an account that changes sides daily and pays half a percent each time."""
    random = np.random.default_rng(8)
    returns = 0.002 + 0.004 * random.standard_normal(1500)
    flips = 0.01 * (-1.0) ** np.arange(DAYS)
    dear = Terms(50.0)
    forecasts = forecast_table(returns[-DAYS:], {"random-walk": 0 * flips, "gru": flips})
    report = report_of(forecasts, returns, "return", terms=dear)
    [sentence] = [one for one in in_words(report, Speaker("KO", model, dear)) if one.startswith("No account")]
    assert f"surely did worse than holding{whose} (p < 0.05 after correction for 6 accounts). " in sentence


def test_the_one_chosen_by_its_past_is_held_against_holding() -> None:
    chosen = Overfitting(0.02, 9, 16, 12870, 0.9, behind=0.93)
    said = overfitting_in_words(chosen)
    assert "better than drawing lots, but the one chosen had a lower Sharpe ratio than holding in 93 % of them" in said
    assert "lots, and the one chosen had" in overfitting_in_words(replace(chosen, probability=0.5))
    assert overfitting_in_words(replace(chosen, behind=None)).endswith("better than drawing lots.")


@pytest.mark.parametrize(("probability", "outcome"), [(0.39, "was better"), (0.399, "was no better"), (0.44, "was no better")])
def test_what_choosing_was_worth_is_said_beside_what_drawing_lots_gives(probability: float, outcome: str) -> None:
    """The word follows from the percentage that is shown."""
    said = overfitting_in_words(Overfitting(probability, 9, 16, 12870, 0.5))
    assert f"in {100 * probability:.0f} % of all halvings (drawing lots gives 50 %; only below 40 %, a convention" in said
    assert f"choosing by past gains {outcome} than drawing lots" in said


def test_overfitting_is_of_different_accounts_that_trade() -> None:
    days = pd.date_range("2020-01-01", periods=160)
    random = np.random.default_rng(7)
    curves = {name: np.cumprod(1 + 0.01 * random.standard_normal(160)) for name in ("gru a", "gru b", "buy-and-hold hold")}
    equity = pd.DataFrame({"date": days, **curves, "har a": curves["gru a"], "random-walk a": np.ones(160)})
    chosen = overfitting_of(equity)
    assert chosen is not None
    assert chosen.candidates == 2
    np.testing.assert_allclose((1 + nets_of(equity)).cumprod()["gru b"], curves["gru b"])
    assert overfitting_of(equity[["date", "gru a", "har a"]]) is None
    assert nets_of(pd.DataFrame({"date": days[:3], "x a": [0.5, 0.0, 0.0]}))["x a"].tolist() == [-0.5, -1.0, 0.0]
