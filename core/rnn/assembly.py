"""From the backtests of a comparison to its result: tables, ranking, verdict, and what the forecasts would have been worth."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.rnn.backtest import Backtest, Told, forecast_table
from core.rnn.intervals import Bands, bands, conformity, errors
from core.rnn.metrics import by_horizon, rank
from core.rnn.outcome import CompareResult, Provenance
from core.rnn.series import Series
from core.rnn.targets import Scaler
from core.rnn.verdict import judge
from core.rnn.windows import Splits

if TYPE_CHECKING:
    from core.rnn.compare import CompareRequest, Material
    from core.rnn.models import Network

LIBRARIES = ("torch", "numpy", "pandas", "statsmodels", "arch")
BAND = ["model", "seed", "cutoff", "step", "date", "low", "high", "adaptive_low", "adaptive_high", "crps"]
AHEAD = ["model", "seed", "step", "forecast", "low", "high"]


def assemble(request: CompareRequest, known: Material, backtests: list[Backtest]) -> CompareResult:
    """Everything that follows from the forecasts."""
    prices, series, splits = known.prices, known.series, known.splits
    forecasts = forecast_table(backtests, series)
    around, ahead = intervals(backtests, series, splits)
    scale = mase_scale(series.until(splits.train_end))
    training = np.asarray(series.values)[: splits.train_end]
    ranking = rank(forecasts, scale, target=request.target, train_mean=float(training.mean()), bands=around)
    ranking["causal"] = ranking["model"].map(_certificate(backtests))
    networks = _networks(backtests)
    return CompareResult(
        symbol=request.symbol,
        source=request.source,
        target=request.target,
        measure=request.measure,
        horizon=request.horizon,
        splits=splits,
        dates=prices.dates,
        close=prices.close,
        mase_scale=scale,
        ranking=ranking,
        horizons=by_horizon(forecasts),
        forecasts=forecasts,
        bands=around,
        ahead=ahead,
        performance=pd.DataFrame(columns=["model", "rule"]),
        equity=pd.DataFrame(columns=["date"]),
        curves=_curves(networks),
        weights={f"{name}/{part}": array for name, network in networks.items() for part, array in network.weights.items()},
        verdict=judge(ranking, forecasts, request.target),
        provenance=_provenance(request, known, backtests),
    )


def mase_scale(training: Series) -> float:
    """Mean absolute error of the random walk's forecasts of one day within the training days, in units of the target."""
    values = np.asarray(training.values)
    if training.target.name == "direction":
        values = values - 0.5
    wrong = np.diff(values) if training.target.name == "volatility" else values
    return float(np.abs(wrong).mean())


def _certificate(backtests: list[Backtest]) -> dict[str, bool]:
    """Whether every seed of a model is causal."""
    certain: dict[str, bool] = {}
    for one in backtests:
        certain[one.contestant.model] = certain.get(one.contestant.model, True) and one.causal
    return certain


# -- intervals -----------------------------------------------------------------------------------------


def intervals(backtests: list[Backtest], series: Series, splits: Splits) -> tuple[pd.DataFrame, pd.DataFrame]:
    """90 % intervals of every test forecast, `BAND`, and the forecasts from the last day on, `AHEAD`.

    The errors that they are made of begin with those of the validation days. A probability has no interval: of a direction the
    first table is empty, and the ends in the second are NaN.
    """
    levels = Scaler.fit(series.sizes, splits.train_end).levels(series.sizes)
    inside, ahead = [pd.DataFrame(columns=BAND)], []
    for one in backtests:
        named = {"model": one.contestant.model, "seed": one.contestant.seed}
        for step in range(1, one.test.forecasts.shape[1] + 1):
            last = {"step": step, "forecast": one.open.forecasts[-1, step - 1], "low": np.nan, "high": np.nan}
            if series.target.name != "direction":
                around = _around(one, series, splits, levels, step)
                inside.append(_rows(around, series, splits, len(one.test.forecasts), step).assign(**named))
                last |= {"low": around.adaptive_low[-1], "high": around.adaptive_high[-1]}
            ahead.append(named | last)
    return pd.concat(inside[1:] or inside, ignore_index=True)[BAND], pd.DataFrame(ahead)[AHEAD]


