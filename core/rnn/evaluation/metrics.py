"""How good forecasts are: errors in the target's own units, against a random walk, and one table of all models.

Errors are averaged over days and seeds, forecasts never: a score says how good one network is to be expected, not a committee.
An undefined measure is NaN, never 0. MASE: Hyndman & Koehler 2006, "Another look at measures of forecast accuracy"; R² out of
sample: Campbell & Thompson 2008; interval of a share: Wilson 1927.

The tables: `forecasts` has model, seed, cutoff (the origin, last day known), step, date, actual, forecast; `bands` has model,
seed, cutoff, step, date, low, high, adaptive_low, adaptive_high, crps (see `intervals`).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from core.rnn.dataset.series import Series
from core.rnn.dataset.target import TargetName
from core.rnn.evaluation.significance import best_of, confidence_set, diebold_mariano, holm
from core.rnn.names import NETWORKS, REFERENCE


def mase_scale(training: Series) -> float:
    """Mean absolute error of the random walk's forecasts of one day within the training days, in units of the target."""
    values = np.asarray(training.values)
    if training.target.name == "direction":
        values = values - 0.5
    wrong = np.diff(values) if training.target.name == "volatility" else values
    return float(np.abs(wrong).mean())


_Z = 1.959964  # 95 %
_PLACE = ["model", "seed", "cutoff", "step"]  # one forecast
FAVOURED = 0.8  # of the level, for the model that was expected to win before the test


def horizon_of(forecasts: pd.DataFrame) -> int:
    """How many days ahead the table forecasts."""
    return int(forecasts["step"].max())


def mean_losses(forecasts: pd.DataFrame) -> dict[str, np.ndarray]:
    """Squared error of every origin, averaged over its steps and a model's seeds, oldest first: (origins,) by model.

    ValueError when a forecast is not finite, when the random walk is missing, or when a seed left out a day.
    """
    return _mean_over_seeds(_losses(forecasts), forecasts["model"].unique())


def _mean_over_seeds(losses: pd.DataFrame, models: np.ndarray) -> dict[str, np.ndarray]:
    if REFERENCE not in losses:
        raise ValueError("forecasts have no random walk to compare with")
    return {model: losses[model].mean(axis=1).to_numpy() for model in models}


def skill(losses: np.ndarray, reference: np.ndarray) -> float:
    """1 − MSE / MSE of the reference, from squared losses (origins,) of both; NaN when the reference made no error."""
    return 1 - _ratio(float(losses.mean()), float(reference.mean()))


def mase(mae: float, scale: float) -> float:
    """MAE as a multiple of `scale`, the random walk's MAE inside the training days; NaN when that is 0."""
    return _ratio(mae, scale)


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share observed in `count` cases; NaN without a case."""
    if count == 0:
        return float("nan"), float("nan")
    weight = 1 / (1 + _Z**2 / count)
    half = _Z * math.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    return weight * (share + _Z**2 / (2 * count) - half), weight * (share + _Z**2 / (2 * count) + half)


def directions(forecasts: pd.DataFrame, target: TargetName) -> pd.DataFrame:
    """How often each model called the direction rightly: direction, direction_low, direction_high by model.

    A call is a forecast return with a sign, or a probability that is not ½; a day that did not move is neither right nor wrong.
    A day counts once, however many seeds and origins call it: Wilson's interval is over days. NaN where a model makes no call,
    as the random walk, and for volatility, which has no direction.
    """
    middle = {"return": 0.0, "direction": 0.5, "volatility": np.nan}[target]
    actual, told = np.sign(forecasts["actual"] - middle), np.sign(forecasts["forecast"] - middle)
    hits = forecasts[["model", "date"]].assign(right=actual == told)[(actual * told).abs() > 0]
    calls = hits.groupby("model").agg(direction=("right", "mean"), days=("date", "nunique"))
    calls = calls.reindex(forecasts["model"].unique())
    limits = [wilson(share, int(days)) if days > 0 else wilson(0, 0) for share, days in zip(*calls.to_numpy().T, strict=True)]
    return calls[["direction"]].assign(direction_low=[low for low, _ in limits], direction_high=[high for _, high in limits])


def by_horizon(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Error by model and step: model, step, rmse (in units of the target), skill (against the random walk of that step)."""
    squared = forecasts.assign(loss=(forecasts["forecast"] - forecasts["actual"]) ** 2)
    table = squared.groupby(["model", "step"], sort=False, as_index=False)["loss"].mean()
    walk = table["step"].map(table[table["model"] == REFERENCE].set_index("step")["loss"])
    walk = walk.where(walk > 0)
    return table.assign(rmse=np.sqrt(table["loss"]), skill=1 - table["loss"] / walk).drop(columns="loss")


