"""What every model can do, classical or recurrent; backtest and comparison use nothing else of it."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Protocol

import numpy as np
import pandas as pd

from core.rnn.dataset.series import Series
from core.runs.request import Progress

MOST_STEPS = 20  # the longest horizon, in days
LEVELS = np.arange(1, 20) / 20  # of a predictive distribution's quantiles: 5 %, 10 %, …, 95 %
CURVE = ("step", "loss", "validation")  # columns of a learning curve


class FittedForecaster(Protocol):
    """A model with its parameters: forecasts of the next H days."""

    def forecast(self, series: Series, first: int) -> np.ndarray:
        """Forecasts (T - first + 1, H), in units of the target: row i uses the days before `first` + i and no others.

        So row 0 forecasts the days from `first` on, and the last row, which uses all T days, those that are still to come.
        """

    def quantiles(self, series: Series, first: int) -> np.ndarray | None:
        """The quantiles (T - first + 1, H, LEVELS) of the same forecasts, where the model states a distribution of its own."""


class Forecaster(FittedForecaster, Protocol):
    """A model of one seed. Fitting it again forgets what it was fitted on before."""

    def fit(self, series: Series, train_end: int) -> Generator[Progress, None, None]:
        """Learn from a series that ends where the test begins; days from `train_end` on only choose and stop."""

    @property
    def curve(self) -> pd.DataFrame:
        """How it learned, columns `CURVE`, one row a validation; no rows where nothing is learned step by step."""

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """What `restore` reads of a fitted model; nothing where fitting again costs as little."""

    def restore(self, weights: Mapping[str, np.ndarray], series: Series) -> None:
        """Become the model again that had these weights and was fitted on this series."""