def _around(one: Backtest, series: Series, splits: Splits, levels: np.ndarray, step: int) -> Bands:
    """The intervals from every origin of the test and from those after it, at one step."""
    past = _errors_before(one.before, series, splits.train_end, levels, step)
    forecast = np.concatenate([one.test.forecasts, one.open.forecasts])[:, step - 1]
    stated = one.test.quantiles is not None and one.open.quantiles is not None
    quantiles = np.concatenate([one.test.quantiles, one.open.quantiles])[:, step - 1] if stated else None  # type: ignore[list-item]
    first = splits.test_start
    return bands(
        _actual(series, first, len(forecast), step),
        forecast,
        levels[first:],
        past,
        delay=step,
        quantiles=quantiles,
        lowest=0.0 if series.target.name == "volatility" else -np.inf,
    )


def _errors_before(before: Told, series: Series, first: int, levels: np.ndarray, step: int) -> np.ndarray:
    """Past errors, or what they are to a forecaster with quantiles of its own, in units of the level at their origin."""
    count = len(before.forecasts)
    actual, scale = _actual(series, first, count, step), levels[first : first + count]
    if before.quantiles is not None:
        return conformity(actual, before.quantiles[:, step - 1], scale)
    return errors(actual, before.forecasts[:, step - 1], scale)


def _actual(series: Series, first: int, count: int, step: int) -> np.ndarray:
    """What came `step` days after the close before day `first`, and after the origins that follow, (count,); NaN: not yet."""
    values = np.concatenate([np.asarray(series.values), np.full(step, np.nan)])
    return values[first + step - 1 :][:count]


def _rows(around: Bands, series: Series, splits: Splits, count: int, step: int) -> pd.DataFrame:
    days, origins = series.days.astype("datetime64[s]"), splits.test_start - 1 + np.arange(count)
    sides = {name: getattr(around, name)[:count] for name in ("low", "high", "adaptive_low", "adaptive_high", "crps")}
    return pd.DataFrame({"cutoff": days[origins], "step": step, "date": days[origins + step]} | sides)


# -- the networks, and where everything came from -------------------------------------------------------


def _networks(backtests: list[Backtest]) -> dict[str, Network]:
    """The fitted networks by "model/seed"."""
    from core.rnn.models import Network

    fitted = {f"{one.contestant.model}/{one.contestant.seed}": one.contestant.forecaster for one in backtests}
    return {name: forecaster for name, forecaster in fitted.items() if isinstance(forecaster, Network)}


def _curves(networks: dict[str, Network]) -> pd.DataFrame:
    """How every network learned, one row a validation."""
    tables = [pd.DataFrame(columns=["model", "seed", "step", "loss", "validation"])]
    for name, network in networks.items():
        model, seed = name.split("/")
        tables.append(network.curve.assign(model=model, seed=int(seed)))
    return pd.concat(tables[1:] or tables, ignore_index=True)[list(tables[0])]


def _provenance(request: CompareRequest, known: Material, backtests: list[Backtest]) -> Provenance:
    seconds: dict[str, float] = {}
    for one in backtests:
        seconds[one.contestant.model] = seconds.get(one.contestant.model, 0.0) + one.seconds
    return Provenance(
        rows=len(known.prices.dates),
        first=known.prices.days[0].item(),
        last=known.prices.days[-1].item(),
        source=known.prices.caption,
        basis=known.prices.basis,
        notes=known.prices.notes,
        digest=request.prices,
        scaler_days=known.splits.train_end,
        refit=f"every {request.refit_days} test days" if request.refit_days else "never",
        libraries={name: version(name) for name in LIBRARIES},
        seconds=seconds,
    )
