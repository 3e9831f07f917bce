"""Recurrent forecasters: how a network is trained on a series, and how it forecasts one.

Many-to-many networks learn from non-overlapping chunks of the training days, cut at another random offset in every step; the
first days of a chunk warm the state up and are left out of the loss. That costs a small part of what overlapping windows cost.
Every other type learns from windows, of one day or many, that end at the last known day.

Labels are in units of the level after that day (`features.Scaler`), except directions; losses are in `losses`. The validation
loss chooses among running means of the weights taken during training. No weight is fitted on validation days.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from core.errors import InvalidRequest, SeriesTooShort
from core.rnn.dataset.features import Scaler
from core.rnn.dataset.series import Series
from core.rnn.forecaster import CURVE
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.gates import Trace, trace
from core.rnn.networks.losses import loss_of
from core.rnn.networks.modules import FeedForward, network
from core.rnn.networks.windows import chunks, windows
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
    window: int = 32  # days
    batch: int = 256  # windows

    @property
    def plan(self) -> Plan:
        return Plan(self.steps, lr=self.lr, average=self.average, check_every=self.check_every, patience=self.patience)


RECIPE = Recipe()
Batch = tuple[Tensor, Tensor]  # features, and the labels (…, H) of their last days


class Network:
    """One recurrent forecaster of one seed."""

    def __init__(self, architecture: Architecture, seed: int = 0, recipe: Recipe = RECIPE) -> None:
        self.architecture, self.seed, self.recipe = architecture, seed, recipe
        self.window = architecture.days_read(recipe.window)  # None: the whole series
        self.loss = loss_of(architecture.target, architecture.loss)
        self.model = network(architecture, recipe.window, seed)
        self.scaler: Scaler | None = None
        self.curve = pd.DataFrame(columns=list(CURVE))

    def fit(self, series: Series, train_end: int) -> Generator[Progress, None, None]:
        """Train on the first `train_end` days; the others are for validation. Raises SeriesTooShort, TrainingDiverged."""
        self.model = network(self.architecture, self.recipe.window, self.seed)
        self.scaler = Scaler.fit(series.sizes, train_end)
        features, labels = self.features(series), self.labels(series)
        horizon = self.architecture.horizon
        losses: list[Tensor] = []

        def loss_of_batch(model: nn.Module, batch: Batch) -> Tensor:
            with _seeded_dropout(self.architecture.dropout, self.seed + len(losses)):
                loss = self._mean_loss(model(batch[0]), batch[1])
            losses.append(loss.detach())
            return loss

        validation_labels = labels[train_end - 1 :]  # after the last training day, and every validation day but the last H
        validation_days = features[max(0, train_end - 1 - self.recipe.run_in) : len(features) - horizon]

        def validate(model: nn.Module) -> float:
            outputs = self._last_outputs(model, validation_days, len(validation_labels))
            return self._mean_loss(outputs, validation_labels).item()

        batches = self._batches(features[: train_end - horizon], labels[: train_end - horizon])
        history = yield from train(self.model, batches, loss_of_batch, self.recipe.plan, validate=validate)
        self.curve = _curve(history.check_steps, torch.stack(losses).numpy(), history.check)

    def forecast(self, series: Series, first: int) -> np.ndarray:
        """See `forecaster.Forecaster`. The mean; the median where the loss is absolute or quantile."""
        return self.loss.point(self._outputs(series, first)).double().numpy() * self.units(series)[first:, None]

    def quantiles(self, series: Series, first: int) -> np.ndarray | None:
        """See `forecaster.Forecaster`. Only networks with a Student-t or quantile loss state them."""
        if self.loss.quantiles is None:
            return None
        spread = self.loss.quantiles(self._outputs(series, first)).double().numpy()  # (N, H, LEVELS)
        return spread * self.units(series)[first:, None, None]

    def without_validation(self, series: Series, train_end: int) -> Network:
        """Itself: validation days only stop the training, they are not learned from."""
        return self

    def trace(self, series: Series, days: int) -> Trace:
        """Gates and states while the network reads the last `days` days of a series; `Trace.output` is what its head reads."""
        if isinstance(self.model, FeedForward):
            raise InvalidRequest("a feed-forward network has no gates and no state")
        features = self.features(series)[None, -days:]  # (1, days, F)
        unfed = features.new_zeros(
            1, features.shape[1], self.model.cell.input_size - features.shape[2]
        )  # one-to-many: no forecast is fed
        with torch.inference_mode():
            return trace(self.model.cell, torch.cat([features, unfed], dim=-1))

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """The parameters and the scaler of a fitted network."""
        parameters = {name: tensor.numpy() for name, tensor in self.model.state_dict().items()}
        return parameters | {"scaler": np.array(astuple(self._fitted()), dtype=np.float64)}

    def restore(self, weights: Mapping[str, np.ndarray], series: Series) -> None:
        """Load `weights` of a fitted network; InvalidRequest where they are of another architecture."""
        if missing := {"scaler", *self.model.state_dict()} - set(weights):
            raise InvalidRequest(f"the stored weights have no {min(missing)}: another version stored them; compare once more")
        days, *numbers = weights["scaler"].tolist()
        self.scaler = Scaler(int(days), *numbers)
        self.model.load_state_dict({name: torch.tensor(weights[name]) for name in self.model.state_dict()})
        self.model.eval()

    def _fitted(self) -> Scaler:
        if self.scaler is None:
            raise RuntimeError("forecast was called before it was fitted; call fit or restore first")
        return self.scaler

    def features(self, series: Series) -> Tensor:
        """What is read on each day, float32 (T, F + E)."""
        extras = self.architecture.extras
        if series.extras.shape[1] != extras:
            raise InvalidRequest(
                f"the series has {series.extras.shape[1]} further inputs a day, the network was built for {extras}"
            )
        features = self._fitted().features(series.returns, series.sizes)
        return torch.from_numpy(np.concatenate([features, series.extras.astype(np.float32)], axis=1))

    def units(self, series: Series) -> np.ndarray:
        """The unit of the outputs before the first day and after each day, (T + 1,): the level, or 1."""
        return self._fitted().levels(series.sizes) if self.architecture.target.in_levels else np.ones(len(series) + 1)

    def labels(self, series: Series) -> Tensor:
        """The next H days after each day that has as many, in its units: float32 (T - H, H)."""
        ahead = windows(np.asarray(series.values)[1:, None], self.architecture.horizon)[..., 0]  # (T - H, H)
        return torch.from_numpy((ahead / self.units(series)[1 : len(ahead) + 1, None]).astype(np.float32))

    def _mean_loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Mean loss of the last outputs (…, N, H, K) against labels (…, N, H); warm-up days before them do not count."""
        return self.loss.of(outputs[..., -labels.shape[-2] :, :, :], labels).mean()

    def _outputs(self, series: Series, first: int) -> Tensor:
        """Outputs (T - first + 1, H, K) after day `first` - 1 and every later one."""
        features = self.features(series)
        if first < (self.window or 1):
            raise SeriesTooShort(f"{first} days come before the first forecast, the network reads {self.window or 1}")
        with torch.inference_mode():
            return self._last_outputs(self.model, features, len(series) - first + 1)

    def _last_outputs(self, model: nn.Module, features: Tensor, count: int) -> Tensor:
        """Outputs (count, H, K) after each of the last `count` days of features (T, F)."""
        if self.window is None:
            return model(features[None])[0, -count:]
        return model(_windows(features, self.window)[-count:])

    def _batches(self, features: Tensor, labels: Tensor) -> Iterator[Batch]:
        """Endless batches from training features (T, F), and labels (T, H) of the days after each."""
        random = np.random.default_rng(self.seed)
        if self.window is None:
            return _all_chunks(features, labels, self.recipe, random)
        return _some_windows(features, labels, self.window, self.recipe.batch, random)


