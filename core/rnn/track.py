"""One model's forecasts of one step over the test, as arrays: what every figure of forecasts and errors begins with."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from core.rnn.outcome import CompareResult

_ENDS = ("low", "high", "adaptive_low", "adaptive_high")


@dataclass(frozen=True)
class Track:
    """N origins, oldest first, and S seeds; values in units of the target. Without intervals their ends are NaN."""

    days: np.ndarray  # (N,) the day that is forecast
    known: np.ndarray  # (N,) the last price known when the forecast was made
    actual: np.ndarray  # (N,)
    forecasts: np.ndarray  # (S, N)
    low: np.ndarray  # (S, N) of the static interval
    high: np.ndarray
    adaptive_low: np.ndarray
    adaptive_high: np.ndarray

    @property
    def forecast(self) -> np.ndarray:
        """The mean over the seeds, (N,)."""
        return self.forecasts.mean(axis=0)

    @property
    def residuals(self) -> np.ndarray:
        """Actual minus forecast, (S, N)."""
        return self.actual - self.forecasts

    @property
    def banded(self) -> bool:
        """Whether there are intervals."""
        return bool(np.isfinite(self.adaptive_low).any())

    def last(self, count: int) -> Track:
        """The newest `count` origins."""
        return Track(**{field.name: getattr(self, field.name)[..., -count:] for field in fields(self)})


def track_of(result: CompareResult, model: str, step: int = 1) -> Track:
    """The forecasts of a model, so many days ahead."""
    rows = _rows(result.forecasts, model, step)
    seeds = rows["seed"].nunique()
    cutoffs, days, actual = (rows[name].to_numpy()[: len(rows) // seeds] for name in ("cutoff", "date", "actual"))
    around = _rows(result.bands, model, step)
    nothing = np.full((seeds, len(days)), np.nan)
    ends = {name: around[name].to_numpy(float).reshape(seeds, -1) if len(around) else nothing for name in _ENDS}
    known = result.close[np.searchsorted(result.days.astype("datetime64[s]"), cutoffs.astype("datetime64[s]"))]
    return Track(days.astype("datetime64[ms]"), known, actual, rows["forecast"].to_numpy().reshape(seeds, -1), **ends)


def _rows(table: pd.DataFrame, model: str, step: int) -> pd.DataFrame:
    return table[(table["model"] == model) & (table["step"] == step)].sort_values(["seed", "cutoff"], kind="stable")
