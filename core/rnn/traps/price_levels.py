"""Traps 2, 3, 4 and 6: the price itself, scaled between 0 and 1 and forecast from a window, as in many tutorials.

Three variants: scaled by the range of all days, by the range of the training days, and on days drawn at random. The
last fifth is the test; it has as many days in the shuffle.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from core.rnn.networks.windows import windows
from core.runs.request import Progress
from core.training import Plan, train

Variant = Literal["all-days", "training-days", "shuffled"]
WINDOW, HIDDEN, BATCH = 16, 32, 64  # days, units, windows
PLAN = Plan(steps=300, lr=2e-2)

Batch = tuple[Tensor, Tensor]  # windows (BATCH, WINDOW, 1), the price after each (BATCH,)


class PriceReader(nn.Module):
    """A GRU over a window of scaled prices, and one number at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.GRU(1, HIDDEN, batch_first=True)
        self.head = nn.Linear(HIDDEN, 1)

    def forward(self, prices: Tensor) -> Tensor:
        states, _ = self.cell(prices)  # (B, WINDOW, hidden)
        return self.head(states[:, -1])[:, 0]  # (B,)


@dataclass(frozen=True)
class Split:
    """Which days are learned from and which are tested, as positions in the closes; and the range that scales them."""

    train: np.ndarray
    test: np.ndarray
    low: float
    high: float
    fitted_to: int  # the last day that the scaler was fitted on

    @property
    def next_to_a_training_day(self) -> float:
        """Share of the test days whose next day was learned from."""
        return float(np.isin(self.test + 1, self.train).mean())


@dataclass(frozen=True)
class Levels:
    """One network's forecasts of its test days, (N,) each, in the units of the price."""

    split: Split
    actual: np.ndarray
    forecast: np.ndarray
    last: np.ndarray  # the close before: the random walk's forecast


def split(close: np.ndarray, variant: Variant, test_days: int, seed: int) -> Split:
    """The days after the first window, split by one of the three variants; closes (T,)."""
    days = np.arange(WINDOW, len(close))
    if variant == "shuffled":
        days = np.random.default_rng(seed).permutation(days)
    train, test = np.sort(days[:-test_days]), np.sort(days[-test_days:])
    fitted_end = len(close) if variant == "all-days" else int(train[-1]) + 1
    fitted = close[train] if variant == "shuffled" else close[:fitted_end]
    return Split(train, test, float(fitted.min()), float(fitted.max()), fitted_end - 1)


def train_and_forecast(close: np.ndarray, variant: Variant, test_days: int, seed: int) -> Generator[Progress, None, Levels]:
    """Train one network on closes (T,) by one of the three variants, and forecast its test days."""
    cut = split(close, variant, test_days, seed)
    scaled = ((close - cut.low) / (cut.high - cut.low)).astype(np.float32)
    inputs = torch.from_numpy(windows(scaled[:, None], WINDOW)[:-1].copy())  # (T - WINDOW, WINDOW, 1), before each day
    targets = torch.from_numpy(scaled[WINDOW:])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = PriceReader()
    chosen, random = torch.from_numpy(cut.train - WINDOW), np.random.default_rng(seed)
    yield from train(model, _batches(inputs[chosen], targets[chosen], random), _loss, PLAN, random=random)
    with torch.inference_mode():
        forecast = model(inputs[torch.from_numpy(cut.test - WINDOW)]).double().numpy()
    return Levels(cut, close[cut.test], forecast * (cut.high - cut.low) + cut.low, close[cut.test - 1])


def _batches(inputs: Tensor, targets: Tensor, random: np.random.Generator) -> Iterator[Batch]:
    while True:
        chosen = torch.from_numpy(random.integers(len(inputs), size=BATCH))
        yield inputs[chosen], targets[chosen]


def _loss(model: nn.Module, batch: Batch) -> Tensor:
    return (model(batch[0]) - batch[1]).square().mean()
