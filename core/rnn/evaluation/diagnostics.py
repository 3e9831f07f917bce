"""Diagnostics of forecasts: correlation with the last value, autocorrelation and distribution of errors, error by period.

One row a model and seed, so that the spread over seeds can be drawn; forecasts are never averaged. One-step forecasts unless
stated otherwise: errors of longer ones overlap, and are correlated for every model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.rnn.dataset.target import RETURN, Target
from core.rnn.evaluation.losses import Losses
from core.rnn.evaluation.significance import Z_95
from core.rnn.words import true_minus

LAGS = 20  # of the autocorrelation: a trading month

COPY = 0.9  # a copy follows at least this share of what changes, and at least this share of how it varies is explained
_STILL = 1e-9  # of the spread of the actual values: a forecast that varies less is the same every day


@dataclass(frozen=True)
class Following:
    """How one model's forecasts follow the value of the step before, f_t = a + b y_{t−1}: a copy has b = 1 and R² = 1.

    Correlation alone would call every forecast that reacts to the step before a copy, such as those of HAR.
    """

    by: float  # b; NaN where the forecast never changes
    explained: float  # R²; NaN where the forecast never changes

    @property
    def is_copy(self) -> bool:
        return self.by >= COPY and self.explained >= COPY

    def text(self, model: str, bar: str) -> str:
        """One sentence about a model, such as "LSTM"."""
        if np.isnan(self.by):
            return f"{model} is no copy of the {bar} before: its forecast is the same for every {bar}."
        numbers = (
            f"it takes over {true_minus(f'{100 * self.by:.0f}')} % of what changed on it, "
            f"which explains {100 * self.explained:.0f} % of how the forecast varies"
        )
        if self.is_copy:
            return f"{model} copies the {bar} before: {numbers}."
        return f"{model} is no copy of the {bar} before: {numbers}. A copy has 100 % of both."


def following(forecasts: pd.DataFrame, model: str) -> Following:
    """How the one-step forecasts of a model's committee, `FORECASTS`, follow; ValueError for fewer than three of them."""
    own = forecasts[(forecasts["model"] == model) & (forecasts["step"] == 1)].groupby("date")[["actual", "forecast"]].mean()
    before, forecast = own["actual"].to_numpy()[:-1], own["forecast"].to_numpy()[1:]
    if len(before) < 2:
        raise ValueError(f"{len(own)} forecasts of {model} follow nothing: want 3 or more")
    if forecast.std() <= _STILL * before.std():
        return Following(float("nan"), float("nan"))
    correlation = float(np.corrcoef(before, forecast)[0, 1])
    return Following(correlation * float(forecast.std() / before.std()), correlation**2)


def lag_correlation(forecasts: pd.DataFrame, target: Target = RETURN, most: int = 5) -> pd.DataFrame:
    """Whether forecasts are copies of the last value: model, seed, lag (−most … most), correlation, bound.

    95 % of the correlations of white noise lie within ±bound. Correlation of the forecast change of day t with the actual
    change of day t − lag. A return is the change of the log price; for the other targets it is the step from the day before. A
    forecaster has its peak at lag 0, a copy of yesterday's value at lag 1. NaN where a forecast does not vary.
    """
    rows = []
    for (model, seed), one in _one_step(forecasts):
        forecast, actual = (target.changes(one[name].to_numpy()) for name in ("forecast", "actual"))
        for lag in range(-most, most + 1):
            later, earlier = (forecast, actual) if lag >= 0 else (actual, forecast)
            pair = (later[abs(lag) :], earlier[: len(earlier) - abs(lag)])
            rows.append((model, seed, lag, _correlation(*pair), Z_95 / np.sqrt(len(pair[0]))))
    return pd.DataFrame(rows, columns=["model", "seed", "lag", "correlation", "bound"])


def residual_correlation(forecasts: pd.DataFrame, most: int = LAGS) -> pd.DataFrame:
    """Autocorrelation of errors actual − forecast: model, seed, lag (1 … most), correlation, bound (±, 95 % of white noise)."""
    rows = []
    for (model, seed), one in _one_step(forecasts):
        correlations = _autocorrelations(_residuals(one), most)
        bound = Z_95 / np.sqrt(len(one))
        rows += [(model, seed, lag, value, bound) for lag, value in enumerate(correlations, start=1)]
    return pd.DataFrame(rows, columns=["model", "seed", "lag", "correlation", "bound"])


