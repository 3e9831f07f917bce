"""The interface of every model, classical or recurrent; backtests and comparisons use nothing else."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Protocol

import numpy as np
import pandas as pd

from core.rnn.dataset.series import Series
from core.runs.request import Progress

MOST_STEPS = 20  # the longest horizon, in days
LEVELS = np.arange(1, 20) / 20  # probabilities of the quantiles of a predictive distribution: 5 %, 10 %, …, 95 %
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
    """A model with its seed. A second `fit` starts from scratch."""

    def fit(self, series: Series, train_end: int) -> Generator[Progress, None, None]:
        """Learn from a series that ends where the test begins. Days from `train_end` on are for validation: early stopping and
        choosing the weights."""

    def without_validation(self, series: Series, train_end: int) -> FittedForecaster:
        """The model as `fit` to the same series and `train_end` leaves it, its parameters estimated on the training days alone.

        Itself, where `fit` only stops and chooses by the validation days; else another that is fitted now.
        """

    @property
    def curve(self) -> pd.DataFrame:
        """The learning curve, columns `CURVE`, one row a validation; no rows for models that are not trained in steps."""

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """The fitted parameters that `restore` needs; empty for models that `restore` fits again, because that is as fast."""

    def restore(self, weights: Mapping[str, np.ndarray], series: Series) -> None:
        """Put the model back into the state that `fit` left, from its weights and the series that it was fitted on."""
