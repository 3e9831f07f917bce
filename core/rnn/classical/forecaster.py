"""Classical models as forecasters (`core.rnn.forecaster`): the models that a network has to beat.

Parameters are estimated once, on all days before the test (or a refit), and stay fixed while forecasts use every new day; for
forecasts of the validation days they are estimated on the training days alone.
Forecasts are clipped to the range of their target: a volatility is never below 0.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping

import numpy as np
import pandas as pd

from core.errors import SeriesTooShort
from core.rnn.dataset.series import Series
from core.rnn.dataset.target import Target
from core.rnn.forecaster import CURVE
from core.rnn.models import MODELS, refuse_unsuited
from core.runs.request import Progress


class FittedModel(ABC):
    """A classical model with its parameters."""

    converged: bool = True  # whether the search for them ended at an optimum; models without a search have nothing to converge

    @abstractmethod
    def forecasts(self, series: Series, first: int, horizon: int) -> np.ndarray:
        """Forecasts (T - first + 1, H) in units of the target: row i uses the days before `first` + i and no others."""

    def quantiles(self, series: Series, first: int, horizon: int) -> np.ndarray | None:
        """The quantiles (T - first + 1, H, LEVELS) of the same forecasts; most models state no distribution of their own."""
        return None


class Classical:
    """One of the classical forecasters of the next `horizon` days, by the name of its row."""

    def __init__(self, name: str, target: Target, horizon: int) -> None:
        """InvalidRequest where the model makes no sense for the target."""
        refuse_unsuited([name], target)
        self.model, self.target, self.horizon = MODELS[name], target, horizon
        self._fitted: FittedModel | None = None
        self.converged = True  # every search so far, that without the validation days included

    def fit(self, series: Series, train_end: int) -> Generator[Progress, None, None]:
        """Estimate on all days of the series; SeriesTooShort. There are no validation days: nothing is stopped early."""
        yield Progress(phase=self.model.title)
        self.restore({}, series)

    def forecast(self, series: Series, first: int) -> np.ndarray:
        """Forecasts (T - first + 1, H) in units of the target."""
        return self.target.bounded(self._fitted_on(first).forecasts(series, first, self.horizon))

    def quantiles(self, series: Series, first: int) -> np.ndarray | None:
        """The quantiles (T - first + 1, H, LEVELS), where the model states them."""
        return self._fitted_on(first).quantiles(series, first, self.horizon)

    def without_validation(self, series: Series, train_end: int) -> Classical:
        """A model of the same kind, fitted on the training days; SeriesTooShort."""
        model = Classical(self.model.name, self.target, self.horizon)
        model.restore({}, series.until(train_end))
        self.converged &= model.converged
        return model

    @property
    def curve(self) -> pd.DataFrame:
        return pd.DataFrame(columns=list(CURVE))

    @property
    def weights(self) -> dict[str, np.ndarray]:
        return {}

    def restore(self, weights: Mapping[str, np.ndarray], series: Series) -> None:
        """Fit again: these models have no weights, and fitting is as fast as reading them."""
        self._check(len(series))
        self._fitted = self.model.make(series, self.horizon)
        self.converged &= self._fitted.converged

    def _fitted_on(self, days: int) -> FittedModel:
        self._check(days)
        if self._fitted is None:
            raise ValueError(f"{self.model.name} forecasts before it was fitted")
        return self._fitted

    def _check(self, days: int) -> None:
        if days < self.model.fewest_days:
            raise SeriesTooShort(f"{self.model.capitalised_title} was given {days} days, it needs {self.model.fewest_days}")
