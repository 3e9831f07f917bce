from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from core.rnn.dataset.target import TARGETS, Target, target_of
from core.rnn.worth.accounts import HOLD, RULES, Signal, Terms, account, drawdown
from core.rnn.worth.performance import trade
from core.rnn.worth.sharpe import deflated_sharpe, sharpe
from tests.rnn.tables import forecast_table

FREE = Terms(cost_bp=0)
NOTHING = np.zeros(3)
NORMAL = math.sqrt(math.pi / 2)  # standard deviation over mean size of a normal return


def positions(rule: str, target: Target, forecast: np.ndarray, volatility: np.ndarray, sigma: float = math.nan) -> np.ndarray:
    return RULES[rule].position(Signal(forecast, volatility, target, sigma, FREE))


def test_positions_follow_the_sign_of_a_forecast_return() -> None:
    forecasts, volatility = np.array([0.001, -0.002, 0.0]), np.full(3, 0.01)
    np.testing.assert_array_equal(positions("long-short", target_of(), forecasts, volatility), [1, -1, 0])
    np.testing.assert_array_equal(positions("long-flat", target_of(), forecasts, volatility), [1, 0, 0])


def test_scaled_positions_are_those_of_a_mean_variance_investor_within_the_account() -> None:
    forecasts = positions("scaled", target_of(), np.array([0.00015, -0.00015, 0.01]), np.array([0.01, 0.02, 0.01]))
    np.testing.assert_allclose(forecasts, [0.5, -0.125, 1])  # 0.00015 / (3 · 0.0001)


def test_positions_follow_a_probability_around_one_half() -> None:
    forecasts, target = np.array([0.6, 0.1, 0.5]), target_of("direction")
    np.testing.assert_array_equal(positions("long-short", target, forecasts, NOTHING), [1, -1, 0])
    np.testing.assert_array_equal(positions("long-flat", target, forecasts, NOTHING), [1, 0, 0])
    np.testing.assert_allclose(positions("scaled", target, forecasts, NOTHING), [0.2, -0.8, 0])


def test_steady_risk_holds_less_on_wild_days() -> None:
    daily = 0.15 / math.sqrt(252)
    forecasts = daily * math.sqrt(2 / math.pi) * np.array([2.0, 1.0, 0.5])  # mean sizes of normal moves
    np.testing.assert_allclose(positions("steady-risk", target_of("volatility"), forecasts, NOTHING, NORMAL), [0.5, 1, 1])
    ranged = target_of("volatility", "parkinson")
    np.testing.assert_allclose(positions("steady-risk", ranged, daily * np.array([2.0, 4, 0]), NOTHING, 1.0), [0.5, 0.25, 1])


def test_an_account_by_hand() -> None:
    returns = np.log([1.5, 1.1, 0.8, 1.2])
    result = account(np.array([1.0, -1, 0.5, 9]), returns, Terms(cost_bp=100, delay=1))
    np.testing.assert_array_equal(result.position, [1, -1, 0.5])  # wanted on days 0, 1, 2; held on days 1, 2, 3
    np.testing.assert_array_equal(result.turnover, [1, 2, 1.5])
    np.testing.assert_allclose(result.net, [0.1 - 0.01, 0.2 - 0.02, 0.1 - 0.015])
    np.testing.assert_allclose(result.equity, np.cumprod([1.09, 1.18, 1.085]))


def test_without_delay_a_forecast_earns_its_own_day() -> None:
    result = account(np.array([1.0, -1]), np.log([1.1, 0.9]), Terms(cost_bp=0, delay=0))
    np.testing.assert_allclose(result.net, [0.1, 0.1])


def test_a_ruined_account_stays_ruined() -> None:
    result = account(np.full(4, -1.0), np.log([1, 2.5, 0.5, 0.5]), FREE)
    np.testing.assert_array_equal(result.equity, [0, 0, 0])


def test_positions_and_returns_of_different_days_are_refused() -> None:
    with pytest.raises(ValueError, match="3 positions and 2 returns"):
        account(np.ones(3), np.ones(2), FREE)
    with pytest.raises(ValueError, match="more than 1"):
        account(np.ones(1), np.ones(1), FREE)


def test_drawdown_by_hand() -> None:
    assert drawdown(np.array([1.1, 0.88, 1.2, 1.08])) == pytest.approx(-0.2)
    assert drawdown(np.array([0.9, 1.0])) == pytest.approx(-0.1)  # from the start
    assert drawdown(np.array([1.1, 1.2])) == 0


