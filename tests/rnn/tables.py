"""Forecast tables by hand, as a comparison would write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd


def forecast_table(actual: Sequence[float] | np.ndarray, forecasts: Mapping[str, Sequence | np.ndarray]) -> pd.DataFrame:
    """The long table of forecasts: for every model either (days,) or (seeds, days)."""
    days = np.busday_offset("2020-01-01", np.arange(len(actual) + 1)).astype("datetime64[s]")
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "model": model,
                    "seed": seed,
                    "cutoff": days[:-1],
                    "step": 1,
                    "date": days[1:],
                    "actual": np.asarray(actual, float),
                    "forecast": one,
                }
            )
            for model, told in forecasts.items()
            for seed, one in enumerate(np.atleast_2d(np.asarray(told, float)))
        ],
        ignore_index=True,
    )
