from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from core.rnn.prices import yahoo
from core.rnn.prices.yahoo_limits import RateLimiter
from tests.rnn.prices.stand_in import Make, forget
from tests.yahoo_server import YahooServer


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def stand_in() -> Iterator[YahooServer]:
    with YahooServer() as server:
        yield server


@pytest.fixture
def server(stand_in: YahooServer, monkeypatch: pytest.MonkeyPatch) -> YahooServer:
    """The stand-in without faults, and a client that remembers nothing."""
    for name, value in stand_in.env.items():
        monkeypatch.setenv(name, value)
    stand_in.reset()
    forget()
    return stand_in


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return lambda deadline=10.0: yahoo.Yahoo(tmp_path, deadline, RateLimiter())