@pytest.fixture
def returns() -> pd.Series:
    days = np.busday_offset("2022-12-30", np.arange(-399, 1)).astype("datetime64[s]")
    return pd.Series(0.01 * np.random.default_rng(0).standard_normal(400), index=days)


def table_of(returns: pd.Series, seeds: int = 2, days: int = 200) -> pd.DataFrame:
    actual = returns.to_numpy()[-days:]
    gru = 0.3 * actual + 0.003 * np.random.default_rng(1).standard_normal((seeds, days))
    return forecast_table(actual, {"random-walk": 0 * actual, "gru": gru})


def test_every_model_trades_by_every_rule_beside_buy_and_hold(returns: pd.Series) -> None:
    performance, equity = trade(table_of(returns), returns, target_of(), Terms())
    rules = {(row.model, row.rule) for row in performance.itertuples()}
    assert rules == {(model, rule) for model in ("random-walk", "gru") for rule in target_of().rules} | {(HOLD, "hold")}
    assert list(equity) == ["date", *(f"{row.model} {row.rule}" for row in performance.itertuples())]
    assert len(equity) == 199
    assert {rule for target in TARGETS.values() for rule in target.rules} == set(RULES)


def test_buying_and_holding_earns_the_market_less_one_purchase(returns: pd.Series) -> None:
    performance, equity = trade(table_of(returns), returns, target_of(), Terms(cost_bp=20))
    market = np.exp(returns.to_numpy()[-199:].sum())
    first = np.expm1(returns.to_numpy()[-199])
    assert equity[f"{HOLD} hold"].iloc[-1] == pytest.approx(market * (1 - 0.002 / (1 + first)))
    hold = performance.set_index("model").loc[HOLD]
    assert (hold.invested, hold.turnover) == pytest.approx((1, 252 / 199))
    assert hold.growth == pytest.approx(equity[f"{HOLD} hold"].iloc[-1] - 1)


def test_who_forecasts_nothing_trades_nothing(returns: pd.Series) -> None:
    performance, equity = trade(table_of(returns), returns, target_of(), Terms())
    walk = performance[performance.model == "random-walk"]
    assert (walk.growth == 0).all()
    assert (walk.turnover == 0).all()
    assert walk[["sharpe", "sharpe_low", "psr", "dsr"]].isna().all(axis=None)
    assert (equity["random-walk long-short"] == 1).all()


def test_later_forecasts_leave_earlier_equity_as_it_was(returns: pd.Series) -> None:
    forecasts = table_of(returns)
    other, later = forecasts.copy(), forecasts["date"] > forecasts["date"].iloc[100]
    other.loc[later, "forecast"] *= -7
    (_, before), (_, after) = (trade(table, returns, target_of(), Terms()) for table in (forecasts, other))
    pd.testing.assert_frame_equal(before.iloc[:101], after.iloc[:101], check_exact=True)  # positions change a day later
    assert before["gru long-short"].iloc[-1] != after["gru long-short"].iloc[-1]


def test_later_returns_leave_earlier_equity_as_it_was(returns: pd.Series) -> None:
    other = returns.copy()
    other.iloc[-50:] = 0.2
    (_, before), (_, after) = (trade(table_of(returns), series, target_of(), Terms()) for series in (returns, other))
    pd.testing.assert_frame_equal(before.iloc[:-50], after.iloc[:-50], check_exact=True)
    assert before["gru scaled"].iloc[-1] != after["gru scaled"].iloc[-1]


def test_a_forecast_of_the_day_itself_is_worthless_a_day_later(returns: pd.Series) -> None:
    perfect = forecast_table(returns.to_numpy()[-200:], {"gru": returns.to_numpy()[-200:]})
    at_once, late = (trade(perfect, returns, target_of(), Terms(delay=delay))[0].iloc[0].sharpe for delay in (0, 1))
    assert at_once > 15
    assert abs(late) < 3


def test_costs_are_turnover_times_price(returns: pd.Series) -> None:
    free, dear = (trade(table_of(returns, 1), returns, target_of(), Terms(cost_bp=cost))[0].iloc[3] for cost in (0, 10))
    assert (free.model, free.rule, free.turnover) == ("gru", "long-short", dear.turnover)
    assert math.log1p(free.growth) - math.log1p(dear.growth) == pytest.approx(free.turnover * 199 / 252 * 0.001, rel=0.05)


