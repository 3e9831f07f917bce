"""The metrics of a ranking, a row each, and the ranking itself.

A score is that of a model's committee, the mean forecast of its seeds; what a single seed scores stands beside it. An undefined
measure is NaN, never 0. MASE: Hyndman & Koehler 2006, "Another look at measures of forecast accuracy"; R² out of
sample: Campbell & Thompson 2008; interval of a share: Wilson 1927.

To add a metric, write a function of `Evidence` that gives a value for every model, and its row in `METRICS`. Ranking, exports,
the table on the screen and its help follow.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from core.rnn.dataset.series import Series
from core.rnn.dataset.target import Target
from core.rnn.evaluation.evidence import Evidence
from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS, LossFunction
from core.rnn.evaluation.metric import Metric
from core.rnn.models import NETWORKS, REFERENCE


def mase_scale(training: Series) -> float:
    """Mean absolute error of the random walk's forecasts of one day within the training days, in units of the target."""
    return float(np.abs(training.target.reference_errors(training.values)).mean())


def mase(mae: float, scale: float) -> float:
    """MAE as a multiple of `scale`, the random walk's MAE inside the training days; NaN when that is 0."""
    return mae / _or_nan(scale)


def _or_nan(below: float) -> float:
    """A denominator: NaN in place of 0."""
    return below if below != 0 else float("nan")


def _errors(evidence: Evidence) -> pd.Series:
    """Actual minus forecast of the committees, by model."""
    return (evidence.committee["actual"] - evidence.committee["forecast"]).set_axis(evidence.committee["model"])


def _mae(evidence: Evidence) -> pd.Series:
    return _errors(evidence).abs().groupby(level=0).mean()


def _mase(evidence: Evidence) -> pd.Series:
    return _mae(evidence) / _or_nan(evidence.mase_scale)


def _rmse(evidence: Evidence) -> pd.Series:
    return np.sqrt((_errors(evidence) ** 2).groupby(level=0).mean())


def _r2(evidence: Evidence) -> pd.Series:
    """Against the mean of the training days. Campbell and Thompson use the running mean, which here is the model "mean"."""
    actual = evidence.forecasts.loc[evidence.forecasts["model"] == REFERENCE, "actual"]
    spread = float(((evidence.train_mean - actual) ** 2).mean())
    return 1 - _rmse(evidence) ** 2 / _or_nan(spread)


def corrected(evidence: Evidence, others: int = 0) -> pd.Series:
    """The p values of all models against the reference, corrected for their number and that of other trials."""
    tests = evidence.against(evidence.reference, others=others)
    return pd.Series(tests.corrected, tests.models, dtype=float)


def _mean_loss(evidence: Evidence, loss: str) -> pd.Series:
    """The mean over the days that count: a direction without a move is no day."""
    losses = evidence.losses.by(loss)
    counted = float(evidence.target.counts(losses.actual).mean())
    return evidence.by_model(losses.mean) / _or_nan(counted)


def _skill(evidence: Evidence, loss: str) -> pd.Series:
    return evidence.by_model(evidence.losses.by(loss).skill)


def _skill_of_seeds(evidence: Evidence, which: Callable[[np.ndarray], Any]) -> pd.Series:
    """Of models with several seeds: a function of the skill of each."""

    def of(model: str) -> float:
        seeds = evidence.losses.skill_of_seeds(model)
        return float(which(seeds)) if len(seeds) > 1 else math.nan

    return evidence.by_model(of)


def _harvey_p(evidence: Evidence, model: str) -> float:
    return evidence.losses.test(model).hln_p if evidence.losses.horizon > 1 else math.nan


def _ranked_first(evidence: Evidence) -> pd.Series:
    """Over the seeds that all networks have: how often a model has the lowest loss among the networks and the best classical
    model (equals share). NaN for the other classical models, and without networks."""
    losses = evidence.losses
    networks, mean = [model for model in losses.models if model in NETWORKS], losses.by_seed.mean()
    seeds = sorted(set.intersection(*(set(mean[model].index) for model in networks))) if networks else []
    if not seeds:
        return pd.Series(np.nan, losses.models)
    contest = pd.DataFrame({model: mean[model].loc[seeds] for model in networks})
    contest[evidence.best_classical] = losses.mean(evidence.best_classical)
    first = contest.eq(contest.min(axis=1), axis=0)
    return first.div(first.sum(axis=1), axis=0).mean().reindex(losses.models)


def _loss_column(loss: LossFunction) -> Metric[Evidence]:
    """The mean loss itself, for exports; on screens stands the skill."""
    return Metric(partial(_mean_loss, loss=loss.name), help=loss.help, higher_is_better=False)


def _skill_column(loss: LossFunction) -> Metric[Evidence]:
    helped = f"Skill by {loss.title}, the {loss.help}, against {{reference}}"
    return Metric(partial(_skill, loss=loss.name), f"Skill, {loss.title}", "%", helped, higher_is_better=True)


_TESTED = "small means better by more than chance, or worse where skill is below zero"
_CORRECTED = f"most of the level for the best on the validation days: {_TESTED}"

