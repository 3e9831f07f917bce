"""A pooled network: one network of one seed that learns from many tickers at once, and forecasts each of them.

Every ticker is measured by its own level, so days of calm and wild tickers are alike to the network. What a day is
described by (the ticker's own moves, the market's, further inputs) is the caller's choice.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from core.errors import SeriesTooShort
from core.rnn.forecaster import CURVE
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.learning import Example, Recipe, last_outputs, learn
from core.rnn.networks.losses import loss_of
from core.rnn.networks.modules import network
from core.runs.request import Progress

POOLED = Recipe(steps=600, average=0.98, check_every=10, patience=12, chunks=128, piece=100, batch=512)


class PooledNetwork:
    """One recurrent forecaster of one seed for many tickers."""

    def __init__(self, architecture: Architecture, seed: int = 0, recipe: Recipe = POOLED) -> None:
        self.architecture, self.seed, self.recipe = architecture, seed, recipe
        self.window = architecture.days_read(recipe.window)
        self.loss = loss_of(architecture.target, architecture.loss)
        self.model = network(architecture, recipe.window, seed)
        self.curve = pd.DataFrame(columns=list(CURVE))

    def fit(self, examples: Sequence[Example]) -> Generator[Progress, None, None]:
        """Learn from the training days of all series; stopped by the mean loss of all validation days."""
        self.model = network(self.architecture, self.recipe.window, self.seed)
        self.curve = yield from learn(self.model, self.architecture, self.recipe, self.seed, examples)

    def forecasts(self, features: Sequence[Tensor], firsts: Sequence[int]) -> list[np.ndarray]:
        """For each ticker, from features (T, F), forecasts (T - first + 1, H) from the close before day `first` on, in units
        of its level."""
        needed = self.window or 1
        if short := [first for first in firsts if first < needed]:
            raise SeriesTooShort(f"{min(short)} days come before the first forecast, the network reads {needed}")
        counts = [len(one) - first + 1 for one, first in zip(features, firsts, strict=True)]
        with torch.inference_mode():
            outputs = last_outputs(self.model, self.window, list(zip(features, counts, strict=True)))
        return [self.loss.point(one).double().numpy() for one in outputs]
