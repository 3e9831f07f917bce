"""Is what memory says true where the truth is known: random walks, days whose size comes in clusters, and an echo of 7 days.

A run is wrong if it calls a network on a random walk or on clustered returns more than chance, or does not find the echo's lag.
"""

from __future__ import annotations

from multiprocessing import get_context

import numpy as np
import pandas as pd

from core.drive import returned
from core.rnn.compare import CompareRequest
from core.rnn.compare.run import run as compare
from core.rnn.echo.run import echo
from core.rnn.memory.request import MemoryRequest
from core.rnn.memory.run import run
from core.settings import ONE_THREAD
from tests.rnn.series import garch, prices_of, random_walk

PROCESSES = 2
NOTHING, ECHOES = 100, 10  # runs
CELLS = ("rnn", "lstm")
DAYS, TEST = 700, 150
LAG, ECHO_DAYS = 7, 2400


def measure() -> dict[str, int]:
    """Of each kind of series the number of runs, and in how many of them memory is right."""
    with get_context("spawn").Pool(PROCESSES, initializer=_one_thread) as pool:
        walks = pool.map(_walk, range(NOTHING), chunksize=1)
        clusters = pool.map(_clustered, range(NOTHING), chunksize=1)
        echoes = pool.map(_echo, range(ECHOES), chunksize=1)
    return {
        "walks": NOTHING,
        "walks_not_more_than_chance": sum(not one["more_than_chance"].any() for one in walks),
        "clustered_not_more_than_chance": sum(not one["more_than_chance"].any() for one in clusters),
        "echoes": ECHOES,
        "echoes_more_than_chance": sum(bool(one["more_than_chance"].all()) for one in echoes),
        "echoes_peak_at_the_lag": sum(bool((one["peak"] == LAG).all()) for one in echoes),
        "placebos_peak_at_the_lag": sum(bool((one["placebo_peak"] == LAG).any()) for one in echoes),
    }


def _one_thread() -> None:
    import os

    os.environ.update(ONE_THREAD)


def _walk(seed: int) -> pd.DataFrame:
    return _memory(random_walk(DAYS, 9000 + seed), CELLS, hidden=8)


def _clustered(seed: int) -> pd.DataFrame:
    return _memory(garch(DAYS, 9000 + seed), CELLS, hidden=8)


def _echo(seed: int) -> pd.DataFrame:
    return _memory(echo(ECHO_DAYS, LAG, 0.8, seed), ("lstm", "gru"), hidden=32, seeds=3)


def _memory(returns: np.ndarray, cells: tuple[str, ...], hidden: int, seeds: int = 1) -> pd.DataFrame:
    """`VARIANTS`: what memory says of networks that were compared on these returns."""
    prices = prices_of(returns)
    request = CompareRequest(
        symbol=prices.symbol, prices=prices.digest, cells=cells, classical=(), test_days=TEST, seeds=seeds, hidden=hidden
    )
    inputs = {prices.digest: prices.to_bytes()}
    inputs["networks"] = returned(compare(request, inputs)).to_bytes()
    return returned(run(MemoryRequest(comparison=request, networks="networks"), inputs)).variants