def rank(
    forecasts: pd.DataFrame,
    mase_scale: float,
    *,
    target: TargetName = "return",
    train_mean: float = float("nan"),
    bands: pd.DataFrame | None = None,
    favourite: str = "",
) -> pd.DataFrame:
    """One row a model, lowest error first; every figure can be computed again from the arguments. Errors as `mean_losses`.

    - model, mae, rmse (in units of the target), mase
    - skill: 1 − MSE / MSE of the random walk
    - dm_stat, dm_p: against the random walk, negative is better; NaN for itself
    - dm_p_holm: corrected over all models; equal forecasts count once. Four fifths of the level belong to the `favourite`, the
      model that days before the test spoke for; without one all have the same share
    - seeds, rmse_low, rmse_high: the best and the worst seed
    - r2: 1 − MSE / MSE of `train_mean`, the target's mean over the training days. Campbell and Thompson let the mean go on into
      the test; here it is one number that is known beforehand, and the model "mean" is the one that goes on. NaN without it
    - direction, direction_low, direction_high: see `directions`
    - crps, coverage, coverage_adaptive: means over `bands`; NaN without, or where a model has none
    - dm_best_p: Diebold–Mariano against the best classical model, the random walk included; NaN for itself; not corrected
    - mcs_p, in_mcs: the model confidence set at 90 %
    - rank_first: over seeds, how often the model has the lowest error among the networks and the best classical model (equals
      share); NaN for the other classical models, and without networks
    """
    by_seed = _losses(forecasts)
    losses = _mean_over_seeds(by_seed, forecasts["model"].unique())
    horizon = horizon_of(forecasts)
    table = pd.DataFrame({"model": list(losses)}).join(
        _errors(forecasts, losses, by_seed, mase_scale, horizon, favourite), on="model"
    )
    chosen = confidence_set(losses, horizon)
    classical = best_of((model for model in losses if model not in NETWORKS), losses)
    spread = train_mean - forecasts.loc[forecasts["model"] == REFERENCE, "actual"]
    table["r2"] = 1 - table["rmse"] ** 2 / _or_nan(float((spread**2).mean()))
    table = table.join(directions(forecasts, target), on="model").join(_banded(forecasts, bands), on="model")
    table["dm_best_p"] = [diebold_mariano(losses[model], losses[classical], horizon).p for model in losses]
    table["mcs_p"] = [chosen.p[model] for model in losses]
    table["in_mcs"] = [model in chosen.included for model in losses]
    table["rank_first"] = table["model"].map(_firsts(by_seed, classical)).astype(float)
    return table.sort_values("rmse", kind="stable", ignore_index=True)


