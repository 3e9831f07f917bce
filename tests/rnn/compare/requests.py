"""Requests to compare models on simulated returns."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.rnn.compare.request import CompareRequest
from tests.rnn.series import prices_of


def request_on(returns: np.ndarray, **settings: Any) -> tuple[CompareRequest, dict[str, bytes]]:
    prices = prices_of(returns)
    return CompareRequest(symbol="SIM", prices=prices.digest, **settings), {prices.digest: prices.to_bytes()}
