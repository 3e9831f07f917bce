"""How good forecasts are in each part of the test: whether a skill is there all the time, or comes from one lucky stretch."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.rnn.names import REFERENCE

FOLDS = 4


def by_fold(forecasts: pd.DataFrame, folds: int = FOLDS) -> pd.DataFrame:
    """Error by model and part of the test, the origins cut into `folds` equal parts: model, fold, first, last, rmse, skill.

    `first` and `last` are cutoffs; rmse is in units of the target, skill against the random walk of that part, NaN where that
    made no error. ValueError when there are fewer origins than folds.
    """
    cutoffs = np.sort(forecasts["cutoff"].unique())
    if len(cutoffs) < folds:
        raise ValueError(f"{len(cutoffs)} origins cannot be cut into {folds} folds")
    parts = np.array_split(cutoffs, folds)
    squared = forecasts.assign(
        loss=(forecasts["forecast"] - forecasts["actual"]) ** 2,
        fold=1 + np.searchsorted([part[-1] for part in parts], forecasts["cutoff"].to_numpy()),
    )
    table = squared.groupby(["model", "fold"], sort=False, as_index=False)["loss"].mean()
    walk = table["fold"].map(table[table["model"] == REFERENCE].set_index("fold")["loss"])
    table["first"], table["last"] = ([parts[fold - 1][place] for fold in table["fold"]] for place in (0, -1))
    table = table.assign(rmse=np.sqrt(table["loss"]), skill=1 - table["loss"] / walk.where(walk > 0))
    return table[["model", "fold", "first", "last", "rmse", "skill"]]
