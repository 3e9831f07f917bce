"""What a day is worth in a year: σ of forecast sizes, and Sharpe ratios of files that are not daily."""

from __future__ import annotations

import numpy as np
import pytest

from core.rnn import CompareRequest, CompareResult, compare
from core.rnn.compare.look_ahead import Ahead
from core.rnn.compare.tables import ahead_table
from core.rnn.compare.valuation import Valuation
from core.rnn.compare.valued_result import valued
from core.rnn.compare.views import ahead_of, sigma_a_year
from core.rnn.dataset.level import size_to_sigma
from core.rnn.dataset.target import target_of
from core.rnn.prices.calendars import periods_a_year
from core.rnn.prices.csv_file import read_csv
from core.rnn.prices.prices import Prices
from core.rnn.prices.samples import fetch
from core.rnn.prices.weeks import weekly
from tests.rnn.series import garch, prices_of, with_ranges


def compared(prices: Prices, **settings: object) -> CompareResult:
    fields = {"symbol": prices.symbol, "prices": prices.digest, "cells": (), "classical": ("mean", "har"), "test_days": 100}
    return compare(CompareRequest(**fields | settings), prices)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def result() -> CompareResult:
    return compared(with_ranges(prices_of(garch(600))), target="volatility", horizon=2)


def file_of(prices: Prices) -> Prices:
    rows = [f"{day},{close:.10f}" for day, close in zip(prices.days, prices.close, strict=True)]
    return read_csv("prices.csv", "\n".join(["Date,Close", *rows]).encode())


def by_levels(returns: np.ndarray, sizes: np.ndarray) -> float:
    """√(Σ r² / Σ l²), day by day."""
    level, moved, expected = sizes.mean(), 0.0, 0.0
    for move, size in zip(returns, sizes, strict=True):
        moved, expected = moved + move**2, expected + level**2
        level = max(0.94 * level + 0.06 * size, 0.05 * sizes.mean())
    return float(np.sqrt(moved / expected))


def test_the_factor_from_size_to_sigma_is_fitted_on_the_training_days(result: CompareResult) -> None:
    train = np.diff(np.log(result.close))[: result.splits.train_end]
    assert result.sigma == pytest.approx(by_levels(train, np.abs(train)), rel=1e-9)
    assert result.sigma != pytest.approx(np.sqrt(np.pi / 2), rel=1e-3)


NOISE = 0.06 / 1.94 * (np.pi / 2 - 1)  # of the level of normal returns: its variance over its squared mean


@pytest.mark.parametrize("calm", [1.0, 0.1])
def test_calm_and_wild_times_do_not_make_the_factor_larger(calm: float) -> None:
    random = np.random.default_rng(3)
    returns = 0.01 * random.standard_normal(40_000) * np.repeat([1.0, calm], 20_000)
    assert size_to_sigma(returns, np.abs(returns)) == pytest.approx(np.sqrt(np.pi / 2 / (1 + NOISE)), rel=0.005)


def test_the_factor_of_a_garch_is_that_of_its_shocks() -> None:
    random, variance, returns = np.random.default_rng(5), 1e-4, []
    shocks = random.standard_t(5, 60_000) * np.sqrt(3 / 5)  # variance 1
    for shock in shocks:
        returns.append(np.sqrt(variance) * shock)
        variance = 1e-6 + 0.1 * returns[-1] ** 2 + 0.89 * variance
    moves, exact = np.array(returns), 1 / np.abs(shocks).mean()
    assert size_to_sigma(moves, np.abs(moves)) == pytest.approx(exact, rel=0.04)
    assert np.sqrt((moves**2).mean()) / np.abs(moves).mean() > 1.1 * exact  # of a day of which nothing is known


def test_years_without_a_trade_and_one_fall_do_not_decide_the_factor() -> None:
    returns = 0.02 * np.random.default_rng(7).standard_normal(5_000)
    returns[100:400], returns[400] = 0.0, -0.5
    assert size_to_sigma(returns, np.abs(returns)) == pytest.approx(np.sqrt(np.pi / 2), rel=0.1)
    assert np.isnan(size_to_sigma(np.zeros(5), np.zeros(5)))


