"""A sweep of 20 sample tickers, four variants and three seeds: by one worker, and by two."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from core.rnn.compare.request import CompareRequest
from core.rnn.prices.prices import Prices
from core.rnn.prices.samples import COMPANIES, fetch
from core.rnn.sweep.request import SweepRequest, sweep_of
from core.runs.engine import connect
from core.runs.lab import Lab
from core.runs.registry import State
from core.runs.request import Request
from core.settings import Settings

TICKERS = tuple(COMPANIES)  # 20
SEEDS = 3


def seconds_by_engine(workers: int, request_in: Callable[[Lab], Request]) -> float:
    """One run in a lab of its own: from its submission to its result, the workers being there and warm."""
    with tempfile.TemporaryDirectory() as home:
        lab = Lab.open(Settings(home=Path(home)))
        engine = connect(lab, None, workers, memory="2GiB")
        engine._client.wait_for_workers(workers, timeout=120)
        request = request_in(lab)
        began = time.perf_counter()
        run = engine.submit(request)
        while (now := lab.look(run.id)) and now.alive:
            time.sleep(0.25)  # as often as a page looks
        passed = time.perf_counter() - began
        assert now, "the run was deleted"
        assert now.state is State.DONE, now.error
        engine.close()
        lab.registry.close()
    return passed


def request_in(lab: Lab, tickers: tuple[str, ...] = TICKERS, seeds: int = SEEDS) -> SweepRequest:
    """The sweep of these tickers, its prices in a lab."""

    def comparison(prices: Prices) -> CompareRequest:
        return CompareRequest(
            symbol=prices.symbol, prices=lab.store.put(prices.to_bytes()), target="volatility", start=date(2010, 1, 1),
            seeds=seeds,
        )  # fmt: skip

    return sweep_of(tickers, fetch, comparison)


def seconds(workers: int, tickers: tuple[str, ...], seeds: int) -> float:
    """Of a sweep of these tickers."""
    return seconds_by_engine(workers, lambda lab: request_in(lab, tickers, seeds))


def measure(tickers: tuple[str, ...] = TICKERS, seeds: int = SEEDS) -> dict[str, float]:
    one, two = seconds(1, tickers, seeds), seconds(2, tickers, seeds)
    return {"one_worker_s": one, "two_workers_s": two, "times_faster": one / two}
