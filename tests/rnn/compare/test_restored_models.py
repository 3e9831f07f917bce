"""A stored comparison has its models with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.drive import returned
from core.rnn.compare import CompareRequest, CompareResult, fitted, forecast_latest
from core.rnn.compare.run import run
from core.rnn.prices.prices import Prices
from tests.rnn.series import garch, prices_of

SETTINGS: dict[str, Any] = {
    "target": "return", "horizon": 3, "cells": ("gru",), "classical": ("ar", "har"), "seeds": 2, "hidden": 4, "test_days": 100,
    "refit_days": 60,
}  # fmt: skip
RETURNS = garch(520)


@pytest.fixture(scope="module")
def compared() -> tuple[CompareRequest, dict[str, bytes], CompareResult]:
    prices = prices_of(RETURNS[:500])
    request = CompareRequest(symbol="SIM", prices=prices.digest, **SETTINGS)
    inputs = {prices.digest: prices.to_bytes()}
    result = returned(run(request, inputs))
    return request, inputs, CompareResult.from_bytes(result.to_bytes())


def test_restored_models_forecast_what_the_comparison_forecast(compared: Any) -> None:
    request, inputs, result = compared
    models = fitted(result, request, inputs)
    assert {(one.model, one.seed) for one in models} == set(result.forecasts.groupby(["model", "seed"]).groups)
    again = forecast_latest(models, request, inputs, Prices.from_bytes(inputs[request.prices]))
    pd.testing.assert_frame_equal(
        again[["model", "seed", "step", "forecast"]], result.ahead[["model", "seed", "step", "forecast"]]
    )


def test_what_is_forecast_is_the_committee_that_was_ranked(compared: Any) -> None:
    request, inputs, result = compared
    shorter = prices_of(RETURNS[:497])
    table = forecast_latest(fitted(result, request, inputs, ["gru"]), request, inputs, shorter)
    last = result.forecasts[(result.forecasts["model"] == "gru") & (result.forecasts["cutoff"] == str(shorter.days[-1]))]
    assert last["forecast"].nunique() == 2 * 3
    assert table["forecast"].tolist() == pytest.approx(last.groupby("step")["forecast"].mean().tolist(), rel=1e-12)


def test_without_refits_the_intervals_are_those_of_the_comparison_too() -> None:
    prices = prices_of(RETURNS[:450])
    request = CompareRequest(symbol="SIM", prices=prices.digest, **SETTINGS | {"refit_days": 0, "classical": ("har", "garch")})
    inputs = {prices.digest: prices.to_bytes()}
    result = returned(run(request, inputs))
    again = forecast_latest(fitted(result, request, inputs), request, inputs, prices)
    pd.testing.assert_frame_equal(again, result.ahead)


def test_later_prices_are_forecast_by_the_same_models(compared: Any) -> None:
    request, inputs, result = compared
    longer = prices_of(RETURNS)
    table = forecast_latest(fitted(result, request, inputs, ["gru"]), request, inputs, longer)
    assert set(table["model"]) == {"gru"}
    assert (table["date"] > longer.days[-1]).all()
    assert (table["low"] <= table["forecast"]).all()
    assert not np.isclose(table["forecast"], result.ahead.query("model == 'gru'")["forecast"]).any()
