"""One row is all that a new model, or a new target, needs: it is asked for, compared, drawn and restored like the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn

from core.drive import returned
from core.errors import InvalidRequest
from core.rnn.classical.forecaster import FittedModel
from core.rnn.compare import CompareRequest, CompareResult, fitted
from core.rnn.compare.forecast_figures import forecast_chart
from core.rnn.compare.overview_figures import skill_chart
from core.rnn.compare.run import run
from core.rnn.compare.tables import ranking_table
from core.rnn.dataset.series import Series, series_of
from core.rnn.dataset.target import TARGETS, Target
from core.rnn.models import CLASSICAL, LINES, MODELS, NETWORKS, TITLES, Model
from core.rnn.networks.cells import Shape
from tests.rnn.series import garch, prices_of

PRICES = prices_of(garch(400))
SMALL: dict[str, Any] = {"symbol": "SIM", "prices": PRICES.digest, "test_days": 60, "seeds": 1, "hidden": 4}


@dataclass(frozen=True)
class Median(FittedModel):
    """The median of the days it was fitted on, for every day to come."""

    value: float

    def forecasts(self, series: Series, first: int, horizon: int) -> np.ndarray:
        return np.full((len(series) - first + 1, horizon), self.value)


def median(past: Series, horizon: int) -> Median:
    return Median(float(np.median(past.values)))


class LeakyCell(nn.Module):
    """h = (1 − α) h' + α tanh(W x): a running mean with a learned reading."""

    bidirectional = False

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.input_size = shape.inputs
        self.linear = nn.Linear(shape.inputs, shape.hidden)

    def forward(self, inputs: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        driven = torch.tanh(self.linear(inputs))  # (B, T, hidden)
        last = torch.zeros_like(driven[:, 0]) if state is None else state[-1]
        states = []
        for day in driven.unbind(1):
            last = 0.8 * last + 0.2 * day
            states.append(last)
        return torch.stack(states, 1), last[None]


MEDIAN = Model("median", "median", "classical", f"{__name__}:median", ("#000000", "#FFFFFF"), "dot", "y-up")
LEAKY = Model("leaky", "leaky integrator", "network", f"{__name__}:LeakyCell", ("#111111", "#EEEEEE"), "solid", "hourglass")


def compared(**settings: Any) -> tuple[CompareRequest, CompareResult]:
    request = CompareRequest(**(SMALL | settings))
    return request, returned(run(request, {PRICES.digest: PRICES.to_bytes()}))


def test_a_classical_model_and_a_cell_are_a_row_each(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match=r"Input should be 'rnn', .* or 'mlp'"):
        CompareRequest(**(SMALL | {"cells": ("leaky",)}))
    monkeypatch.setitem(MODELS, "median", MEDIAN)
    monkeypatch.setitem(MODELS, "leaky", LEAKY)
    assert "median" in CompareRequest(**SMALL).classical  # quick, so it is in every comparison that names no others
    request, result = compared(target="volatility", cells=("leaky",), classical=("median", "ewma"))
    assert set(result.ranking["model"]) == {"random-walk", "har", "median", "ewma", "leaky"}
    assert result.ranking["causal"].all()
    assert set(result.curves["model"]) == {"leaky"}
    assert "Leaky integrator" in ranking_table(result)["Model"].tolist()
    assert "Leaky integrator" in skill_chart(result).layout.yaxis.ticktext
    assert forecast_chart(result, "leaky").data[-1].line.color == "#111111"
    again = CompareResult.from_bytes(result.to_bytes())
    restored = {one.model: one.forecaster for one in fitted(again, request, {PRICES.digest: PRICES.to_bytes()})}
    series, first = series_of(PRICES, request.target_row), result.splits.test_start
    for model in ("leaky", "median"):
        rows = result.forecasts[result.forecasts["model"] == model]
        assert np.array_equal(restored[model].forecast(series, first)[:-1, 0], rows["forecast"])


@pytest.mark.parametrize("type", ["many-to-one", "one-to-many", "encoder-decoder"])
def test_a_cell_of_a_row_is_used_by_every_type(type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODELS, "leaky", LEAKY)
    _, result = compared(cells=("leaky",), classical=(), network_type=type, horizon=2)
    assert result.ranking["causal"].all()


def _whether_it_is_large(returns: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return (sizes > 0.01).astype(np.float64)


LARGE = Target(
    "large-move",
    "probability of a large move",
    "probability of a move above 1 % (%)",
    "whether the next {bar} moves by more than 1 %",
    "whether the next {count} {bar}s move by more than 1 % each",
    _whether_it_is_large,
    rules=(),
    losses=("auto",),
    default_loss="cross-entropy",
    reference="mean",
    random_walk=0.5,
    lowest=0.01,
    highest=0.99,
    is_probability=True,
)


def test_a_target_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TARGETS, ("large-move", "absolute"), LARGE)
    request, result = compared(target="large-move", cells=("gru",))
    assert "theta" not in request.classical
    assert result.verdict.text.count("whether the next day moves by more than 1 %") == 1
    assert result.bands.empty
    assert result.ranking["direction"].isna().all()  # it does not say where the price goes
    assert result.forecasts["forecast"].between(0, 1).all()
    assert request.title == "Compare forecasts of SIM, probability of a large move"


@pytest.mark.parametrize("name", ["arima", "garch"])
def test_slow_models_forecast_a_target_of_a_row_within_its_range(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TARGETS, ("large-move", "absolute"), LARGE)
    _, result = compared(target="large-move", cells=(), classical=(name,))
    assert result.forecasts["forecast"].between(0.01, 0.99).all()


def test_every_row_is_named_once_and_names_what_makes_it() -> None:
    assert [row.name for row in MODELS.values()] == list(MODELS) == list(TITLES) == [*CLASSICAL, *NETWORKS]
    assert len({row.title for row in MODELS.values()}) == len(MODELS)
    assert {name: LINES[name].name for name in MODELS} == dict(TITLES)


def test_a_probability_is_refused_by_a_model_that_says_why() -> None:
    with pytest.raises(InvalidRequest, match="Theta does not forecast the direction of the log return: its drift would leave"):
        CompareRequest(**(SMALL | {"target": "direction", "classical": ("theta",)}))
