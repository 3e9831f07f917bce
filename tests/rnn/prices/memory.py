"""Two price sources of a test, held in memory: what somebody who adds a source writes. A row each, and a reader."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from core.errors import UnknownTicker
from core.rnn.prices.bar_sizes import BarSize
from core.rnn.prices.prices import Prices
from core.rnn.prices.reader import Listing, Reader
from core.rnn.prices.sources import Source

DAYS = np.busday_offset("2010-01-04", np.arange(2000)).astype("datetime64[D]")


class Memory(Reader):
    name = "memory"

    def history(self, symbol: str, bar_size: BarSize) -> Prices:
        if symbol != "WAVE":
            raise UnknownTicker(f"memory holds no {symbol}")
        return Prices(symbol=symbol, source=self.name, dates=DAYS, close=np.exp(0.1 * np.sin(np.arange(2000.0))))

    def search(self, words: str) -> list[Listing]:
        return [Listing("WAVE", "A wave", "sine")] if words in "a wave" else []


class Listed(Memory):
    name = "listed"
    groups: ClassVar = {"Waves": {"WAVE": "A wave"}}


MEMORY = Source("memory", "Memory", "memory of a test", "tests.rnn.prices.memory:Memory", hint="WAVE", examples=("WAVE",))
LISTED = Source("listed", "Listed", "memory of a test", "tests.rnn.prices.memory:Listed", hint="WAVE", examples=("WAVE",))