def ljung_box(forecasts: pd.DataFrame, most: int = 10) -> pd.DataFrame:
    """The test that errors are uncorrelated up to lag `most` (Ljung & Box 1978): model, seed, statistic, p.

    A small p says that errors can be forecast from those before them. NaN where errors do not vary.
    """
    from scipy.special import chdtrc  # here: it loads for a quarter of a second

    rows = []
    for (model, seed), one in _one_step(forecasts):
        days, lags = len(one), np.arange(1, most + 1)
        correlations = _autocorrelations(_residuals(one), most)
        statistic = float(days * (days + 2) * np.sum(correlations**2 / (days - lags)))
        rows.append((model, seed, statistic, float(chdtrc(most, statistic))))
    return pd.DataFrame(rows, columns=["model", "seed", "statistic", "p"])


def residual_quantiles(forecasts: pd.DataFrame, count: int = 99) -> pd.DataFrame:
    """Errors against a normal distribution: model, seed, level, quantile, normal, for a plot of quantile over normal.

    Errors are standardised, so a straight line through 0 is normal, and steep ends are fat tails. NaN where they do not vary.
    """
    from scipy.special import ndtri

    levels = np.arange(1, count + 1) / (count + 1)
    tables = []
    for (model, seed), one in _one_step(forecasts):
        residuals = _residuals(one)
        spread = residuals.std(ddof=1) if np.ptp(residuals) > 0 else np.nan
        quantiles = np.quantile((residuals - residuals.mean()) / spread, levels)
        columns = {"model": model, "seed": seed, "level": levels, "quantile": quantiles, "normal": ndtri(levels)}
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)


def by_fold(losses: Losses, folds: int | None = None) -> pd.DataFrame:
    """Loss by period of the test: model, fold, first, last (cutoffs), origins, loss, skill; of the committees.

    A fold is a calendar quarter ("2021 Q3"), or one of `folds` equal parts of the test ("1", "2", …). All steps count. The
    skill is against the reference in the same fold, as the loss counts skill.
    """
    by_origin = losses.by_step.groupby(level="cutoff").mean()
    cutoffs = by_origin.index.to_series()
    named = _quarters(cutoffs) if folds is None else _parts(cutoffs, folds)
    means, spans = by_origin.groupby(named).mean(), cutoffs.groupby(named).agg(["min", "max", "size"])
    rows = [
        {"model": model, "fold": fold, "first": first, "last": last, "origins": origins, "loss": means.loc[fold, model]}
        | {"skill": losses.loss.skill(float(means.loc[fold, model]), float(means.loc[fold, losses.reference]))}
        for model in losses.models
        for fold, first, last, origins in spans.itertuples()
    ]
    return pd.DataFrame(rows)


def _quarters(cutoffs: pd.Series) -> pd.Series:
    return cutoffs.dt.year.astype(str) + " Q" + cutoffs.dt.quarter.astype(str)


def _parts(cutoffs: pd.Series, folds: int) -> pd.Series:
    order = cutoffs.rank(method="dense").astype(int) - 1  # 0 … origins − 1
    return (order * folds // (order.max() + 1) + 1).astype(str)


def _one_step(forecasts: pd.DataFrame) -> list[tuple[Any, pd.DataFrame]]:
    """The one-step forecasts of every (model, seed), oldest first."""
    return list(forecasts[forecasts["step"] == 1].sort_values("date", kind="stable").groupby(["model", "seed"], sort=False))


def _residuals(one: pd.DataFrame) -> np.ndarray:
    return (one["actual"] - one["forecast"]).to_numpy()


def _autocorrelations(values: np.ndarray, most: int) -> np.ndarray:
    """Of lags 1 … most (most,), around the mean of all; NaN where values do not vary. ValueError when there are too few."""
    if len(values) <= most:
        raise ValueError(f"{len(values)} errors have no autocorrelation of lag {most}")
    centred = values - values.mean()
    total = centred @ centred if np.ptp(values) > 0 else np.nan
    return np.array([centred[lag:] @ centred[:-lag] for lag in range(1, most + 1)]) / total


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])
