"""Forecast tables by hand, as a comparison would write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd


def forecast_table(
    actual: Sequence[float] | np.ndarray, forecasts: Mapping[str, Sequence | np.ndarray], last_day: str = "2022-12-30"
) -> pd.DataFrame:
    """The long table of forecasts: for every model either (days,) or (seeds, days); the last test day is `last_day`."""
    days = np.busday_offset(last_day, np.arange(-len(actual), 1)).astype("datetime64[s]")
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
            for model, values in forecasts.items()
            for seed, one in enumerate(np.atleast_2d(np.asarray(values, float)))
        ],
        ignore_index=True,
    )


def horizon_table(actual: np.ndarray, forecasts: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """The same with H steps: actual (days,), every model's forecasts (seeds, origins, H) from the day before day 0 on."""
    days = np.busday_offset("2020-01-01", np.arange(len(actual) + 1), roll="forward").astype("datetime64[s]")
    tables = []
    for model, values in forecasts.items():
        for seed, one in enumerate(values):
            origin, step = (place.ravel() for place in np.indices(one.shape))
            tables.append(
                pd.DataFrame(
                    {
                        "model": model,
                        "seed": seed,
                        "cutoff": days[origin],
                        "step": step + 1,
                        "date": days[origin + step + 1],
                        "actual": actual[origin + step],
                        "forecast": one.ravel(),
                    }
                )
            )
    return pd.concat(tables, ignore_index=True)
