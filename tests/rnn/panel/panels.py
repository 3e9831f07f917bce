"""Simulated panels with a known truth, and requests about them."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.drive import returned
from core.rnn.panel.learner.request import LearnerRequest, PanelData, Ticker
from core.rnn.panel.learner.result import LearnerResult
from core.rnn.panel.learner.run import run as run_learner
from core.rnn.panel.request import PanelRequest
from core.rnn.panel.result import PanelResult
from core.rnn.panel.run import run
from core.rnn.prices.prices import Prices
from core.runs.bundle import EXAMPLES
from tests.rnn.series import garch, prices_of

DAYS, TEST = 700, 120
TICKERS = ("AAA", "BBB", "CCC")
QUICK: dict[str, Any] = {"hidden": 4, "steps": 20, "seeds": 2, "cells": ("gru", "mlp"), "classical": ("har", "ewma")}


def files(count: int = 3, days: int = DAYS) -> list[Prices]:
    """GARCH series, each its own."""
    return [prices_of(garch(days, seed), symbol) for seed, symbol in enumerate(TICKERS[:count])]


def data_of(prices: Sequence[Prices], **settings: Any) -> PanelData:
    tickers = tuple(Ticker(symbol=one.symbol, prices=one.digest) for one in prices)
    return PanelData(tickers=tickers, **({"test_days": TEST} | settings))


def inputs_of(prices: Sequence[Prices]) -> dict[str, bytes]:
    return {one.digest: one.to_bytes() for one in prices}


def learned(prices: Sequence[Prices], *models: str, target: str = "volatility", **settings: Any) -> LearnerResult:
    request = LearnerRequest(data=data_of(prices, target=target), models=models, **settings)
    return returned(run_learner(request, inputs_of(prices)))


def panel_result(prices: Sequence[Prices], target: str = "volatility", **settings: Any) -> PanelResult:
    request = PanelRequest(data=data_of(prices, target=target), **(QUICK | settings))
    result = returned(run(request, inputs_of(prices)))
    assert isinstance(result, PanelResult)
    return result


def shipped_panel() -> PanelResult:
    """That which comes with the lab: every kind of model, recipes, and tickers that were never seen."""
    with zipfile.ZipFile(EXAMPLES / "8-panel.gridcast") as bundle:
        return PanelResult.from_bytes(bundle.read("result.safetensors"))


def without(prices: Prices, rows: np.ndarray) -> Prices:
    """The prices without some of their days."""
    kept = np.delete(np.arange(len(prices.dates)), rows)
    return prices.model_copy(update={"dates": prices.dates[kept], "close": prices.close[kept]})
