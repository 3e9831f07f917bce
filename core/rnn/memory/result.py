"""The result of memory: connectivity of trained networks and of their placebos by lag, the test, and gradients through time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from core.rnn.dataset.target import MeasureName, Target, TargetName, target_of
from core.rnn.memory.placebo import ALPHA
from core.rnn.models import TITLES
from core.rnn.words import say_p
from core.runs.result import Result, rows_of
from core.runs.standing import Standing, health_of, of_several

TRAINED = ("model", "seed", "lag", "size", "low", "high")  # mean size of ∂ŷ_t/∂x_{t−k} over days, and its quartiles
PLACEBO = ("model", "order", "lag", "size", "agreement")  # orders 1 … placebos; means over seeds
GRADIENTS = ("model", "stage", "days_before", "value", "size")  # |∂L/∂h_{t−k}| k days before, of value "h", of an LSTM "c" too
STAGES = ("model", "stage", "radius", "norm")  # spectral radius of the recurrent weights; norm of the gradient by all weights
LINEAR = ("model", "lag", "weight")  # the coefficients of linear models
VARIANTS = (  # a row a variant: the test, and the lags that hold half of the connectivity or most of it
    "model", "agreement", "placebo_agreement", "placebo_highest", "p", "more_than_chance",
    "half_lag", "placebo_half_lag", "peak", "placebo_peak",
)  # fmt: skip


def half_lag(sizes: np.ndarray) -> int:
    """The first lag k at which the sizes (lags,) of lags 1 … k add up to half of their sum; 0 where all are 0."""
    total = np.abs(sizes).sum()
    return int(np.argmax(np.cumsum(np.abs(sizes)) >= total / 2)) + 1 if total > 0 else 0


def mean_curve(table: pd.DataFrame, model: str) -> np.ndarray:
    """The mean size by lag, (lags,), of one variant in a table such as `TRAINED` or `PLACEBO`."""
    return table[table["model"] == model].groupby("lag")["size"].mean().to_numpy()


class MemoryResult(Result):
    """What the networks of one comparison keep of the days before. Lags are in steps of the series, from 1 on."""

    symbol: str
    target: TargetName
    measure: MeasureName = "absolute"
    comparison: str  # id of the comparison's run
    placebos: int  # shuffled orders
    seeds: int  # networks of each variant and order in the test
    trained: pd.DataFrame  # `TRAINED`
    placebo: pd.DataFrame  # `PLACEBO`
    linear: pd.DataFrame  # `LINEAR`
    gradients: pd.DataFrame  # `GRADIENTS`: backward through time, at stages of the training of the first seed
    stages: pd.DataFrame  # `STAGES`
    variants: pd.DataFrame  # `VARIANTS`
    planned: int = 0  # shuffled orders, of a run that was stopped before all were learned from

    @property
    def unfinished(self) -> str:
        if not self.planned:
            return ""
        return f"It was stopped after {self.placebos} of {self.planned} shuffled orders; the test is by these."

    @property
    def enough(self) -> bool:
        """Whether so many orders can tell of chance at all: no p is below 1 in their number and one."""
        return 1 / (self.placebos + 1) <= ALPHA

    @property
    def target_row(self) -> Target:
        """What was forecast."""
        return target_of(self.target, self.measure)

    @property
    def models(self) -> list[str]:
        """The variants, in the order of the comparison."""
        return list(self.variants["model"])

    def curve(self, model: str) -> np.ndarray:
        """The connectivity of a variant by lag, a mean over its seeds, (lags,)."""
        return mean_curve(self.trained, model)

    def placebo_curve(self, model: str) -> np.ndarray:
        """The same of its placebos, a mean over the orders, (lags,)."""
        return mean_curve(self.placebo, model)

    @property
    def answers(self) -> dict[str, dict[str, Any]]:
        """What `python -m core memory --json` says of each variant."""
        return {
            row["model"]: row
            | {
                "title": TITLES[row["model"]],
                "connectivity": self.curve(row["model"]).tolist(),
                "placebo": self.placebo_curve(row["model"]).tolist(),
            }
            for row in rows_of(self.variants)
        }

    @property
    def linear_answers(self) -> dict[str, dict[str, Any]]:
        """The same of linear models: their weights by lag, and the lag that holds half of their sizes."""
        by_model = {str(model): own["weight"].to_numpy() for model, own in self.linear.groupby("model", sort=False)}
        return {
            name: {"title": TITLES[name], "weights": one.tolist(), "half_lag": half_lag(one)} for name, one in by_model.items()
        }

    @property
    def scores(self) -> list[dict[str, Any]]:
        return rows_of(self.variants)

    @property
    def standing(self) -> Standing:
        """Of the first variant whose forecasts follow the test days no better than those of its placebos."""
        return of_several([self._standing(row) for row in rows_of(self.variants)])

    def _standing(self, row: dict[str, Any]) -> Standing:
        by_chance = self.placebo[self.placebo["model"] == row["model"]].groupby("order")["agreement"].first()
        better = (row["agreement"] - row["placebo_agreement"]) / by_chance.std()
        reached = better > 0 and not row["more_than_chance"]
        health = health_of(better, "some of the shuffled orders reach it" if reached else "")
        error_is = f"1 − slope of the forecasts on what came, {TITLES[row['model']]}"
        return Standing(1 - row["agreement"], error_is, 1 - row["placebo_agreement"], "shuffled days, the mean", *health)

    @property
    def text(self) -> str:
        """What the test says, and why."""
        return f"{self.verdict} {self.reason}"

    @property
    def verdict(self) -> str:
        """Whether what these networks remember is more than chance, in one sentence."""
        if not self.enough:
            return "It is too early to tell whether what these networks remember is more than chance."
        beyond = self.variants["more_than_chance"]
        own, others = ([f"the {TITLES[model]}" for model in self.variants[which]["model"]] for which in (beyond, ~beyond))
        if not own:
            return "What these networks remember is not more than chance."
        sentence = f"What {_listed(own)} remember{'s' if len(own) == 1 else ''} is more than chance"
        return f"{sentence}; of {_listed(others)} that cannot be said." if others else f"{sentence}."

    @property
    def reason(self) -> str:
        """How many of the shuffled orders reach the weakest of those that are more than chance, or else the best of all."""
        beyond = self.variants[self.variants["more_than_chance"]]
        p = float(self.variants["p"].min() if beyond.empty else beyond["p"].max())
        count = round(p * (self.placebos + 1)) - 1  # the true order is among those that p counts
        gave = f"{count or 'none'} gave networks whose forecasts follow the test days as well ({say_p(p)})"
        least = "" if self.enough else f" With fewer than {round(1 / ALPHA) - 1} no p can be as small as {ALPHA:g}."
        return f"Of {self.placebos} shuffled {'order' if self.placebos == 1 else 'orders'} of the same days, {gave}.{least}"

    @property
    def headline(self) -> str:
        if not self.enough:
            return f"too early to tell: {self.placebos} shuffled orders"
        count = int(self.variants["more_than_chance"].sum())
        return f"memory of {count} of {len(self.variants)} networks is more than chance"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
