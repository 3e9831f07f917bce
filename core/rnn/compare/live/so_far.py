"""What has come so far of a comparison: the models that are done, best first, and their forecasts of the last test days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from core.runs.value import StoredValue

NAME = "so far"  # in `Progress.pictures`
DAYS = 120  # the last test days, which are drawn


class SoFar(StoredValue):
    """Losses over all test days; forecasts one step ahead of the last N, the mean over the seeds that are done."""

    loss: str  # its name, a row of `loss_functions.LOSS_FUNCTIONS`
    reference: str
    ranking: pd.DataFrame  # model, seeds, loss, skill; the lowest loss first. Skill is NaN before the reference is done
    days: np.ndarray  # (N,) int64: seconds since 1970-01-01
    actual: np.ndarray  # (N,)
    forecasts: dict[str, np.ndarray]  # by model: (N,)


def ranked(rows: Iterable[tuple[str, int, float, float]]) -> pd.DataFrame:
    """`SoFar.ranking` of model, seeds, loss and skill."""
    return pd.DataFrame(rows, columns=["model", "seeds", "loss", "skill"]).sort_values("loss", ignore_index=True)


def planned_in_words(planned: Mapping[str, int], done: Mapping[str, int], titles: Mapping[str, str]) -> str:
    """How many seeds of which networks are done: "7 of 20 networks: RNN 5 of 5 seeds, LSTM 2 of 5, no GRU"."""
    parts = [
        f"{titles[name]} {done[name]} of {seeds}" if done.get(name) else f"no {titles[name]}" for name, seeds in planned.items()
    ]
    return f"{sum(done.get(name, 0) for name in planned)} of {sum(planned.values())} networks: {', '.join(parts)}"
