"""Recurrent forecasters: how a network learns a series, and how it forecasts one.

A network that reads on after every day learns many-to-many: the training days are cut into non-overlapping chunks, at another
random offset in every step; the first days of a chunk only warm the state up and are left out of the loss. That costs a small
part of what overlapping windows cost. The bidirectional one learns many-to-one, from windows that end at the forecast origin.

Returns are learned by squared error. Sizes are learned by log f + y / f (the exponential likelihood; QLIKE but for a constant):
like squared error it is least where f is the mean of y, but calm and wild months weigh the same. The validation days, by the
same loss, choose among the running means of the weights. Nothing is fitted on validation or test days, and nothing is refitted.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import astuple, dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from core.rnn.cells import Bidirectional, network
from core.rnn.names import CellName
from core.rnn.targets import Scaler, TargetName
from core.rnn.windows import Splits, chunks, windows
from core.runs.request import Progress
from core.training import Plan, train


@dataclass(frozen=True)
class Recipe:
    """How a network learns. Days, steps and rates; the same for every cell."""

    steps: int = 150
    lr: float = 5e-3
    average: float = 0.95  # decay of the running mean of the weights
    check_every: int = 5  # steps between two validations
    patience: int = 8  # validations without a gain before stopping
    chunk: int = 40  # days
    warm_up: int = 12  # first days of a chunk, left out of the loss
    run_in: int = 100  # days read before the first validation day
    window: int = 32  # days; of the bidirectional network
    batch: int = 256  # windows; of the bidirectional network

    @property
    def plan(self) -> Plan:
        return Plan(self.steps, lr=self.lr, average=self.average, check_every=self.check_every, patience=self.patience)


RECIPE = Recipe()
Batch = tuple[Tensor, Tensor]  # what is read, and the labels of its last readings


class Network:
    """One recurrent forecaster of one seed."""

    def __init__(self, cell: CellName, target: TargetName, hidden: int = 32, seed: int = 0, recipe: Recipe = RECIPE) -> None:
        self.target, self.seed, self.recipe = target, seed, recipe
        self.model = network(cell, hidden, target, seed)
        self.scaler: Scaler | None = None
        self.curve = pd.DataFrame({"step": [], "loss": [], "validation": []})

    def fit(self, returns: np.ndarray, splits: Splits) -> Generator[Progress, None, None]:
        """Learn from the training days; stop and choose by the validation days."""
        self.scaler = Scaler.fit(returns, splits.train_end)
        features = torch.from_numpy(self.scaler.features(returns[: splits.test_start]))
        labels = torch.from_numpy(self.scaler.labels(self.target, returns[: splits.test_start]))
        losses: list[Tensor] = []

        def loss_of(model: nn.Module, batch: Batch) -> Tensor:
            loss = self._loss(model(batch[0]), batch[1])
            losses.append(loss.detach())
            return loss

        def validate(model: nn.Module) -> float:
            known = features[max(0, splits.train_end - 1 - self.recipe.run_in) : -1]
            return self._loss(self._read(model, known, splits.validation.days), labels[splits.train_end :]).item()

        batches = self._batches(features[: splits.train_end - 1], labels[1 : splits.train_end])
        history = yield from train(self.model, batches, loss_of, self.recipe.plan, validate=validate)
        self.curve = _curve(history.check_steps, torch.stack(losses).numpy(), history.check)

    def forecast(self, returns: np.ndarray, first: int) -> np.ndarray:
        """Forecasts (T - first,) of the target for days `first` … T - 1, each from the days before it."""
        scaler = self._fitted()
        features = torch.from_numpy(scaler.features(returns[:-1]))
        with torch.inference_mode():
            readings = self._read(self.model, features, len(returns) - first)
        return scaler.forecasts(readings.numpy(), returns[:-1])

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """Everything a fitted network is, as arrays: its parameters and its scaler."""
        parameters = {name: tensor.numpy() for name, tensor in self.model.state_dict().items()}
        return parameters | {"scaler": np.array(astuple(self._fitted()), dtype=np.float64)}

    def load(self, weights: Mapping[str, np.ndarray]) -> None:
        """Become the network whose `weights` these are; cell, target and hidden size must be the same."""
        days, start = weights["scaler"].tolist()
        self.scaler = Scaler(int(days), start)
        self.model.load_state_dict({name: torch.tensor(weights[name]) for name in self.model.state_dict()})
        self.model.eval()

    def _fitted(self) -> Scaler:
        if self.scaler is None:
            raise RuntimeError("this network forecasts before it was fitted")
        return self.scaler

    def _loss(self, readings: Tensor, labels: Tensor) -> Tensor:
        """Mean loss of the last readings (…, N) against labels (…, N); warm-up readings before them do not count."""
        counted = readings[..., -labels.shape[-1] :]
        if self.target == "return":
            return (counted - labels).square().mean()
        return (counted.log() + labels / counted).mean()

    def _read(self, model: nn.Module, features: Tensor, count: int) -> Tensor:
        """Readings (count,) at the last `count` days of features (T, F)."""
        if isinstance(model, Bidirectional):
            return model(_windows(features, self.recipe.window)[-count:])
        return model(features[None])[0, -count:]

    def _batches(self, features: Tensor, labels: Tensor) -> Iterator[Batch]:
        """Endless batches from training features (T, F), and labels (T,) of the day after each."""
        random = np.random.default_rng(self.seed)
        if isinstance(self.model, Bidirectional):
            return _some_windows(features, labels, self.recipe, random)
        return _all_chunks(features, labels, self.recipe, random)


def _all_chunks(features: Tensor, labels: Tensor, recipe: Recipe, random: np.random.Generator) -> Iterator[Batch]:
    while True:
        offset = int(random.integers(recipe.chunk))
        seen = chunks(features.numpy(), recipe.chunk, offset)  # (N, chunk, F)
        wanted = chunks(labels.numpy(), recipe.chunk, offset)[:, recipe.warm_up :]  # (N, chunk - warm_up)
        yield torch.from_numpy(seen), torch.from_numpy(wanted)


def _some_windows(features: Tensor, labels: Tensor, recipe: Recipe, random: np.random.Generator) -> Iterator[Batch]:
    seen, wanted = _windows(features, recipe.window), labels[recipe.window - 1 :]  # (N, window, F), (N,)
    while True:
        chosen = torch.from_numpy(random.integers(len(wanted), size=recipe.batch))
        yield seen[chosen], wanted[chosen]


def _windows(features: Tensor, length: int) -> Tensor:
    return torch.from_numpy(windows(features.numpy(), length).copy())  # (T - length + 1, length, F)


def _curve(steps: list[int], losses: np.ndarray, validation: list[float]) -> pd.DataFrame:
    """One row a validation: the mean training loss since the one before, and the validation loss."""
    starts = [0, *steps[:-1]]
    means = [float(losses[start:end].mean()) for start, end in zip(starts, steps, strict=True)]
    return pd.DataFrame({"step": steps, "loss": means, "validation": validation})
