"""The forecasts that a network has to beat, by name; each with the verbs of every forecaster.

What has parameters gets them once, from the days before the test; then it rolls through the test with every new day. A forecast
of volatility is never below 0, and a probability keeps `EDGE` away from 0 and 1, where one surprise would be infinitely bad.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Protocol, get_args

import numpy as np

from core.errors import InvalidRequest, SeriesTooShort
from core.rnn.classical.arima import Arima
from core.rnn.classical.autoregression import Autoregression, Heterogeneous
from core.rnn.classical.exponential_smoothing import Smoothing, Theta
from core.rnn.classical.garch import Garch
from core.rnn.classical.simple import Running, RunningName
from core.rnn.dataset.series import Series
from core.rnn.dataset.target import TargetName
from core.rnn.names import TITLES, ClassicalName, opening
from core.runs.request import Progress

EDGE = 0.01  # of a probability
FEWEST = 66  # days that a model with parameters needs: three times the longest lag


class Fitted(Protocol):
    """A classical model with its parameters."""

    def forecasts(self, series: Series, first: int, horizon: int) -> np.ndarray:
        """Forecasts (T - first + 1, H): row i knows the days before `first` + i."""


_FITS: dict[ClassicalName, Callable[[Series, int], Fitted]] = {
    "random-walk": lambda past, horizon: Running("random-walk"),
    "drift": lambda past, horizon: Running("drift"),
    "mean": lambda past, horizon: Running("mean"),
    "ewma": lambda past, horizon: Running("ewma"),
    "ar": lambda past, horizon: Autoregression.fit(past.values),
    "har": lambda past, horizon: Heterogeneous.fit(past.values, horizon),
    "arima": lambda past, horizon: Arima.fit(past),
    "ets": lambda past, horizon: Smoothing.fit(past.values, trends=past.target.name != "direction"),
    "theta": lambda past, horizon: Theta.fit(past.values),
    "garch": lambda past, horizon: Garch.fit(past),
}
_SENSELESS = {("theta", "direction"): "its drift would leave the range of a probability"}


def suits(name: ClassicalName, target: TargetName) -> bool:
    """Whether a classical model makes sense for a target."""
    return (name, target) not in _SENSELESS


class Classical:
    """One of the classical forecasters of the next `horizon` days, by its name."""

    def __init__(self, name: ClassicalName, target: TargetName, horizon: int) -> None:
        """InvalidRequest where the model makes no sense for the target."""
        if not suits(name, target):
            raise InvalidRequest(
                f"{opening(name)} does not forecast a {target}: {_SENSELESS[name, target]}; choose another model"
            )
        self.name, self.target, self.horizon = name, target, horizon
        self._fitted: Fitted | None = None

    def fit(self, series: Series, train_end: int) -> Generator[Progress, None, None]:
        """Parameters from all days of the series; SeriesTooShort. No day is kept back: no classical model stops early."""
        yield Progress(phase=TITLES[self.name])
        self._check(len(series))
        self._fitted = _FITS[self.name](series, self.horizon)

    def forecast(self, series: Series, first: int) -> np.ndarray:
        """Forecasts (T - first + 1, H) in units of the target."""
        return _within(self.target, self._known(first).forecasts(series, first, self.horizon))

    def quantiles(self, series: Series, first: int) -> np.ndarray | None:
        """The quantiles (T - first + 1, H, LEVELS) of returns, by GARCH-t; the others state no distribution of their own."""
        fitted = self._known(first)
        if isinstance(fitted, Garch) and self.target == "return":
            return fitted.quantiles(series, first, self.horizon)
        return None

    def _known(self, first: int) -> Fitted:
        self._check(first)
        if self._fitted is None:
            raise ValueError(f"{self.name} was asked for forecasts before it was fitted")
        return self._fitted

    def _check(self, days: int) -> None:
        fewest = 1 if self.name in get_args(RunningName) else FEWEST
        if days < fewest:
            raise SeriesTooShort(f"{opening(self.name)} was given {days} days, it needs {fewest}")


def _within(target: TargetName, forecasts: np.ndarray) -> np.ndarray:
    if target == "direction":
        return np.clip(forecasts, EDGE, 1 - EDGE)
    return np.maximum(forecasts, 0.0) if target == "volatility" else forecasts
