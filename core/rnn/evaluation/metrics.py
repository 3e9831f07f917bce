"""The metrics of a ranking, a row each, and the ranking itself.

Errors are averaged over days and seeds, forecasts never: a score is that of a single network, not of an ensemble. An undefined
measure is NaN, never 0. MASE: Hyndman & Koehler 2006, "Another look at measures of forecast accuracy"; R² out of
sample: Campbell & Thompson 2008; interval of a share: Wilson 1927.

To add a metric, write a function of `Evidence` that gives a value for every model, and its row in `METRICS`. Ranking, exports,
the table on the screen and its help follow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from core.rnn.dataset.series import Series
from core.rnn.dataset.target import RETURN, Target
from core.rnn.evaluation.columns import BANDS
from core.rnn.evaluation.losses import Losses
from core.rnn.evaluation.metric import Metric
from core.rnn.evaluation.significance import Z_95, holm
from core.rnn.models import NETWORKS, REFERENCE

_ORIGIN = ["model", "cutoff", "step"]  # one forecast, of one seed, several or their committee
EXPECTED_SHARE = 0.8  # of the level ALPHA, for the test of the model with the lowest validation error


def mase_scale(training: Series) -> float:
    """Mean absolute error of the random walk's forecasts of one day within the training days, in units of the target."""
    return float(np.abs(training.target.reference_errors(training.values)).mean())


@dataclass(frozen=True, eq=False)
class Evidence:
    """The forecasts of a comparison, and whatever else metrics are computed from."""

    forecasts: pd.DataFrame  # `FORECASTS`
    mase_scale: float  # the random walk's mean absolute error in the training days, in units of the target
    target: Target = RETURN
    train_mean: float = float("nan")  # of the target, over the training days
    bands: pd.DataFrame | None = None  # `BANDS`
    best_on_validation: str = ""  # the model with the lowest validation error; "": Holm's correction has equal weights
    causal: Mapping[str, bool] = field(default_factory=dict)  # by model: whether it passed `causality.is_causal`

    @cached_property
    def losses(self) -> Losses:
        return Losses.of(self.forecasts)

    @cached_property
    def directions(self) -> pd.DataFrame:
        """direction, direction_low, direction_high by model."""
        return directions(self.forecasts, self.target)

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """crps, coverage, coverage_adaptive by model."""
        return coverage(self.forecasts, self.bands)

    def by_model(self, value: Callable[[str], Any]) -> pd.Series:
        """A value for every model."""
        return pd.Series({model: value(model) for model in self.losses.models})


def mase(mae: float, scale: float) -> float:
    """MAE as a multiple of `scale`, the random walk's MAE inside the training days; NaN when that is 0."""
    return mae / _or_nan(scale)


def _or_nan(below: float) -> float:
    """A denominator: NaN in place of 0."""
    return below if below != 0 else float("nan")


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


def _mae(evidence: Evidence) -> pd.Series:
    forecasts = evidence.forecasts
    return (forecasts["forecast"] - forecasts["actual"]).abs().groupby(forecasts["model"]).mean()


def _mase(evidence: Evidence) -> pd.Series:
    return _mae(evidence) / _or_nan(evidence.mase_scale)


def _rmse(evidence: Evidence) -> pd.Series:
    return evidence.by_model(lambda model: math.sqrt(evidence.losses[model].mean()))


def _rmse_of_seeds(evidence: Evidence, which: Callable[[pd.Series], float]) -> pd.Series:
    by_seed = np.sqrt(evidence.losses.by_seed.mean())
    return evidence.by_model(lambda model: float(which(by_seed[model])))


def _r2(evidence: Evidence) -> pd.Series:
    """Against the mean of the training days. Campbell and Thompson use the running mean, which here is the model "mean"."""
    actual = evidence.forecasts.loc[evidence.forecasts["model"] == REFERENCE, "actual"]
    spread = float(((evidence.train_mean - actual) ** 2).mean())
    return 1 - _rmse(evidence) ** 2 / _or_nan(spread)


def _corrected(evidence: Evidence) -> pd.Series:
    """Holm's p. Models with equal forecasts (drift and mean, for instance) count as one test; the model with the lowest
    validation error gets a larger share of the level (`EXPECTED_SHARE`)."""
    losses = evidence.losses
    p = np.array([losses.test(model).p for model in losses.models])
    distinct, places = np.unique(p, return_inverse=True)
    shares, tests = np.ones(len(distinct)), int(np.isfinite(distinct).sum())
    if evidence.best_on_validation and tests > 1:
        expected = places[losses.models.index(evidence.best_on_validation)]
        shares[expected] = EXPECTED_SHARE / (1 - EXPECTED_SHARE) * (tests - 1)
    return pd.Series(holm(distinct, shares)[places], losses.models)


def _ranked_first(evidence: Evidence) -> pd.Series:
    """Over the seeds that all networks have: how often a model has the lowest error among the networks and the best classical
    model (equals share). NaN for the other classical models, and without networks."""
    losses = evidence.losses
    networks, mean = [model for model in losses.models if model in NETWORKS], losses.by_seed.mean()
    seeds = sorted(set.intersection(*(set(mean[model].index) for model in networks))) if networks else []
    if not seeds:
        return pd.Series(np.nan, losses.models)
    contest = pd.DataFrame({model: mean[model].loc[seeds] for model in networks})
    contest[losses.best_classical] = float(mean[losses.best_classical].mean())
    first = contest.eq(contest.min(axis=1), axis=0)
    return first.div(first.sum(axis=1), axis=0).mean().reindex(losses.models)


