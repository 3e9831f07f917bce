"""The result of a learner: forecasts of one or more models from every origin, or what the panel's days were."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import AfterValidator, Field

from core.rnn.dataset.splits import Splits
from core.rnn.evaluation.columns import CURVES
from core.runs.result import Result


class LearnerResult(Result):
    """Forecasts as matrices (R, N): a row a day of the panel from the first validation day on, and one for the day to come.

    NaN where a ticker does not trade or was not forecast. Of the alignment the fields from `days` on, else those before.
    """

    symbols: tuple[str, ...]  # N, in the order of the columns
    points: dict[str, np.ndarray] = Field(default_factory=dict)  # "model/seed" -> (R, N), in units of the target
    causal: dict[str, bool] = Field(
        default_factory=dict
    )  # model -> whether altered later prices left its forecasts as they were
    not_converged: dict[str, tuple[str, ...]] = Field(
        default_factory=dict
    )  # model -> tickers on which a search for its parameters did not end at an optimum
    seconds: dict[str, float] = Field(default_factory=dict)  # model -> fitting and forecasting, all seeds of this part
    curves: Annotated[pd.DataFrame, AfterValidator(CURVES.check)] = pd.DataFrame(columns=CURVES.names)
    days: np.ndarray = np.empty(0, np.int64)  # (R - 1,) seconds since 1970-01-01, of the rows
    actual: np.ndarray = np.empty((0, 0))  # (R - 1, N)
    returns: np.ndarray = np.empty((0, 0))  # (R - 1, N) log returns
    cutoffs: np.ndarray = np.empty((0, 0), np.int64)  # (R, N) seconds: the last day known to each forecast
    levels: np.ndarray = np.empty((0, 0))  # (R, N) the running mean size at the cutoff
    market: np.ndarray = np.empty(0)  # (R,) the market's level on the day before
    units: np.ndarray = np.empty(0)  # (N,) mean size of the training days
    sigmas: np.ndarray = np.empty(0)  # (N,) standard deviation of a return whose size is forecast as 1
    first_test: int = 0  # the row of the first test day
    splits: Splits | None = None
    notes: tuple[str, ...] = ()

    @property
    def scores(self) -> dict[str, Any]:
        return {"models": sorted(self.causal), "causal": all(self.causal.values())}

    @property
    def headline(self) -> str:
        if not self.points:
            return f"{len(self.symbols)} tickers on one axis of days"
        return f"forecasts of {len(self.symbols)} tickers"
