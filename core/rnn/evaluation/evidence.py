"""The evidence of a comparison: its forecasts, what they are judged by, and what of it several metrics share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd

from core.rnn.dataset.target import RETURN, Target
from core.rnn.evaluation.columns import BANDS, COMMITTEE
from core.rnn.evaluation.family import Family, family
from core.rnn.evaluation.losses import Losses, Scale
from core.rnn.evaluation.significance import Z_95, best_of
from core.rnn.models import GROUPS, MODELS, REFERENCE, in_a_sentence, with_meaning

_ORIGIN = ["model", "cutoff", "step"]  # one forecast, of one seed, several or their committee


@dataclass(frozen=True, eq=False)
class Evidence:
    """The forecasts of a comparison, what they are judged by, and whatever else metrics are computed from."""

    forecasts: pd.DataFrame  # `FORECASTS`, seed by seed
    mase_scale: float  # the random walk's mean absolute error in the training days, in units of the target
    target: Target = RETURN
    train_mean: float = float("nan")  # of the target, over the training days
    bands: pd.DataFrame | None = None  # `BANDS`
    chosen: Mapping[str, str] = field(default_factory=dict)  # the best of each of `models.GROUPS` on the validation days
    causal: Mapping[str, bool] = field(default_factory=dict)  # by model: whether it passed `causality.is_causal`
    scale: Scale = field(default_factory=Scale)
    loss: str = ""  # of `Target.scores`; "": the first
    rival: str = ""  # the model that skill is measured against; "": the reference of the target

    @cached_property
    def reference(self) -> str:
        """What skill is measured against: without forecasts of the target's reference the random walk."""
        wanted = self.rival or self.target.reference
        return wanted if wanted in self.forecasts["model"].unique() else REFERENCE

    @cached_property
    def losses(self) -> Losses:
        """By the loss that leads the ranking."""
        return Losses.of(self.forecasts, self.reference, self.loss or self.target.scores[0], self.scale)

    def by(self, loss: str) -> Self:
        """The same forecasts judged by another loss of the target."""
        return self if loss == self.losses.loss.name else replace(self, loss=loss)

    @property
    def scores(self) -> tuple[str, ...]:
        """The losses that judge the target, the one that leads here first."""
        return tuple(dict.fromkeys((self.losses.loss.name, *self.target.scores)))

    @cached_property
    def committee(self) -> pd.DataFrame:
        """The forecasts of the committees: `FORECASTS`, a row an origin and step."""
        days = self.forecasts.drop(columns=["seed", "forecast"]).drop_duplicates(_ORIGIN)
        means = self.forecasts.groupby(_ORIGIN, sort=False)["forecast"].mean().reset_index()
        return days.merge(means, on=_ORIGIN).assign(seed=COMMITTEE)

    def best(self, group: str) -> str:
        """The model of one of `models.GROUPS` that is best on the validation days; "" where the group has none.

        Results of earlier versions keep no choice: there it is the best of the test, which makes a rival harder to beat.
        """
        members = [model for model in self.losses.models if GROUPS[group](MODELS[model])]
        chosen = self.chosen.get(group, "")
        return chosen if chosen in members or not members else best_of(members, self.losses.by_model)

    @property
    def best_classical(self) -> str:
        return self.best("classical")

    def against(self, rival: str, models: tuple[str, ...] = (), group: str = "all", others: int = 0) -> Family:
        """The tests of models, by default of all, against a rival; the best of the group in validation is expected to win."""
        return family(self.losses, models or self.losses.models, rival, self.chosen.get(group, ""), others)

    @cached_property
    def words(self) -> dict[str, str]:
        """What the help of metrics speaks of."""
        named = [with_meaning(in_a_sentence(one), one, self.target) for one in (self.reference, self.best_classical)]
        return {"loss": self.losses.loss.title, "reference": named[0], "classical": named[1]}

    @cached_property
    def directions(self) -> pd.DataFrame:
        """direction, direction_low, direction_high by model."""
        return directions(self.committee, self.target)

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """crps, coverage, coverage_adaptive by model."""
        return coverage(self.forecasts, self.bands)

    def by_model(self, value: Callable[[str], Any]) -> pd.Series:
        """A value for every model."""
        return pd.Series({model: value(model) for model in self.losses.models})


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share observed in `count` cases; NaN without a case."""
    if count == 0:
        return float("nan"), float("nan")
    weight = 1 / (1 + Z_95**2 / count)
    half = Z_95 * math.sqrt(share * (1 - share) / count + Z_95**2 / (4 * count**2))
    return weight * (share + Z_95**2 / (2 * count) - half), weight * (share + Z_95**2 / (2 * count) + half)


def directions(forecasts: pd.DataFrame, target: Target) -> pd.DataFrame:
    """Share of correct directions: direction, direction_low, direction_high by model.

    Only forecasts with a direction count (a return that is not 0, a probability that is not ½), and only days that moved. For
    Wilson's interval the number of cases is that of days, not of seeds × origins. NaN for models without directions, such as
    the random walk, and for volatility.
    """
    actual, called = (np.sign(forecasts[name] - target.middle) for name in ("actual", "forecast"))
    hits = forecasts[["model", "date"]].assign(right=actual == called)[(actual * called).abs() > 0]
    calls = hits.groupby("model").agg(direction=("right", "mean"), days=("date", "nunique"))
    calls = calls.reindex(forecasts["model"].unique())
    limits = [wilson(share, int(days)) if days > 0 else wilson(0, 0) for share, days in zip(*calls.to_numpy().T, strict=True)]
    return calls[["direction"]].assign(direction_low=[low for low, _ in limits], direction_high=[high for _, high in limits])


def coverage(forecasts: pd.DataFrame, bands: pd.DataFrame | None) -> pd.DataFrame:
    """crps, coverage, coverage_adaptive by model, means over `BANDS`; NaN without, or where a model has none."""
    names = ["crps", "coverage", "coverage_adaptive"]
    if bands is None or bands.empty:
        return pd.DataFrame(columns=names, index=forecasts["model"].unique(), dtype=float)
    actual = forecasts.drop_duplicates(_ORIGIN)[[*_ORIGIN, "actual"]]
    table = BANDS.check(bands).merge(actual, on=_ORIGIN, how="left", validate="many_to_one")
    if table["actual"].isna().any():
        raise ValueError(f"{int(table['actual'].isna().sum())} bands belong to no forecast")
    table["coverage"] = covered(table["actual"], table["low"], table["high"])
    table["coverage_adaptive"] = covered(table["actual"], table["adaptive_low"], table["adaptive_high"])
    return table.groupby("model")[names].mean()


def covered(actual: pd.Series, low: pd.Series, high: pd.Series) -> pd.Series:
    """1 where an interval holds the actual value, 0 where not, NaN where there is no interval."""
    return ((low <= actual) & (actual <= high)).astype(float).where(low.notna() & high.notna())
