"""The one-step forecasts of a table beside the returns of the days they are for: what traders and risk managers read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from core.rnn.dataset.level import DECAY
from core.rnn.dataset.target import Target
from core.rnn.evaluation.columns import FORECASTS
from core.rnn.worth.targeting import sizes_of
from core.rnn.worth.value_at_risk import standardised_before

_SMALLEST = 0.05  # a forecast volatility is no smaller than this share of the standard deviation of the days before


@dataclass(frozen=True)
class Predicted:
    """N days: the forecast distribution of each day's log return."""

    expected: np.ndarray  # (N,)
    volatility: np.ndarray  # (N,) above 0


@dataclass(frozen=True, eq=False)
class OneStep:
    """The forecasts of N days by M models, each the mean of its seeds, oldest first."""

    target: Target
    forecasts: pd.DataFrame  # (N, M) by date, a column a model in the order of the table
    seeds: dict[str, int]  # how many were averaged
    dates: np.ndarray  # (N,)
    returns: np.ndarray  # (N,) log returns of these days
    before: np.ndarray  # (T,) log returns of all days before the first of them
    riskmetrics: np.ndarray  # (N,) volatility of the days up to the origin (J.P. Morgan 1996)
    sigma: float  # standard deviation of a return whose forecast size is 1; NaN where no size is forecast

    @classmethod
    def of(cls, forecasts: pd.DataFrame, returns: pd.Series, target: Target, sigma: float) -> OneStep:
        """From `FORECASTS` and log returns by date, as far back as they go."""
        steps = FORECASTS.check(forecasts)[forecasts["step"] == 1]
        models = [str(model) for model in steps["model"].unique()]
        means = steps.pivot_table("forecast", ["cutoff", "date"], "model", aggfunc="mean")
        cutoffs, dates = (means.index.get_level_values(name) for name in ("cutoff", "date"))
        squares = (returns**2).ewm(alpha=1 - DECAY, adjust=False).mean()
        seeds = steps.groupby("model")["seed"].nunique()
        return cls(
            target,
            means[models].droplevel("cutoff"),
            {model: int(seeds[model]) for model in models},
            dates.to_numpy(),
            returns.loc[dates].to_numpy(),
            returns[returns.index <= cutoffs[0]].to_numpy(),
            np.sqrt(squares.loc[cutoffs].to_numpy()),
            sigma,
        )

    @property
    def models(self) -> list[str]:
        return list(self.seeds)

    def __getitem__(self, model: str) -> np.ndarray:
        """The forecasts (N,) of a model."""
        return self.forecasts[model].to_numpy()

    @property
    def smallest(self) -> float:
        """The least volatility that is taken from a forecast, such as one of 0 after a day without a move."""
        return _SMALLEST * float(self.before.std())

    def volatility(self, model: str) -> np.ndarray:
        """A model's forecasts as daily volatilities (N,); of targets that are no size, RiskMetrics'."""
        sizes = self[model] * self.sigma if self.target.is_size else self.riskmetrics
        return np.maximum(sizes, self.smallest)

    @cached_property
    def predicted(self) -> Mapping[str, Predicted]:
        """The distribution of returns that each model implies; none of a target that is a probability.

        A volatility is around 0, a forecast return is the centre of a distribution as wide as RiskMetrics says.
        """
        if self.target.is_probability:
            return {}
        none = np.zeros(len(self.returns))
        return {
            model: Predicted(self[model] if self.target.is_return else none, self.volatility(model)) for model in self.models
        }

    @cached_property
    def standardised(self) -> np.ndarray:
        """Standardised returns of the days before the first forecast."""
        return standardised_before(self.before)

    @property
    def sizes(self) -> np.ndarray:
        """Estimates (N,) of each day's volatility, see `targeting.sizes_of`."""
        return sizes_of(self.returns, self.standardised)