METRICS: dict[str, Metric[Evidence]] = {  # by column of the ranking, in the order of the tables
    "skill": Metric(
        lambda evidence: evidence.by_model(evidence.losses.skill),
        "Skill",
        "%",
        "How much better by {loss} than {reference}; a network is the committee of its seeds, their mean forecast",
        higher_is_better=True,
    ),
    "skill_seed": Metric(
        lambda evidence: _skill_of_seeds(evidence, np.mean),
        "Skill of one seed",
        "%",
        "The same of a single network, the mean over the seeds, with the worst and the best",
        higher_is_better=True,
        interval=("skill_low", "skill_high"),
    ),
    "skill_low": Metric(lambda evidence: _skill_of_seeds(evidence, np.min)),
    "skill_high": Metric(lambda evidence: _skill_of_seeds(evidence, np.max)),
    "dm_p_holm": Metric(
        corrected,
        "p, corrected",
        "p",
        f"Test of equal loss against {{reference}}, corrected for all models and for other trials on these days that are "
        f"told of, {_CORRECTED}",
        higher_is_better=False,
    ),
    "skill_classical": Metric(
        lambda evidence: evidence.by_model(lambda model: evidence.losses.skill(model, evidence.best_classical)),
        "Skill over best classical",
        "%",
        "How much better by {loss} than {classical}, the best classical model on the validation days",
        higher_is_better=True,
    ),
    "dm_best_p": Metric(
        lambda evidence: evidence.by_model(lambda model: evidence.losses.test(model, evidence.best_classical).p),
        "p, best classical, uncorrected",
        "p",
        "Test of equal loss against {classical}, the best classical model on the validation days, not corrected",
        higher_is_better=False,
    ),
    **{f"skill_{name}": _skill_column(loss) for name, loss in LOSS_FUNCTIONS.items()},
    **{f"loss_{name}": _loss_column(loss) for name, loss in LOSS_FUNCTIONS.items()},
    "mcs_p": Metric(lambda evidence: evidence.by_model(lambda model: evidence.losses.confidence_set.p[model])),
    "in_mcs": Metric(
        lambda evidence: evidence.by_model(lambda model: model in evidence.losses.confidence_set.included),
        "In the 90 % confidence set",
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
        "Adaptive coverage",
        "%",
        "How often the adaptive 90 % interval held, which widens after misses (Gibbs & Candès 2021)",
        digits=1,
    ),
    "rank_first": Metric(
        _ranked_first,
        "Ranked first",
        "%",
        "Seeds in which it has the lowest {loss} of all networks and {classical}, the best classical model",
        higher_is_better=True,
        digits=0,
        sparse=True,
    ),
    "rmse": Metric(_rmse, "RMSE", "%", "Root mean squared error", higher_is_better=False, digits=3),
    "mae": Metric(_mae, "MAE", "%", "Mean absolute error", higher_is_better=False, digits=3),
    "mase": Metric(_mase, "MASE", "", "MAE / in-sample MAE of the random walk", higher_is_better=False, digits=3),
    "dm_stat": Metric(lambda evidence: evidence.by_model(lambda model: evidence.losses.test(model).stat)),  # negative is better
    "dm_p": Metric(
        lambda evidence: evidence.by_model(lambda model: evidence.losses.test(model).p),
        "p",
        "p",
        f"Diebold–Mariano by {{loss}} against {{reference}}, not corrected: {_TESTED}",
        higher_is_better=False,
    ),
    "hln_p": Metric(
        lambda evidence: evidence.by_model(partial(_harvey_p, evidence)),
        "p, Harvey",
        "p",
        "The same test in the form of Harvey, Leybourne & Newbold 1997, which beyond one step rejects too often",
        higher_is_better=False,
    ),
    "seeds": Metric(
        lambda evidence: evidence.by_model(lambda model: evidence.losses.forecasts[model].shape[1]),
        "Seeds",
        "count",
        "Networks trained; the committee is the mean of their forecasts",
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


def metrics_of(target: Target) -> dict[str, Metric[Evidence]]:
    """`METRICS` without the losses that do not judge this target."""
    others = {f"{kind}_{loss}" for kind in ("skill", "loss") for loss in LOSS_FUNCTIONS if loss not in target.scores}
    return {name: metric for name, metric in METRICS.items() if name not in others}


def rank(evidence: Evidence) -> pd.DataFrame:
    """`RANKING`: one row a model, lowest loss first, with a column for each of `metrics_of` the target.

    Raises as `Losses.of` and `coverage`.
    """
    models, metrics = list(evidence.losses.models), metrics_of(evidence.target)
    columns = {name: metric.measure(evidence).reindex(models).to_numpy() for name, metric in metrics.items()}
    order = np.argsort([evidence.losses.mean(model) for model in models], kind="stable")
    return pd.DataFrame({"model": models, **columns}).iloc[order].reset_index(drop=True)


def by_horizon(evidence: Evidence) -> pd.DataFrame:
    """`HORIZONS`: by model and step the mean loss that leads, rmse in units of the target, skill against the reference."""
    losses = evidence.losses
    means = losses.by_step.groupby(level="step").mean()
    errors = losses.committee.sub(losses.actual, axis=0).pow(2).groupby(level="step").mean().pow(0.5)
    rows = [
        {
            "model": model,
            "step": step,
            "loss": means.loc[step, model],
            "rmse": errors.loc[step, model],
            "skill": losses.loss.skill(float(means.loc[step, model]), float(means.loc[step, losses.reference])),
        }
        for model in losses.models
        for step in means.index
    ]
    return pd.DataFrame(rows)


@dataclass(frozen=True, eq=False)
class Judged:
    """Evidence with its ranking, computed when it is first read."""

    evidence: Evidence

    @cached_property
    def ranking(self) -> pd.DataFrame:
        return rank(self.evidence)

    @cached_property
    def horizons(self) -> pd.DataFrame:
        return by_horizon(self.evidence)