def _all_chunks(features: Tensor, labels: Tensor, recipe: Recipe, random: np.random.Generator) -> Iterator[Batch]:
    while True:
        offset = int(random.integers(recipe.chunk))
        inputs = chunks(features.numpy(), recipe.chunk, offset)  # (N, chunk, F)
        scored = chunks(labels.numpy(), recipe.chunk, offset)[:, recipe.warm_up :]  # (N, chunk - warm_up, H)
        yield torch.from_numpy(inputs), torch.from_numpy(scored)


def _some_windows(features: Tensor, labels: Tensor, length: int, count: int, random: np.random.Generator) -> Iterator[Batch]:
    inputs, after = _windows(features, length), labels[length - 1 :]  # (N, length, F), (N, H)
    while True:
        drawn = torch.from_numpy(random.integers(len(after), size=count))
        yield inputs[drawn], after[drawn]


def _windows(features: Tensor, length: int) -> Tensor:
    return torch.from_numpy(windows(features.numpy(), length).copy())  # (T - length + 1, length, F)


@contextmanager
def _seeded_dropout(share: float, seed: int) -> Iterator[None]:
    """Draw dropout masks from `seed`; the global random state of torch stays as it was."""
    with torch.random.fork_rng(devices=[], enabled=share > 0):
        if share > 0:
            torch.manual_seed(seed)
        yield


def _curve(steps: list[int], losses: np.ndarray, validation: list[float]) -> pd.DataFrame:
    """One row a validation: the mean training loss since the one before, and the validation loss."""
    starts = [0, *steps][:-1]
    means = [float(losses[start:end].mean()) for start, end in zip(starts, steps, strict=True)]
    return pd.DataFrame({"step": steps, "loss": means, "validation": validation})
