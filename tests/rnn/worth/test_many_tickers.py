from __future__ import annotations

import math

import numpy as np
import pytest

from core.rnn.evaluation.significance import diebold_mariano
from core.rnn.worth.accounts import Terms
from core.rnn.worth.many_tickers import TARGETING_COLUMNS, Tickers, targeting_over_tickers
from core.rnn.worth.targeting import risk_utility

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


def test_risk_utility_is_gained_by_who_knows_the_volatility(tickers: Tickers) -> None:
    table = targeting_over_tickers(tickers, TERMS)
    rows = table.set_index("model")
    assert list(table) == list(TARGETING_COLUMNS)
    utilities = {name: np.full((DAYS - FIRST, 3), np.nan) for name in tickers.volatilities}
    for name, values in tickers.volatilities.items():
        for ticker in range(3):
            before, own = (part[np.isfinite(part)] for part in np.split(tickers.returns[:, ticker], [FIRST]))
            before = before / tickers.volatilities["har"][0, ticker]
            there = np.isfinite(tickers.returns[FIRST:, ticker])
            sizes = np.abs(own) * math.sqrt(np.mean(before**2)) / np.abs(before).mean()
            utilities[name][there, ticker] = risk_utility(values[FIRST:, ticker][there], own, sizes)
    assert rows.risk_utility["gru"] == pytest.approx(np.nanmean(utilities["gru"]), abs=1e-12)
    tested = diebold_mariano(*(np.nanmean(utilities[name], axis=1) for name in ("gru", "har")))
    assert (rows.gain["gru"], rows.p["gru"]) == pytest.approx((tested.difference, tested.p), abs=1e-12)
    assert (rows.gain["gru"] > 0.002, rows.p["gru"] < 0.01, rows.better_on["gru"]) == (True, True, 3)
    assert rows.variation["gru"] < 0.7 * rows.fixed_variation["gru"]


def test_a_forecast_of_nothing_is_taken_as_a_small_one(tickers: Tickers) -> None:
    none = Tickers(tickers.returns, {"har": tickers.volatilities["har"], "walk": np.zeros((DAYS, 3))}, FIRST, "har")
    assert np.isfinite(targeting_over_tickers(none, TERMS).risk_utility).all()
