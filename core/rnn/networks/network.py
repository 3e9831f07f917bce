"""Recurrent forecasters: one network of one seed on one series. How it learns stands in `learning`.

Labels are in units of the level after that day (`features.Scaler`), except directions; losses are in `losses`.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import astuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from core.errors import InvalidRequest, SeriesTooShort
from core.rnn.dataset.features import Scaler
from core.rnn.dataset.series import Series
from core.rnn.forecaster import CURVE
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.gates import Trace, trace
from core.rnn.networks.learning import RECIPE, Example, Recipe, last_outputs, learn
from core.rnn.networks.losses import loss_of
from core.rnn.networks.modules import FeedForward, network
from core.rnn.networks.windows import windows
from core.runs.request import Progress


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
        example = Example(self.features(series), self.labels(series), train_end)
        self.curve = yield from learn(self.model, self.architecture, self.recipe, self.seed, [example])

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

    def _outputs(self, series: Series, first: int) -> Tensor:
        """Outputs (T - first + 1, H, K) after day `first` - 1 and every later one."""
        features = self.features(series)
        if first < (self.window or 1):
            raise SeriesTooShort(f"{first} days come before the first forecast, the network reads {self.window or 1}")
        with torch.inference_mode():
            return last_outputs(self.model, self.window, [(features, len(series) - first + 1)])[0]
