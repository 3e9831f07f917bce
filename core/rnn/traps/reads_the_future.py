"""Trap 1: a network that reads the future. `Architecture` refuses to build it; here it is built to fail the causality check.

A bidirectional LSTM gives an output after every day of a sequence, when its backward half has already read the day that is to
be forecast. The same network, used only at the end of a window that ends at the last known day, has nothing to copy.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from core.rnn.dataset.series import Series
from core.rnn.dataset.target import target_of
from core.rnn.evaluation.causality import is_causal
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.modules import recurrent
from core.rnn.networks.windows import chunks, windows
from core.runs.request import Progress
from core.training import Plan, train

HIDDEN, CHUNK, WINDOW = 32, 40, 40  # units of each direction; days
PLAN = Plan(steps=150, lr=1e-2, average=0.95)

Batch = tuple[Tensor, Tensor]  # returns (N, CHUNK, 1), the returns of the days after each (N, CHUNK)


class ReadsBothWays(nn.Module):
    """A bidirectional LSTM with one output after every day."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = recurrent(Architecture("bilstm", target_of(), "many-to-one", hidden=HIDDEN), 1)
        self.head = nn.Linear(2 * HIDDEN, 1)

    def forward(self, returns: Tensor) -> Tensor:
        states, _ = self.cell(returns)  # (B, T, 2 · hidden)
        return self.head(states)[..., 0]  # (B, T)


class LeakyForecaster:
    """Forecasts after every day of the whole series, whose later days the backward half has read."""

    def __init__(self, seed: int) -> None:
        self.seed, self.unit = seed, 1.0  # the standard deviation of the training days
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.model = ReadsBothWays()

    def fit(self, series: Series, train_end: int) -> Generator[Progress, None, None]:
        """Learn from the first `train_end` days; see `forecaster.Forecaster`."""
        self.unit = float(series.returns[:train_end].std())
        random = np.random.default_rng(self.seed)
        yield from train(self.model, _batches(self.read(series)[:train_end], random), _loss, PLAN, random=random)

    def read(self, series: Series) -> Tensor:
        """The inputs, (T, 1)."""
        return torch.from_numpy((series.returns / self.unit).astype(np.float32))[:, None]

    def forecast(self, series: Series, first: int) -> np.ndarray:
        with torch.inference_mode():
            forecast = self.model(self.read(series)[None])[0, first - 1 :]  # (T - first + 1,)
        return forecast.double().numpy()[:, None] * self.unit

    def quantiles(self, series: Series, first: int) -> np.ndarray | None:
        return None


class CausalForecaster:
    """Forecasts of the same network at the end of a window that ends at the last known day."""

    def __init__(self, leaky: LeakyForecaster) -> None:
        self.leaky = leaky

    def fit(self, series: Series, train_end: int) -> Generator[Progress, None, None]:
        yield from self.leaky.fit(series, train_end)

    def forecast(self, series: Series, first: int) -> np.ndarray:
        shown = windows(self.leaky.read(series).numpy(), WINDOW)[first - WINDOW :]  # (T - first + 1, WINDOW, 1)
        with torch.inference_mode():
            forecast = self.leaky.model(torch.from_numpy(shown.copy()))[:, -1]
        return forecast.double().numpy()[:, None] * self.leaky.unit

    def quantiles(self, series: Series, first: int) -> np.ndarray | None:
        return None


@dataclass(frozen=True)
class Future:
    """The test days of one seed, (N,) each, in log returns; and which forecaster passes the causality check."""

    actual: np.ndarray
    flattering: np.ndarray
    honest: np.ndarray
    flattering_causal: bool
    honest_causal: bool


def read_the_future(series: Series, first: int, seed: int) -> Generator[Progress, None, Future]:
    """Train on the days before `first`, forecast the others in both manners, and check both for causality."""
    leaky = LeakyForecaster(seed)
    honest = CausalForecaster(leaky)
    yield from leaky.fit(series.until(first), first)
    return Future(
        actual=series.returns[first:],
        flattering=leaky.forecast(series, first)[:-1, 0],
        honest=honest.forecast(series, first)[:-1, 0],
        flattering_causal=is_causal(leaky, series, first),
        honest_causal=is_causal(honest, series, first),
    )


def _batches(returns: Tensor, random: np.random.Generator) -> Iterator[Batch]:
    pairs = torch.stack([returns[:-1, 0], returns[1:, 0]], 1).numpy()
    while True:
        cut = torch.from_numpy(chunks(pairs, CHUNK, int(random.integers(CHUNK))))  # (N, CHUNK, 2)
        yield cut[..., :1], cut[..., 1]


def _loss(model: nn.Module, batch: Batch) -> Tensor:
    """Squared error; after the last day of a chunk there is no later one to read, so that day is left out."""
    return (model(batch[0]) - batch[1])[:, :-1].square().mean()
