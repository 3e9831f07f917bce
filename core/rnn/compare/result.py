"""The result of a comparison: forecasts, intervals, ranking, verdict, trades, provenance, and the trained networks.

The ranking can be computed again from `forecasts`, `bands` and `mase_scale` alone; verdict and trades follow from forecasts,
ranking and `valuation` (see `valued`). The columns of every table stand in `evaluation/columns.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core.rnn.compare.valuation import Valuation
from core.rnn.compare.verdict import Verdict
from core.rnn.dataset.splits import Splits
from core.rnn.dataset.target import MeasureName, Target, TargetName, log_returns, target_of
from core.rnn.evaluation.columns import AHEAD, BANDS, CURVES, EQUITY, FORECASTS, HORIZONS, PERFORMANCE, RANKING
from core.rnn.evaluation.losses import Losses
from core.rnn.evaluation.significance import ALPHA
from core.rnn.models import TITLES
from core.rnn.prices.bar_sizes import BarSize, bar_of
from core.rnn.words import say_percent
from core.runs.result import Result, rows_of


class Provenance(BaseModel):
    """The data and software behind a result, and how long each model took."""

    model_config = ConfigDict(frozen=True)

    rows: int
    first: date
    last: date
    source: str  # in words
    basis: str = "close"  # what the prices are, see `Prices.basis`
    notes: tuple[str, ...] = ()  # what a reader of the prices should know
    digest: str  # of the prices
    scaler_days: int  # networks' units come from so many first days of the target series
    refit: str = "never"  # when models were fitted again during the test
    libraries: dict[str, str]  # name -> version
    seconds: dict[str, float]  # model -> fitting and forecasting, all seeds together


class CompareResult(Result):
    """A finished comparison: forecasts of the test days, ranking, verdict and trades."""

    old_names: ClassVar[Mapping[str, str]] = {"bar_size": "interval", "best_on_validation": "favourite"}

    symbol: str
    source: str
    target: TargetName
    measure: MeasureName = "absolute"
    bar_size: BarSize = "1d"
    horizon: int = 1  # bars
    splits: Splits
    dates: np.ndarray  # (T,) int64: days since 1970-01-01
    times: np.ndarray = np.empty(0, np.int64)  # seconds since then by the exchange's clock, where a day has several bars
    close: np.ndarray  # (T,)
    mase_scale: float  # mean absolute error of the random walk on the training days, in units of the target
    best_on_validation: str = ""  # the model with the lowest loss in the validation days, chosen before the test
    chosen: dict[str, str] = Field(default_factory=dict)  # the same in each of `models.GROUPS`; earlier versions lack it
    validation_losses: dict[str, float] = Field(default_factory=dict)  # the target's leading loss, by model
    ranking: Annotated[pd.DataFrame, AfterValidator(RANKING.check)]
    horizons: Annotated[pd.DataFrame, AfterValidator(HORIZONS.check)]
    forecasts: Annotated[pd.DataFrame, AfterValidator(FORECASTS.check)]
    bands: Annotated[pd.DataFrame, AfterValidator(BANDS.check)]
    ahead: Annotated[pd.DataFrame, AfterValidator(AHEAD.check)]
    valuation: Valuation = Valuation()  # the assumptions behind performance, equity and verdict
    performance: Annotated[pd.DataFrame, AfterValidator(PERFORMANCE.check)]
    equity: Annotated[pd.DataFrame, AfterValidator(EQUITY.check)]
    days_a_year: float = 252.0
    sigma: float = float("nan")  # of a return whose forecast size is 1, on the training days; earlier versions lack it
    curves: Annotated[pd.DataFrame, AfterValidator(CURVES.check)]
    weights: dict[str, np.ndarray]  # "gru/0/…": what `Forecaster.restore` reads, by model and seed
    verdict: Verdict
    provenance: Provenance

    @property
    def target_row(self) -> Target:
        """What was forecast."""
        return target_of(self.target, self.measure)

    @cached_property
    def losses(self) -> Losses:
        """The squared errors of the forecasts, and the tests over them; copies of this result share them."""
        return Losses.of(self.forecasts)

    @property
    def size_to_sigma(self) -> float:
        """What a forecast size is multiplied by to be a standard deviation; NaN where no size is forecast.

        Results of earlier versions lack it: there it follows from their closes or, of a measure by ranges, is 1 as then.
        """
        if np.isfinite(self.sigma) or not self.target_row.is_size:
            return self.sigma
        if self.target_row.of_return is None:
            return 1.0
        returns = log_returns(self.close)[: self.splits.train_end]
        return self.target_row.sigma_of(returns, self.target_row.values_of(returns, np.abs(returns)))

    @property
    def bar(self) -> str:
        """What one step is, in words."""
        return bar_of(self.bar_size)

    @property
    def days(self) -> np.ndarray:
        """When the prices are from, (T,): datetime64[D], or [s] where a day has several bars."""
        return self.times.astype("datetime64[s]") if self.times.size else self.dates.astype("datetime64[D]")

    @property
    def scores(self) -> list[dict[str, Any]]:
        """The ranking, one row a model, ready for JSON: what is not a number is None."""
        return rows_of(self.ranking)

    @property
    def trading(self) -> list[dict[str, Any]]:
        """The performance of every rule, ready for JSON."""
        return rows_of(self.performance)

    @property
    def headline(self) -> str:
        """For lists of runs. They count no trials, so it claims only what stays true under any correction for other trials."""
        tested = self.ranking[(self.ranking["dm_p_holm"] < ALPHA) & (self.ranking["dm_stat"] < 0)]
        if tested.empty:  # corrections only make p values larger
            return "nothing beats the random walk"
        best = self.ranking.iloc[0]
        return f"lowest error: {TITLES[best['model']]}, skill {say_percent(best['skill'], 1)}"
