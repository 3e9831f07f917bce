"""From the backtests of a comparison to its result: tables, ranking, verdict, and what the forecasts would have been worth."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from core.rnn.around import ahead_table, band_table
from core.rnn.backtest import Backtest, forecast_table
from core.rnn.calendars import calendar_notes, periods_a_year
from core.rnn.metrics import by_horizon, rank
from core.rnn.names import REFERENCE
from core.rnn.outcome import CompareResult, Provenance
from core.rnn.series import Series
from core.rnn.targets import log_returns
from core.rnn.trading import Terms, trade
from core.rnn.verdict import judge
from core.rnn.windows import Splits

if TYPE_CHECKING:
    from core.rnn.compare import CompareRequest, Material
    from core.rnn.models import Network

LIBRARIES = ("torch", "numpy", "pandas", "statsmodels", "arch")


def assemble(request: CompareRequest, known: Material, backtests: list[Backtest]) -> CompareResult:
    """Everything that follows from the forecasts."""
    prices, series, splits = known.prices, known.series, known.splits
    forecasts = forecast_table(backtests, series)
    around = band_table(backtests, series, splits)
    scale = mase_scale(series.until(splits.train_end))
    training = np.asarray(series.values)[: splits.train_end]
    chosen = favourite(backtests, series, splits)
    ranking = rank(forecasts, scale, target=request.target, train_mean=float(training.mean()), bands=around, favourite=chosen)
    ranking["causal"] = ranking["model"].map(_certificate(backtests))
    networks, year = _networks(backtests), periods_a_year(prices)
    earned = pd.Series(series.returns, series.days.astype("datetime64[s]"))
    performance, equity = trade(forecasts, earned, request.asked, Terms(request.cost_bp, days_a_year=year))
    return CompareResult(
        symbol=request.symbol,
        source=request.source,
        target=request.target,
        measure=request.measure,
        interval=prices.interval,
        horizon=request.horizon,
        splits=splits,
        dates=prices.dates,
        times=np.empty(0, np.int64) if prices.times is None else prices.moments.astype(np.int64),
        close=prices.close,
        mase_scale=scale,
        favourite=chosen,
        ranking=ranking,
        horizons=by_horizon(forecasts),
        forecasts=forecasts,
        bands=around,
        ahead=ahead_table(backtests, series, splits, prices),
        performance=performance,
        equity=equity,
        cost_bp=request.cost_bp,
        days_a_year=year,
        curves=_curves(networks),
        weights={f"{name}/{part}": array for name, network in networks.items() for part, array in network.weights.items()},
        verdict=judge(ranking, forecasts, request.target, bar=prices.bar),
        provenance=_provenance(request, known, backtests),
    )


def with_ledger(result: CompareResult, trials: int) -> CompareResult:
    """The same comparison judged as one of so many trials on its ticker: p values and Sharpe ratios deflated by their count."""
    moments, returns = result.days[1:].astype("datetime64[s]"), log_returns(result.close)
    terms = Terms(result.cost_bp, days_a_year=result.days_a_year)
    performance, _ = trade(result.forecasts, pd.Series(returns, moments), result.asked, terms, trials)
    verdict = judge(result.ranking, result.forecasts, result.target, trials, result.bar)
    return result.model_copy(update={"verdict": verdict, "performance": performance})


def favourite(backtests: list[Backtest], series: Series, splits: Splits) -> str:
    """The model with the lowest squared error in the validation days, the mean over its seeds; the random walk aside."""
    errors: dict[str, list[float]] = {}
    for one in backtests:
        told = one.before.forecasts
        came = sliding_window_view(np.asarray(series.values)[splits.train_end : splits.test_start], told.shape[1])[: len(told)]
        errors.setdefault(one.contestant.model, []).append(float(((told - came) ** 2).mean()))
    rivals = {model: float(np.mean(seeds)) for model, seeds in errors.items() if model != REFERENCE}
    return min(rivals, key=lambda model: rivals[model]) if rivals else ""


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
        notes=known.prices.notes + calendar_notes(known.prices),
        digest=request.prices,
        scaler_days=known.splits.train_end,
        refit=f"every {request.refit_days} test {known.prices.bar}s" if request.refit_days else "never",
        libraries={name: version(name) for name in LIBRARIES},
        seconds=seconds,
    )