def test_a_result_of_before_takes_the_factor_from_its_closes(result: CompareResult) -> None:
    old = CompareResult.from_bytes(result.model_copy(update={"sigma": float("nan")}).to_bytes())
    assert np.isnan(old.sigma)
    assert old.size_to_sigma == pytest.approx(result.sigma, rel=1e-12)
    by_ranges = old.model_copy(update={"measure": "parkinson"})
    assert by_ranges.size_to_sigma == 1.0
    assert np.isnan(old.model_copy(update={"target": "return"}).size_to_sigma)


def test_a_measure_by_ranges_has_a_factor_of_its_own(result: CompareResult) -> None:
    prices = with_ranges(prices_of(garch(600)))
    ranged = compared(prices, target="volatility", measure="parkinson")
    train = slice(1, 1 + ranged.splits.train_end)
    sizes = np.log(prices.high / prices.low)[train] / np.sqrt(4 * np.log(2))
    returns = np.diff(np.log(prices.close))[: ranged.splits.train_end]
    assert ranged.sigma == pytest.approx(by_levels(returns, sizes), rel=1e-9)


def test_steady_risk_follows_the_fitted_factor(result: CompareResult) -> None:
    held = result.performance.query("model == 'har' and rule == 'steady-risk'").invested.item()
    sizes = result.forecasts.query("model == 'har' and step == 1").sort_values("date").forecast.to_numpy()[:-1]
    wanted = np.minimum(1, 0.15 / np.sqrt(result.days_a_year) / (result.sigma * sizes))
    assert held == pytest.approx(wanted.mean(), rel=1e-9)
    again = valued(result, Valuation(cost_bp=0)).performance.query("model == 'har' and rule == 'steady-risk'")
    assert again.invested.item() == pytest.approx(held)


def test_days_to_come_are_said_as_sigma_a_year(result: CompareResult) -> None:
    table, ahead = ahead_table(result, "har"), ahead_of(result, "har")
    expected = 100 * ahead.forecast.to_numpy() * result.sigma * np.sqrt(result.days_a_year)
    assert [float(text) for text in table["σ a year (%)"]] == pytest.approx(expected, abs=0.051)
    assert "σ a year (%)" not in ahead_table(compared(prices_of(garch(600))), "har")


def test_a_forecast_of_volatility_has_a_unit_and_sigma_a_year(result: CompareResult) -> None:
    table = ahead_of(result, "har").rename(columns={"forecast": "point"})
    table = table.assign(sigma_a_year=sigma_a_year(result, table["point"]))
    forecast = Ahead(with_ranges(prices_of(garch(600))), "har", target_of("volatility"), "day", table)
    first, second, *_ = forecast.text.splitlines()
    assert first == "SIM after 23 Apr 2012 by the HAR, size of the log return of one day, 90 % intervals"
    point, sigma = table.point[0], table.sigma_a_year[0]
    assert f": {100 * point:.2f} % (" in second
    assert second.endswith(f", σ {100 * sigma:.1f} % a year")
    plain = forecast.plain
    assert plain["unit"] == "size of the log return, of one day; 0.01 is 1 %"
    assert (plain["target"], plain["measure"]) == ("volatility", "absolute")
    assert plain["sigma_a_year"] == pytest.approx((table.point * result.sigma * np.sqrt(result.days_a_year)).tolist())


@pytest.mark.parametrize(("every", "a_year"), [("week", 52.18), ("month", 12.0)])
def test_the_sharpe_ratio_of_a_file_is_that_of_its_own_spacing(every: str, a_year: float) -> None:
    daily = fetch("KO")
    months = np.flatnonzero(np.diff(daily.days.astype("datetime64[M]")).astype(int))
    rows = months if every == "month" else np.searchsorted(daily.days, weekly(daily).days)
    file = file_of(daily.model_copy(update={"dates": daily.dates[rows], "close": daily.close[rows]}))
    assert periods_a_year(file) == pytest.approx(a_year, rel=0.003)
    result = compared(file, source="csv", classical=("mean",), test_days=60)
    dates = result.ahead.date.dropna()
    assert (dates == np.datetime64(file.days[-1] + 7)).all() if every == "week" else dates.empty
    assert result.bar == file.bar == every
    assert f"the next {every}'s return" in result.verdict.text
    hold = result.performance.query("rule == 'hold'").iloc[0]
    moves = np.expm1(np.diff(np.log(file.close)))[-59:]
    net = moves - np.append(0.0005, np.zeros(58))  # bought once, at five basis points
    assert hold.sharpe == pytest.approx(net.mean() / net.std(ddof=1) * np.sqrt(periods_a_year(file)), rel=1e-9)
