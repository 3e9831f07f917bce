"""The result of the echo: how much of what can be forecast each network forecasts, by lag."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from core.rnn.models import TITLES
from core.runs.result import Result, rows_of

SCORES = ("lag", "model", "seed", "skill", "seconds", "steps")  # skill: 1 − MSE / MSE of the forecast 0, on the test days
LEARNED = 0.5  # share of what is possible from which on a task counts as learned


class EchoResult(Result):
    """Skills of networks on days that repeat those of k days ago in noise."""

    strength: float  # a
    possible: float  # a²: the skill of who knows k and a
    days: int
    seeds: int
    scores_by_lag: pd.DataFrame  # `SCORES`

    def skills(self, model: str) -> pd.Series:
        """The skill of a network by lag, a mean over its seeds."""
        own = self.scores_by_lag[self.scores_by_lag["model"] == model]
        return own.groupby("lag")["skill"].mean()

    @property
    def models(self) -> list[str]:
        return list(dict.fromkeys(self.scores_by_lag["model"]))

    def longest(self, model: str) -> int:
        """The largest lag up to which it learned every task; 0: not even the first."""
        learned = (self.skills(model) >= LEARNED * self.possible).to_numpy()
        count = len(learned) if learned.all() else int(np.argmin(learned))
        return int(self.skills(model).index[count - 1]) if count else 0

    @property
    def scores(self) -> list[dict[str, Any]]:
        return rows_of(self.scores_by_lag)

    @property
    def text(self) -> str:
        """Who learned it, in a sentence."""
        about = f"{100 * self.possible:.0f} % of the variance can be forecast"
        parts = [f"{TITLES[model]} {_until(self.longest(model), len(self.skills(model)))}" for model in self.models]
        return f"Learned, so that at least half of that is forecast ({about}): {'; '.join(parts)}."

    @property
    def headline(self) -> str:
        mean = self.scores_by_lag.groupby("model", sort=False)["skill"].mean()
        best = str(mean.idxmax())
        return f"best: {TITLES[best]}, skill {100 * mean[best]:.0f} % of {100 * self.possible:.0f} %"


def _until(lag: int, tasks: int) -> str:
    if not lag:
        return "no echo" if tasks == 1 else "not even the shortest"
    days = f"{lag} day{'' if lag == 1 else 's'}"
    return f"the echo of {days}" if tasks == 1 else f"up to {days}"
