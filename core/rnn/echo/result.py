"""The result of the echo: how much of what can be forecast each network forecasts, by lag."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from core.rnn.models import TITLES
from core.rnn.words import true_minus
from core.runs.result import Result, rows_of
from core.runs.standing import Standing, health_of, of_several

# skill: 1 − MSE / MSE of the forecast 0, on the test days; se: its standard error, which earlier versions lack
SCORES = ("lag", "model", "seed", "skill", "seconds", "steps", "se")
CURVES = ("lag", "model", "seed", "step", "validation")  # the validation loss while they learned
LEARNED = 0.5  # share of what is possible from which on a task counts as learned


ONCE = "Each network was trained once, so how much another seed would change is not in these numbers."


class EchoResult(Result):
    """Skills of networks on days that repeat those of k days ago in noise."""

    strength: float  # a
    possible: float  # a²: the skill of who knows k and a
    days: int
    seeds: int
    scores_by_lag: pd.DataFrame  # `SCORES`
    curves: pd.DataFrame = Field(default_factory=lambda: pd.DataFrame(columns=list(CURVES)))  # earlier versions lack it
    planned: int = 0  # networks, of a run that was stopped before all were trained

    @property
    def unfinished(self) -> str:
        if not self.planned:
            return ""
        return f"It was stopped: {len(self.scores_by_lag)} of {self.planned} networks are in."

    @classmethod
    def together(cls, results: Sequence[EchoResult]) -> EchoResult:
        """Results of the same settings as one, of all their lags; of a lag that several have, the first counts."""
        rows = pd.concat([one.scores_by_lag for one in results]).drop_duplicates(["lag", "model", "seed"])
        return results[0].model_copy(update={"scores_by_lag": rows.sort_values("lag", kind="stable", ignore_index=True)})

    def learned(self, model: str, lag: int) -> bool:
        """Whether a network forecasts at least half of what is possible at a lag."""
        return bool(self.skills(model)[lag] >= LEARNED * self.possible)

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
    def standing(self) -> Standing:
        """Of the first network at the first lag that is not healthy: it has not learned the echo, or not surely."""
        return of_several([self._standing(row) for row in self.scores])

    def _standing(self, row: dict[str, Any]) -> Standing:
        better = row["skill"] / row["se"] if row.get("se") else math.nan
        far = 0 < row["skill"] < LEARNED * self.possible
        health = health_of(better, "far from what is possible" if far else "")
        error_is = f"% of the variance is not forecast, {TITLES[row['model']]}, echo of {_days(row['lag'])}"
        return Standing(100 * (1 - row["skill"]), error_is, 100.0, "forecasting no move", *health)

    @property
    def text(self) -> str:
        """Who learned it, in a sentence, and how far that can be told."""
        lags = set(self.scores_by_lag["lag"])
        said = self._of_one(int(lags.pop())) if len(lags) == 1 else self._of_all
        return f"{said} {ONCE}" if self.seeds == 1 else said

    @property
    def _of_all(self) -> str:
        about = f"{100 * self.possible:.0f} % of the variance can be forecast"
        parts = [f"{TITLES[model]} {_until(self.longest(model))}" for model in self.models]
        return f"Learned, so that at least half of that is forecast ({about}): {'; '.join(parts)}."

    def _of_one(self, lag: int) -> str:
        """Of a single lag: who learned it, and who did not, with what each forecasts."""
        by_outcome = {
            said: [
                f"the {TITLES[model]} ({_percent(self.skills(model)[lag])})"
                for model in self.models
                if self.learned(model, lag) == yes
            ]
            for yes, said in ((True, "learned it"), (False, "did not"))
        }
        about = f"Of the echo of {_days(lag)}, {100 * self.possible:.0f} % of the variance can be forecast."
        sentences = [f"{_listed(names)} {said}." for said, names in by_outcome.items() if names]
        return " ".join([about, *(sentence[:1].upper() + sentence[1:] for sentence in sentences)])

    @property
    def headline(self) -> str:
        mean = self.scores_by_lag.groupby("model", sort=False)["skill"].mean()
        best = str(mean.idxmax())
        return f"best: {TITLES[best]}, skill {_percent(mean[best])} of {100 * self.possible:.0f} %"


def _percent(share: float) -> str:
    """ "81 %", "−3 %", and 0 without a sign."""
    return true_minus(f"{100 * share:z.0f} %")


def _until(lag: int) -> str:
    if not lag:
        return "not even the shortest"
    return f"up to {_days(lag)}"


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
