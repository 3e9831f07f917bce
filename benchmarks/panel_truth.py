"""Whether a panel's verdict is true where the truth is known, at a quick setting.

100 panels of 10 independent GARCH tickers, so that the market says nothing and a classical model is the truth: how often does
the verdict say that networks beat the best classical model? 20 panels whose tickers share a factor in their volatility, a
market that is calm or wild (Hamilton 1989): how often does it say so there? Two processes share the work.
"""

from __future__ import annotations

from multiprocessing import get_context
from typing import Any

import numpy as np

from benchmarks.truth import _one_thread
from core.drive import returned
from core.rnn.panel.learner.request import PanelData, Ticker
from core.rnn.panel.request import PanelRequest
from core.rnn.panel.result import PanelResult
from core.rnn.panel.run import run
from core.rnn.prices.prices import Prices

PROCESSES = 2
WITHOUT, WITH = 100, 20  # panels
TICKERS, DAYS, TEST = 10, 1_500, 375
SIZE = 0.01  # standard deviation of a day's return
QUICK: dict[str, Any] = {"cells": ("gru",), "seeds": 2, "steps": 200, "classical": ("har", "garch"), "trees": False}
STAY = 0.97  # probability that a calm market stays calm, or a wild one wild
FACTORS = np.array([0.5, 2.5])  # of volatility, in a calm and in a wild market


def measure(without: int = WITHOUT, with_factor: int = WITH) -> dict[str, Any]:
    """How often networks are said to beat the best classical model, on so many panels of each kind."""
    with get_context("spawn").Pool(PROCESSES, initializer=_one_thread) as pool:
        alone = pool.map(_alone, range(without), chunksize=1)
        together = pool.map(_together, range(with_factor), chunksize=1)
    return {
        "panels_with_nothing_to_gain": without,
        "networks_beat_classical_there": sum(alone),
        "panels_with_a_common_factor": with_factor,
        "networks_beat_classical_with_it": sum(together),
    }


def _alone(seed: int) -> bool:
    random = np.random.default_rng(seed)
    return _networks_win([_garch(random, np.ones(DAYS)) for _ in range(TICKERS)])


def _together(seed: int) -> bool:
    random = np.random.default_rng(10_000 + seed)
    wild = np.cumsum(random.random(DAYS) > STAY) % 2
    return _networks_win([_garch(random, FACTORS[wild]) for _ in range(TICKERS)])


def _garch(random: np.random.Generator, factor: np.ndarray) -> np.ndarray:
    """Returns (DAYS,) of a GARCH(1, 1) with α = 0.1 and β = 0.85, times a factor of the day (DAYS,)."""
    noise, returns, variance = random.standard_normal(DAYS), np.empty(DAYS), SIZE**2
    for day in range(DAYS):
        returns[day] = np.sqrt(variance) * noise[day]
        variance = 0.05 * SIZE**2 + 0.1 * returns[day] ** 2 + 0.85 * variance
    return factor * returns


def _networks_win(returns: list[np.ndarray]) -> bool:
    days = np.busday_offset("2010-01-04", np.arange(DAYS + 1))
    prices = [
        Prices(symbol=f"SIM{number}", source="sample", dates=days, close=100 * np.exp(np.cumsum([0, *moves])))
        for number, moves in enumerate(returns)
    ]
    tickers = tuple(Ticker(symbol=one.symbol, prices=one.digest) for one in prices)
    request = PanelRequest(data=PanelData(tickers=tickers, test_days=TEST), **QUICK)
    result = returned(run(request, {one.digest: one.to_bytes() for one in prices}))
    assert isinstance(result, PanelResult)
    return result.verdict.networks_beat_classical