_TESTED = "small means better by more than chance, or worse where skill is below zero"

METRICS: dict[str, Metric[Evidence]] = {  # by column of the ranking, in the order of the tables
    "skill": Metric(
        lambda evidence: evidence.by_model(evidence.losses.skill),
        "Skill",
        "%",
        "1 − MSE / MSE of the random walk",
        higher_is_better=True,
    ),
    "dm_p_holm": Metric(
        _corrected,
        "p, Holm",
        "p",
        f"Diebold–Mariano against the random walk, corrected for all models, most weight on the best in validation: {_TESTED}",
        higher_is_better=False,
    ),
    "dm_best_p": Metric(
        lambda evidence: evidence.by_model(lambda model: evidence.losses.test(model, evidence.losses.best_classical).p),
        "p, best classical",
        "p",
        "Diebold–Mariano against the best classical model, not corrected",
        higher_is_better=False,
    ),
    "mcs_p": Metric(lambda evidence: evidence.by_model(lambda model: evidence.losses.confidence_set.p[model])),
    "in_mcs": Metric(
        lambda evidence: evidence.by_model(lambda model: model in evidence.losses.confidence_set.included),
        "In the set",
        "yes or no",
        "Model confidence set: with 90 % confidence the best model is among these (Hansen et al. 2011)",
        higher_is_better=True,
    ),
    "r2": Metric(
        _r2,
        "R²",
        "%",
        "Out of sample: 1 − MSE / MSE of the mean of the training days (Campbell & Thompson 2008)",
        higher_is_better=True,
    ),
    "direction": Metric(
        lambda evidence: evidence.directions["direction"],
        "Direction",
        "%",
        "How often the direction was right, with Wilson's 95 % interval",
        higher_is_better=True,
        digits=1,
        interval=("direction_low", "direction_high"),
    ),
    "direction_low": Metric(lambda evidence: evidence.directions["direction_low"]),
    "direction_high": Metric(lambda evidence: evidence.directions["direction_high"]),
    "crps": Metric(
        lambda evidence: evidence.coverage["crps"],
        "CRPS",
        "%",
        "How good the whole distribution was; lower is better",
        higher_is_better=False,
        digits=3,
    ),
    "coverage": Metric(
        lambda evidence: evidence.coverage["coverage"], "Coverage", "%", "How often the 90 % interval held", digits=1
    ),
    "coverage_adaptive": Metric(
        lambda evidence: evidence.coverage["coverage_adaptive"],
        "Adaptive",
        "%",
        "How often the adaptive 90 % interval held, which widens after misses (Gibbs & Candès 2021)",
        digits=1,
    ),
    "rank_first": Metric(
        _ranked_first,
        "First",
        "%",
        "Seeds in which it has the lowest error of all networks and the best classical model",
        higher_is_better=True,
        digits=0,
        sparse=True,
    ),
    "rmse": Metric(_rmse, "RMSE", "%", "Root mean squared error", higher_is_better=False, digits=3),
    "rmse_low": Metric(lambda evidence: _rmse_of_seeds(evidence, min)),  # the best seed
    "rmse_high": Metric(lambda evidence: _rmse_of_seeds(evidence, max)),
    "mae": Metric(_mae, "MAE", "%", "Mean absolute error", higher_is_better=False, digits=3),
    "mase": Metric(_mase, "MASE", "", "MAE / in-sample MAE of the random walk", higher_is_better=False, digits=3),
    "dm_stat": Metric(lambda evidence: evidence.by_model(lambda model: evidence.losses.test(model).stat)),  # negative is better
    "dm_p": Metric(
        lambda evidence: evidence.by_model(lambda model: evidence.losses.test(model).p),
        "p",
        "p",
        f"Diebold–Mariano against the random walk: {_TESTED}",
        higher_is_better=False,
    ),
    "seeds": Metric(
        lambda evidence: evidence.by_model(lambda model: evidence.losses.by_seed[model].shape[1]),
        "Seeds",
        "count",
        "Networks trained; their errors are averaged",
        digits=0,
    ),
    "causal": Metric(
        lambda evidence: evidence.by_model(lambda model: evidence.causal.get(model, math.nan)),
        "Causal",
        "yes or no",
        "Whether forecasts stayed the same to the last bit when the days after them were changed",
        higher_is_better=True,
    ),
}


def rank(evidence: Evidence) -> pd.DataFrame:
    """`RANKING`: one row a model, lowest squared error first, with a column for each of `METRICS`.

    Raises as `Losses.of` and `coverage`.
    """
    models = list(evidence.losses.models)
    columns = {name: metric.measure(evidence).reindex(models).to_numpy() for name, metric in METRICS.items()}
    table = pd.DataFrame({"model": models, **columns})
    return table.sort_values("rmse", kind="stable", ignore_index=True)


def by_horizon(forecasts: pd.DataFrame) -> pd.DataFrame:
    """`HORIZONS`: error by model and step, rmse in units of the target, skill against the random walk of that step."""
    squared = forecasts.assign(loss=(forecasts["forecast"] - forecasts["actual"]) ** 2)
    table = squared.groupby(["model", "step"], sort=False, as_index=False)["loss"].mean()
    walk = table["step"].map(table[table["model"] == REFERENCE].set_index("step")["loss"])
    walk = walk.where(walk > 0)
    return table.assign(rmse=np.sqrt(table["loss"]), skill=1 - table["loss"] / walk).drop(columns="loss")
