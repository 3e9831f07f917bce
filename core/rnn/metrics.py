"""How good forecasts are: errors in the target's own units, against a random walk, and one table of all models.

Errors are averaged over days and seeds, forecasts never: a score says how good one network is to be expected, not a committee.
An undefined measure is NaN, never 0. MASE: Hyndman & Koehler 2006, "Another look at measures of forecast accuracy".
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.rnn.names import REFERENCE
from core.rnn.significance import diebold_mariano, holm


def mean_losses(forecasts: pd.DataFrame) -> dict[str, np.ndarray]:
    """Squared error of every day, oldest first, averaged over a model's seeds: (days,) by model.

    `forecasts` is long: model, seed, date, actual, forecast. ValueError when a forecast is not finite, when the random walk is
    missing, or when a seed left out a day.
    """
    losses = _losses(forecasts)
    if REFERENCE not in losses:
        raise ValueError("forecasts have no random walk to compare with")
    return {model: losses[model].mean(axis=1).to_numpy() for model in forecasts["model"].unique()}


def skill(losses: np.ndarray, reference: np.ndarray) -> float:
    """1 − MSE / MSE of the reference, from squared losses (days,) of both; NaN when the reference made no error."""
    return 1 - _ratio(float(losses.mean()), float(reference.mean()))


def mase(mae: float, scale: float) -> float:
    """MAE as a multiple of `scale`, the random walk's MAE inside the training days; NaN when that is 0."""
    return _ratio(mae, scale)


def rank(forecasts: pd.DataFrame, mase_scale: float) -> pd.DataFrame:
    """One row a model, lowest error first; every figure but the MASE scale can be computed again from `forecasts`.

    Columns: model, mae, rmse, mase, skill, dm_stat and dm_p (against the random walk; negative: better; NaN for itself),
    dm_p_holm (corrected over all models; equal forecasts count once), seeds, rmse_low and rmse_high (best and worst seed).
    Errors as `mean_losses`.
    """
    losses = mean_losses(forecasts)
    absolute = (forecasts["forecast"] - forecasts["actual"]).abs().groupby(forecasts["model"]).mean()
    by_seed = np.sqrt(_losses(forecasts).mean())
    table = pd.DataFrame([_row(model, losses, absolute, by_seed, mase_scale) for model in losses])
    p_values, places = np.unique(
        table["dm_p"], return_inverse=True
    )  # equal forecasts, as drift and mean of returns, have equal p
    table.insert(list(table).index("seeds"), "dm_p_holm", holm(p_values)[places])
    return table.sort_values("rmse", kind="stable", ignore_index=True)


def _row(
    model: str, losses: dict[str, np.ndarray], absolute: pd.Series, by_seed: pd.Series, mase_scale: float
) -> dict[str, object]:
    mae, seeds = float(absolute[model]), by_seed[model]
    test = diebold_mariano(losses[model], losses[REFERENCE])
    return {
        "model": model,
        "mae": mae,
        "rmse": float(np.sqrt(losses[model].mean())),
        "mase": mase(mae, mase_scale),
        "skill": skill(losses[model], losses[REFERENCE]),
        "dm_stat": test.stat,
        "dm_p": test.p,
        "seeds": len(seeds),
        "rmse_low": float(seeds.min()),
        "rmse_high": float(seeds.max()),
    }


def _losses(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Squared errors: a row a day, a column a (model, seed). A repeated day is an error (`pivot_table` would average it)."""
    squared = forecasts.assign(loss=(forecasts["forecast"] - forecasts["actual"]) ** 2)
    wide = squared.pivot(index="date", columns=["model", "seed"], values="loss").sort_index()  # noqa: PD010
    if not np.isfinite(wide.to_numpy()).all():
        raise ValueError("forecasts must be finite, with every day for every model and seed")
    return wide


def _ratio(above: float, below: float) -> float:
    return above / below if below != 0 else float("nan")
