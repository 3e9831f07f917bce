"""Whether the verdict is true where the truth is known: simulated series, and what the sample tickers are known to hold.

100 random walks: how often does it say that something beats the random walk? 20 AR(1) series of returns (coefficient 0.3,
3,000 days): how often does it find that? 20 GARCH series: how often has a network a lower error of volatility than the mean?
20 sample tickers: on how many is the GRU's error of volatility not above HAR's? Two processes share the work.
"""

from __future__ import annotations

from datetime import date
from multiprocessing import get_context
from typing import Any

import numpy as np

from core.rnn import CompareRequest, CompareResult, compare
from core.rnn.dataset.splits import usual_test_days
from core.rnn.models import NETWORKS
from core.rnn.prices.prices import Prices
from core.rnn.prices.samples import COMPANIES, fetch
from core.settings import ONE_THREAD

PROCESSES = 2
WALKS, REST = 100, 20
SIZE = 0.01  # standard deviation of a day's return


def measure() -> dict[str, Any]:
    with get_context("spawn").Pool(PROCESSES, initializer=_one_thread) as pool:
        walks = pool.map(_walk, range(WALKS), chunksize=1)
        autoregressive = pool.map(_autoregressive, range(REST), chunksize=1)
        clustered = pool.map(_clustered, range(REST), chunksize=1)
        tickers = pool.map(_ticker, sorted(COMPANIES), chunksize=1)
    return {
        "random_walks": WALKS,
        "random_walks_beaten": sum(walks),
        "ar1_series": REST,
        "ar1_found": sum(autoregressive),
        "garch_networks": sum(len(won) for won in clustered),
        "garch_networks_better_than_the_mean": sum(sum(won) for won in clustered),
        "tickers": len(tickers),
        "tickers_gru_not_worse_than_har": sum(tickers),
    }


def _one_thread() -> None:
    import os

    os.environ.update(ONE_THREAD)
    import torch

    torch.set_num_threads(1)


def _walk(seed: int) -> bool:
    returns = SIZE * np.random.default_rng(seed).standard_normal(1_500)
    return _compared(_simulated(returns), seeds=2).verdict.beats_random_walk


def _autoregressive(seed: int) -> bool:
    returns = SIZE * np.random.default_rng(1_000 + seed).standard_normal(3_000)
    for day in range(1, len(returns)):
        returns[day] += 0.3 * returns[day - 1]
    return _compared(_simulated(returns), seeds=1).verdict.beats_random_walk


def _clustered(seed: int) -> list[bool]:
    """GARCH(1, 1) with α = 0.12 and β = 0.85."""
    noise = np.random.default_rng(2_000 + seed).standard_normal(3_000)
    returns, variance = np.empty(len(noise)), SIZE**2
    for day in range(len(noise)):
        returns[day] = np.sqrt(variance) * noise[day]
        variance = 0.03 * SIZE**2 + 0.12 * returns[day] ** 2 + 0.85 * variance
    errors = _errors(_compared(_simulated(returns), target="volatility", seeds=1))
    return [error < errors["mean"] for model, error in errors.items() if model in NETWORKS]


def _ticker(symbol: str) -> bool:
    errors = _errors(_compared(fetch(symbol), target="volatility", seeds=3, cells=("gru",), start=date(2010, 1, 1)))
    return errors["gru"] <= errors["har"]


def _errors(result: CompareResult) -> dict[str, float]:
    return dict(zip(result.ranking["model"], result.ranking["rmse"], strict=True))


def _simulated(returns: np.ndarray) -> Prices:
    days = np.busday_offset("2010-01-04", np.arange(len(returns) + 1))
    return Prices(symbol="SIM", source="sample", dates=days, close=100 * np.exp(np.cumsum([0, *returns])))


def _compared(prices: Prices, **settings: Any) -> CompareResult:
    scored = {"test_days": usual_test_days(len(prices.between(settings.get("start")).dates))}
    return compare(CompareRequest(symbol=prices.symbol, prices=prices.digest, **scored, **settings), prices)
