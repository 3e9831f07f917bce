"""What every model can do, classical or recurrent; the backtest knows no more."""

from __future__ import annotations

from collections.abc import Generator
from typing import Protocol

import numpy as np

from core.rnn.dataset.series import Series
from core.runs.request import Progress

MOST_STEPS = 20  # the longest horizon, in days
LEVELS = np.arange(1, 20) / 20  # of a predictive distribution's quantiles: 5 %, 10 %, …, 95 %


class Forecaster(Protocol):
    """A model of one seed, asked for the next H days. Fitting it again forgets what it was fitted on before."""

    def fit(self, series: Series, train_end: int) -> Generator[Progress, None, None]:
        """Learn from a series that ends where the test begins; days from `train_end` on only choose and stop."""

    def forecast(self, series: Series, first: int) -> np.ndarray:
        """Forecasts (T - first + 1, H), in units of the target: row i knows the days before `first` + i and no others.

        So row 0 forecasts the days from `first` on, and the last row, which knows all T days, those that are still to come.
        """

    def quantiles(self, series: Series, first: int) -> np.ndarray | None:
        """The quantiles (T - first + 1, H, LEVELS) of the same forecasts, where the model states a distribution of its own."""
