"""Value at risk from a panel's forecasts of volatility."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from core.rnn.dataset.target import target_of
from core.rnn.panel.losses import Outcomes
from core.rnn.panel.risk.tails import Tails
from core.rnn.worth.value_at_risk import LEVELS

DAYS, BEFORE, TICKERS = 3_000, 1_000, 3


@pytest.fixture(scope="module")
def tails() -> Tails:
    """Normal returns of a volatility that is known to one model, and a constant to the other."""
    random = np.random.default_rng(0)
    volatility = 0.01 * np.exp(np.cumsum(0.05 * random.standard_normal((DAYS, TICKERS)), axis=0) % 2)
    returns = volatility * random.standard_normal((DAYS, TICKERS))
    returns[2_500:2_520, 1] = np.nan
    sigma = np.sqrt(np.pi / 2)
    units, actual = np.full(TICKERS, 0.02), np.abs(returns)
    outcomes = Outcomes(target_of("volatility"), actual, returns, units, np.full(TICKERS, sigma))
    return Tails(outcomes, {"har": np.full((DAYS, TICKERS), 0.02), "gru-pooled": volatility / sigma}, BEFORE)


def test_who_knows_the_volatility_is_exceeded_as_often_as_it_says_and_has_the_lower_loss(tails: Tails) -> None:
    table = tails.table("har").set_index(["model", "level"])
    for level in LEVELS:
        right, constant = table.loc[("gru-pooled", level)], table.loc[("har", level)]
        assert right["exceeded"] == pytest.approx(level, abs=4 * np.sqrt(level / (DAYS - BEFORE) / TICKERS))
        assert right["rejected"] == 0
        assert constant["rejected"] >= 1
        assert (right["gain"], right["better_on"], right["tickers"]) == (
            pytest.approx(constant["loss"] - right["loss"], rel=0.02),
            3,
            3,
        )
        assert right["p"] < 0.001


def test_the_loss_is_that_of_the_true_tail_but_for_what_the_tail_has_to_be_learned(tails: Tails) -> None:
    """The mean of FZ0 under a normal of known volatility: log of the shortfall, as v / e − E[(v − y)⁺] / (α e) is 1."""
    volatility = tails.points["gru-pooled"][BEFORE:] * np.sqrt(np.pi / 2)
    for level in LEVELS:
        shortfall = stats.norm.pdf(stats.norm.ppf(level)) / level
        there = np.isfinite(tails.outcomes.actual[BEFORE:])
        expected = np.log(shortfall * volatility[there]).mean()
        row = tails.table("har").set_index(["model", "level"]).loc[("gru-pooled", level)]
        assert row["loss"] == pytest.approx(expected, abs=0.12)


def test_other_targets_and_short_panels_have_no_tails(tails: Tails) -> None:
    outcomes = tails.outcomes
    of_returns = Outcomes(target_of("return"), outcomes.returns, outcomes.returns, outcomes.units, outcomes.sigmas)
    assert Tails(of_returns, tails.points, BEFORE).table("har").empty
    short = Tails(outcomes.rows(slice(990, None)), {model: one[990:] for model, one in tails.points.items()}, 10)
    assert short.table("har").empty