def _errors(
    forecasts: pd.DataFrame,
    losses: dict[str, np.ndarray],
    by_seed: pd.DataFrame,
    mase_scale: float,
    horizon: int,
    favourite: str,
) -> pd.DataFrame:
    """From mae to rmse_high, by model."""
    absolute = (forecasts["forecast"] - forecasts["actual"]).abs().groupby(forecasts["model"]).mean()
    rmse_by_seed = np.sqrt(by_seed.mean())
    tests = {model: diebold_mariano(losses[model], losses[REFERENCE], horizon) for model in losses}
    p = np.array([test.p for test in tests.values()])
    distinct, places = np.unique(p, return_inverse=True)  # equal forecasts, as drift and mean of returns, have equal p
    shares = np.ones(len(distinct))
    if favourite and np.isfinite(distinct).sum() > 1:
        shares[places[list(losses).index(favourite)]] = FAVOURED / (1 - FAVOURED) * (np.isfinite(distinct).sum() - 1)
    table = pd.DataFrame(
        {
            "mae": [float(absolute[model]) for model in losses],
            "rmse": [float(np.sqrt(losses[model].mean())) for model in losses],
            "mase": [mase(float(absolute[model]), mase_scale) for model in losses],
            "skill": [skill(losses[model], losses[REFERENCE]) for model in losses],
            "dm_stat": [test.stat for test in tests.values()],
            "dm_p": p,
            "dm_p_holm": holm(distinct, shares)[places],
            "seeds": [len(rmse_by_seed[model]) for model in losses],
            "rmse_low": [float(rmse_by_seed[model].min()) for model in losses],
            "rmse_high": [float(rmse_by_seed[model].max()) for model in losses],
        }
    )
    return table.set_index(pd.Index(losses))


def _banded(forecasts: pd.DataFrame, bands: pd.DataFrame | None) -> pd.DataFrame:
    """crps, coverage, coverage_adaptive by model; forecasts without a band count nowhere."""
    names = ["crps", "coverage", "coverage_adaptive"]
    if bands is None or bands.empty:
        return pd.DataFrame(columns=names, index=forecasts["model"].unique(), dtype=float)
    table = bands.merge(forecasts[[*_PLACE, "actual"]], on=_PLACE, how="left", validate="one_to_one")
    if table["actual"].isna().any():
        raise ValueError(f"{int(table['actual'].isna().sum())} bands belong to no forecast")
    table["coverage"] = covered(table["actual"], table["low"], table["high"])
    table["coverage_adaptive"] = covered(table["actual"], table["adaptive_low"], table["adaptive_high"])
    return table.groupby("model")[names].mean()


def covered(actual: pd.Series, low: pd.Series, high: pd.Series) -> pd.Series:
    """1 where an interval holds what came, 0 where not, NaN where there is no interval."""
    return ((low <= actual) & (actual <= high)).astype(float).where(low.notna() & high.notna())


def _firsts(losses: pd.DataFrame, classical: str) -> dict[str, float]:
    """How often each network, or the best classical model, comes first: over the seeds that all networks have."""
    networks = [model for model in dict.fromkeys(losses.columns.get_level_values("model")) if model in NETWORKS]
    if not networks:
        return {}
    mean = losses.mean()
    seeds = sorted(set.intersection(*(set(mean[model].index) for model in networks)))
    if not seeds:
        return {}
    contest = pd.DataFrame({model: mean[model].loc[seeds] for model in networks})
    contest[classical] = float(mean[classical].mean())
    first = contest.eq(contest.min(axis=1), axis=0)
    return {str(model): float(share) for model, share in first.div(first.sum(axis=1), axis=0).mean().items()}


def _losses(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Squared errors, averaged over steps: a row an origin, a column a (model, seed). A repeated forecast is an error
    (`pivot_table` would average it)."""
    squared = forecasts.assign(loss=(forecasts["forecast"] - forecasts["actual"]) ** 2)
    wide = squared.pivot(index=["cutoff", "step"], columns=["model", "seed"], values="loss")  # noqa: PD010
    if not np.isfinite(wide.to_numpy()).all():
        raise ValueError("forecasts must be finite, with every day for every model and seed")
    return wide.groupby(level="cutoff").mean()


def _ratio(above: float, below: float) -> float:
    return above / _or_nan(below)


def _or_nan(below: float) -> float:
    """A denominator: NaN in place of 0."""
    return below if below != 0 else float("nan")
