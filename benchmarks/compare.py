"""A comparison as the screen asks for it: four variants and the classical models on twelve years of one ticker."""

from __future__ import annotations

import time
from datetime import date

from core.rnn.compare.request import CompareRequest
from core.rnn.compare.run import run
from core.rnn.prices.samples import fetch


def seconds(seeds: int) -> float:
    prices = fetch("AAPL")
    content = prices.to_bytes()
    request = CompareRequest(
        symbol="AAPL", source="sample", prices="0" * 64, target="volatility", start=date(2010, 1, 1), end=date(2022, 12, 28),
        test_days=500, seeds=seeds,
    )  # fmt: skip
    began = time.perf_counter()
    for _ in run(request, {"0" * 64: content}):
        pass
    return time.perf_counter() - began


def measure() -> dict[str, float]:
    return {"one_seed_s": seconds(1), "five_seeds_s": seconds(5)}
