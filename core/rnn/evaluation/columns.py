"""The columns of the tables that a comparison computes, stores, exports and draws.

`step` counts bars ahead, from 1; forecasts, actuals and errors are in the units of the target. `seed` is that of one
training, or `COMMITTEE`. Forecasts are stored seed by seed; intervals and the days ahead are those of committees, in results of
earlier versions those of each seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

COMMITTEE = -1  # the seed of a committee, the mean forecast of all seeds of a model; of a classical model its one forecast


@dataclass(frozen=True)
class Columns:
    """The columns that a kind of table must have; it may have more."""

    table: str
    names: tuple[str, ...]

    def check(self, table: pd.DataFrame) -> pd.DataFrame:
        """The same table; ValueError when a column is missing."""
        if missing := [name for name in self.names if name not in table]:
            raise ValueError(f"the table of {self.table} lacks {', '.join(missing)}; it has {', '.join(map(str, table))}")
        return table


FORECASTS = Columns("forecasts", ("model", "seed", "cutoff", "step", "date", "actual", "forecast"))  # cutoff: last day known
BANDS = Columns(  # 90 % intervals, static and adaptive, and the score of the whole distribution
    "intervals", ("model", "seed", "cutoff", "step", "date", "low", "high", "adaptive_low", "adaptive_high", "crps")
)
AHEAD = Columns(  # after the last day; the date is NaT inside a day, prices are NaN unless returns are forecast
    "days ahead", ("model", "seed", "step", "date", "forecast", "low", "high", "price", "price_low", "price_high")
)
RANKING = Columns(  # a row a model; what verdict and figures read of the columns that `metrics.METRICS` gives
    "ranking", ("model", "skill", "rmse", "dm_stat", "dm_p", "dm_p_holm", "seeds")
)
HORIZONS = Columns("horizons", ("model", "step", "rmse", "skill"))
PERFORMANCE = Columns("performance", ("model", "rule", "sharpe"))  # a row a model and rule, see `worth.performance`
EQUITY = Columns("equity", ("date",))  # then a column "model rule" for each, from 1 on
CURVES = Columns("learning curves", ("model", "seed", "step", "loss", "validation"))  # step: of the training