def test_a_model_trades_the_mean_forecast_of_its_seeds(returns: pd.Series) -> None:
    table = table_of(returns, seeds=3)
    mean = table[table.model == "gru"].groupby("date", as_index=False).forecast.mean()
    alone = table[(table.model == "gru") & (table.seed == 0)].reset_index(drop=True).assign(forecast=mean.forecast)
    (both, _), (one, _) = (trade(each, returns, target_of(), Terms()) for each in (table, alone))
    both, one = (each[each.model == "gru"].set_index("rule") for each in (both, one))
    assert (both.seeds == 3).all()
    for name in ("growth", "annual", "volatility", "sharpe", "turnover", "drawdown", "gain"):
        pd.testing.assert_series_equal(both[name], one[name])
    assert (both.sharpe_low < both.sharpe).all()
    assert (both.sharpe < both.sharpe_high).all()


def test_an_account_that_is_never_short_is_judged_against_buy_and_hold() -> None:
    """A random walk that is always invested would have been "sure" by a Sharpe ratio against 0: that is the market."""
    returns = market(0.0012)
    sizes = np.abs(returns.to_numpy()[-600:])
    table = forecast_table(sizes, {"har": np.full(600, 0.02), "gru": np.full(600, 0.01)})
    steady = trade(table, returns, target_of("volatility"), Terms(cost_bp=0), sigma=NORMAL)[0].set_index("model")
    assert deflated_sharpe(np.expm1(returns.to_numpy()[-600:]), 1, 1.0) > 0.95
    assert math.isnan(steady.psr[HOLD])
    assert steady.gain[["har", "gru"]].abs().max() < 1e-9
    assert steady.psr[["har", "gru"]].isna().all()


def test_the_gain_on_buy_and_hold_is_the_difference_of_sharpe_ratios() -> None:
    returns = market(0.0)
    actual = returns.to_numpy()[-600:]
    rows, curves = trade(forecast_table(actual, {"gru": np.roll(actual, -1)}), returns, target_of(), Terms(cost_bp=0))
    one, hold = (curves[name].pct_change().dropna().to_numpy() for name in ("gru long-flat", f"{HOLD} hold"))
    flat = rows[rows.rule == "long-flat"].iloc[0]
    assert flat.gain == pytest.approx(math.sqrt(252) * (sharpe(one) - sharpe(hold)), rel=0.02)
    assert flat.gain_p < 1e-6
    assert flat.psr > 0.999


def market(mean: float) -> pd.Series:
    days = np.busday_offset("2022-12-30", np.arange(-799, 1)).astype("datetime64[s]")
    return pd.Series(mean + 0.01 * np.random.default_rng(0).standard_normal(800), index=days)


def test_more_trials_deflate_the_sharpe_ratio_and_nothing_else(returns: pd.Series) -> None:
    few, many = (trade(table_of(returns), returns, target_of(), Terms(), trials=count)[0] for count in (0, 10_000))
    pd.testing.assert_frame_equal(few.drop(columns="dsr"), many.drop(columns="dsr"))
    gru = few.model == "gru"
    assert (many.dsr[gru] < few.dsr[gru]).all()
    assert (few.dsr[gru] <= few.psr[gru]).all()


def test_volatility_and_direction_are_traded_by_their_own_rules(returns: pd.Series) -> None:
    sizes = np.abs(returns.to_numpy()[-200:])
    steady = trade(forecast_table(sizes, {"har": np.full(200, 0.02)}), returns, target_of("volatility"), FREE, sigma=1.41)[0]
    assert steady.rule.tolist() == ["steady-risk", "hold"]
    assert steady.invested[0] == pytest.approx(0.15 / math.sqrt(252) / (0.02 * 1.41))
    odds = trade(
        forecast_table((returns.to_numpy()[-200:] > 0), {"gru": np.full(200, 0.75)}), returns, target_of("direction"), FREE
    )[0]
    assert odds.invested.tolist() == [1, 1, 0.5, 1]


def test_only_the_next_day_is_traded(returns: pd.Series) -> None:
    table = table_of(returns)
    both = pd.concat([table, table.assign(step=2, forecast=-5.0)])
    pd.testing.assert_frame_equal(trade(both, returns, target_of(), Terms())[1], trade(table, returns, target_of(), Terms())[1])
