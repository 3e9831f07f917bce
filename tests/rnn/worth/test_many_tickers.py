from __future__ import annotations

import math

import numpy as np
import pytest

from core.rnn.evaluation.significance import diebold_mariano
from core.rnn.worth.accounts import Terms
from core.rnn.worth.many_tickers import TAIL_COLUMNS, TARGETING_COLUMNS, Tickers, tail_over_tickers, targeting_over_tickers
from core.rnn.worth.targeting import risk_utility
from core.rnn.worth.value_at_risk import filtered

DAYS, FIRST = 900, 300
TERMS = Terms()


@pytest.fixture(scope="module")
def tickers() -> Tickers:
    """Three tickers whose volatility moves together; one is listed late. "gru" knows it, "har" its mean."""
    random = np.random.default_rng(0)
    volatility = 0.012 * np.exp(0.8 * np.sin(np.arange(DAYS) / 40))[:, None] * np.array([1.0, 1.5, 2.0])
    returns = volatility * random.standard_normal((DAYS, 3))
    returns[:120, 2] = np.nan
    returns[500, 1] = np.nan  # does not trade
    flat = np.broadcast_to(np.array([0.012, 0.018, 0.024]) * 1.2, volatility.shape)
    return Tickers(returns, {"har": flat, "gru": volatility}, FIRST, "har")


def test_every_ticker_is_judged_by_itself_and_days_are_averaged_before_the_test(tickers: Tickers) -> None:
    rows = tail_over_tickers(tickers, (0.05,)).set_index("model")
    losses = {model: np.full((DAYS - FIRST, 3), np.nan) for model in tickers.volatilities}
    shares = []
    for model, values in tickers.volatilities.items():
        for ticker in range(3):
            there = np.isfinite(tickers.returns[:, ticker])
            own, forecast = tickers.returns[there, ticker], values[there, ticker]
            test = int(there[:FIRST].sum())
            risk = filtered(own[test:], 0 * own[test:], forecast[test:], own[:test] / forecast[:test], 0.05)
            losses[model][there[FIRST:], ticker] = risk.losses(own[test:])
            shares.append((model, risk.exceeded(own[test:]).mean()))
    tested = diebold_mariano(*(np.nanmean(losses[model], axis=1) for model in ("gru", "har")))
    assert list(tail_over_tickers(tickers)) == list(TAIL_COLUMNS)
    assert rows.gain["gru"] == pytest.approx(-tested.difference, abs=1e-12)
    assert rows.p["gru"] == pytest.approx(tested.p, abs=1e-12)
    assert rows.exceeded["gru"] == pytest.approx(np.mean([share for model, share in shares if model == "gru"]), abs=1e-12)
    assert rows.loss["har"] == pytest.approx(np.nanmean(losses["har"]), abs=1e-12)
    assert (rows.gain["gru"] > 0, rows.better_on["gru"], rows.rejected["gru"] <= 1) == (True, 3, True)
    assert rows[["gain", "p", "better_on"]].loc["har"].isna().all()


def test_a_level_leaves_out_tickers_with_too_few_days_before_the_test(tickers: Tickers) -> None:
    late = Tickers(tickers.returns[110:], {name: one[110:] for name, one in tickers.volatilities.items()}, 109, "har")
    rows = tail_over_tickers(late).groupby("level").tickers.first()
    assert rows.to_dict() == {0.01: 2, 0.05: 3}


def test_risk_utility_is_gained_by_who_knows_the_volatility(tickers: Tickers) -> None:
    table = targeting_over_tickers(tickers, TERMS)
    rows = table.set_index("model")
    assert list(table) == list(TARGETING_COLUMNS)
    utilities = []
    for ticker in range(3):
        before, own = (part[np.isfinite(part)] for part in np.split(tickers.returns[:, ticker], [FIRST]))
        known = tickers.volatilities["gru"][FIRST:, ticker][np.isfinite(tickers.returns[FIRST:, ticker])]
        utilities.append(risk_utility(known, own, np.abs(own) * math.sqrt(np.mean(before**2)) / np.abs(before).mean()))
    assert rows.risk_utility["gru"] == pytest.approx(np.concatenate(utilities).mean(), abs=1e-12)
    assert (rows.gain["gru"] > 0.002, rows.p["gru"] < 0.01, rows.better_on["gru"]) == (True, True, 3)
    assert rows.variation["gru"] < 0.7 * rows.fixed_variation["gru"]


def test_a_forecast_of_nothing_is_taken_as_a_small_one(tickers: Tickers) -> None:
    none = Tickers(tickers.returns, {"har": tickers.volatilities["har"], "walk": np.zeros((DAYS, 3))}, FIRST, "har")
    assert np.isfinite(targeting_over_tickers(none, TERMS).risk_utility).all()
