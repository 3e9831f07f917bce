"""How a comparison runs: read the prices, fit and backtest every model, then rank, test and trade the forecasts."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.errors import PriceError, SeriesTooShort
from core.rnn.classical.forecaster import Classical
from core.rnn.compare.live.so_far import DAYS, NAME, SoFar, ranked
from core.rnn.compare.request import CompareRequest
from core.rnn.compare.result import CompareResult, Provenance
from core.rnn.compare.valuation import Valuation
from core.rnn.compare.valued_result import traded
from core.rnn.compare.verdict import judge
from core.rnn.dataset.series import Series, series_of
from core.rnn.dataset.splits import Splits, split_days
from core.rnn.dataset.target import smallest_size
from core.rnn.evaluation.backtest import (
    Backtest,
    Candidate,
    backtest,
    chosen_models,
    committees,
    forecast_table,
    losses_on_test,
    validation_losses,
)
from core.rnn.evaluation.columns import CURVES
from core.rnn.evaluation.evidence import Evidence
from core.rnn.evaluation.intervals import Intervals
from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS
from core.rnn.evaluation.losses import Scale
from core.rnn.evaluation.metrics import by_horizon, mase_scale, rank
from core.rnn.models import REFERENCE, TITLES
from core.rnn.prices.calendars import periods_a_year
from core.rnn.prices.notes import all_notes, caption_of
from core.rnn.prices.prices import Prices
from core.rnn.prices.quality.breaks import taken_as_they_are
from core.runs.request import Inputs, Progress, Wish

if TYPE_CHECKING:
    from core.rnn.networks.network import Network

LIBRARIES = ("torch", "numpy", "pandas", "statsmodels", "arch", "scikit-learn")  # whose versions a result records


@dataclass(frozen=True)
class Dataset:
    """The prices of the period, the series that models read, and its split into training, validation and test."""

    prices: Prices
    series: Series
    splits: Splits


def dataset_of(request: CompareRequest, inputs: Inputs) -> Dataset:
    """Read and check the data of a request; InvalidRequest, SeriesTooShort or PriceError where it cannot be compared."""
    prices = Prices.from_bytes(inputs[request.prices]).between(request.start, request.end)
    beside = Prices.from_bytes(inputs[request.beside]) if request.beside else None
    try:
        splits = split_days(prices.days, request.test_days)
    except SeriesTooShort as error:
        raise SeriesTooShort(f"{request.symbol} has {error}") from error
    if request.horizon > splits.validation.days // 2 or request.horizon > request.test_days // 2:
        raise SeriesTooShort(f"a horizon of {request.horizon} days needs more than twice as many test and validation days")
    series = series_of(prices, request.target_row, request.extras, beside)
    _refuse_constant(request.symbol, prices.close, series.returns, splits)
    return Dataset(prices, series, splits)


def _refuse_constant(symbol: str, close: np.ndarray, returns: np.ndarray, splits: Splits) -> None:
    if not returns.any():
        raise PriceError(f"{symbol} closes at {close[0]:g} on every day of this period; there is nothing to forecast")
    for span, start in ((splits.train, 0), (splits.test, splits.test_start)):
        if not returns[start : start + span.days].any():
            raise PriceError(
                f"{symbol} does not move on any {span.name} day ({span.first} to {span.last}); choose another period"
            )


def candidates(request: CompareRequest, series: Series) -> list[Candidate]:
    """The models without a network, then every cell with every seed."""
    target, horizon = request.target_row, request.horizon
    classical = [Candidate(name, 0, TITLES[name], Classical(name, target, horizon)) for name in request.rivals]
    networks = [
        Candidate(cell, seed, _phase(cell, number, request.seeds), untrained(request, cell, seed, series.extras.shape[1]))
        for cell in request.cells
        for number, seed in enumerate(range(request.seed, request.seed + request.seeds))
    ]
    return classical + networks


def untrained(request: CompareRequest, cell: str, seed: int, extras: int) -> Network:
    """A new network of a cell and a seed."""
    from core.rnn.networks.learning import RECIPE  # here, so that this module loads without torch
    from core.rnn.networks.network import Network

    recipe = RECIPE if request.lr is None else replace(RECIPE, lr=request.lr)
    return Network(request.architecture(cell, extras), seed, recipe)


def _phase(cell: str, seed: int, seeds: int) -> str:
    return f"{TITLES[cell]}, seed {seed + 1} of {seeds}" if seeds > 1 else TITLES[cell]


def _causal_models(backtests: list[Backtest]) -> dict[str, bool]:
    """By model, whether every seed of it is causal."""
    causal: dict[str, bool] = {}
    for one in backtests:
        causal[one.model] = causal.get(one.model, True) and one.causal
    return causal


def _weights(fitted: list[Candidate]) -> dict[str, np.ndarray]:
    """What the fitted models are restored from, as "model/seed/…"."""
    return {f"{one.model}/{one.seed}/{part}": array for one in fitted for part, array in one.forecaster.weights.items()}


def _curves(fitted: list[Candidate]) -> pd.DataFrame:
    """`CURVES`: how every model learned, one row a validation; of those that learn step by step."""
    curves = [one.forecaster.curve.assign(model=one.model, seed=one.seed) for one in fitted]
    learned = [curve for curve in curves if len(curve)] or [pd.DataFrame(columns=CURVES.names)]
    return pd.concat(learned, ignore_index=True)[list(CURVES.names)]


def _not_converged(fitted: list[Candidate]) -> tuple[str, ...]:
    """The classical models of which a search for parameters did not end at an optimum."""
    return tuple(one.model for one in fitted if isinstance(one.forecaster, Classical) and not one.forecaster.converged)


def _provenance(
    request: CompareRequest, data: Dataset, backtests: list[Backtest], not_converged: tuple[str, ...]
) -> Provenance:
    seconds: dict[str, float] = {}
    for one in backtests:
        seconds[one.model] = seconds.get(one.model, 0.0) + one.seconds
    return Provenance(
        rows=len(data.prices.dates),
        first=data.prices.days[0].item(),
        last=data.prices.days[-1].item(),
        source=caption_of(data.prices),
        basis=data.prices.basis,
        currency=data.prices.currency or "",
        notes=all_notes(data.prices, request.start),
        digest=request.prices,
        scaler_days=data.splits.train_end,
        refit=f"every {request.refit_days} test {data.prices.bar}s" if request.refit_days else "never",
        libraries={name: version(name) for name in LIBRARIES},
        seconds=seconds,
        not_converged=not_converged,
    )


def assemble(request: CompareRequest, data: Dataset, models: list[Candidate], backtests: list[Backtest]) -> CompareResult:
    """The result: ranking, intervals, trades and verdict from the forecasts of the backtests of the first of these models."""
    fitted = models[: len(backtests)]
    prices, series, splits = data.prices, data.series, data.splits
    intervals = Intervals(committees(backtests), series, splits)
    before_test = validation_losses(backtests, series, splits)
    unfit = _not_converged(fitted)
    chosen = chosen_models(before_test, request.target_row.reference, unfit)
    train, target = slice(splits.train_end), request.target_row
    values = np.asarray(series.values)[train]
    sigma = target.sigma_of(series.returns[train], values)
    squares = pd.Series(series.returns**2, series.days.astype("datetime64[s]"))
    evidence = Evidence(
        forecast_table(backtests, series),
        mase_scale(series.until(splits.train_end)),
        target=target,
        train_mean=target.mean_of(values),
        bands=intervals.table(),
        chosen=chosen,
        causal=_causal_models(backtests),
        scale=Scale(squares, sigma, smallest_size(values)),
    )
    valuation, year = Valuation(), periods_a_year(prices)
    performance, equity = traded(evidence.forecasts, prices.moments, prices.close, target, valuation, year, sigma)
    return CompareResult(
        symbol=request.symbol,
        source=request.source,
        target=request.target,
        measure=request.measure,
        bar_size=prices.bar_size,
        horizon=request.horizon,
        splits=splits,
        dates=prices.dates,
        times=np.empty(0, np.int64) if prices.times is None else prices.moments.astype(np.int64),
        close=prices.close,
        mase_scale=evidence.mase_scale,
        best_on_validation=chosen.get("all", ""),
        chosen=chosen,
        validation_losses=before_test,
        ranking=rank(evidence),
        horizons=by_horizon(evidence),
        forecasts=evidence.forecasts,
        bands=evidence.bands,
        ahead=intervals.ahead(prices),
        valuation=valuation,
        performance=performance,
        equity=equity,
        days_a_year=year,
        train_mean=evidence.train_mean,
        sigma=sigma,
        curves=_curves(fitted),
        weights=_weights(fitted),
        verdict=judge(evidence, bar=prices.bar),
        provenance=_provenance(request, data, backtests, unfit),
        planned=request.planned if len(fitted) < len(models) else {},
    )


def _can_judge(request: CompareRequest, done: list[Backtest]) -> bool:
    """Whether there are the random walk, the reference and a model to compare with it."""
    models, target = {one.model for one in done}, request.target_row
    return {REFERENCE, target.reference} <= models and len(models) > 1


def so_far(request: CompareRequest, data: Dataset, done: list[Backtest]) -> SoFar:
    """What a screen shows of the models that are done."""
    series, loss = data.series, LOSS_FUNCTIONS[request.target_row.scores[0]]
    losses, reference = losses_on_test(done, series, data.splits), request.target_row.reference
    seeds = pd.Series([one.model for one in done]).value_counts()
    rows = [
        (model, seeds[model], value, loss.skill(value, losses[reference]) if reference in losses else np.nan)
        for model, value in losses.items()
    ]
    first = max(data.splits.test_start, len(series) - request.horizon - DAYS)
    origins = slice(first - data.splits.test_start, None)
    forecasts = {one.model: one.test.point[origins, 0] for one in committees(done)}
    count = min(map(len, forecasts.values()))
    return SoFar(
        loss=loss.name,
        reference=reference,
        ranking=ranked(rows),
        days=series.days[first : first + count].astype("datetime64[s]").astype(np.int64),
        actual=np.asarray(series.values)[first : first + count],
        forecasts=forecasts,
    )


def check(request: CompareRequest, inputs: Inputs) -> None:
    """Check the prices before the run is started: InvalidRequest, SeriesTooShort or PriceError where it would fail.

    DoubtfulPrices where prices that are read look wrong and nobody has said that they are right.
    """
    data = dataset_of(request, inputs)
    taken_as_they_are(data.prices, request.symbol, None, None, request.as_they_are)
    if request.beside:
        beside = Prices.from_bytes(inputs[request.beside])
        taken_as_they_are(beside, beside.symbol, request.start, request.end, request.as_they_are)


def run(request: CompareRequest, inputs: Inputs) -> Generator[Progress, Wish | None, CompareResult]:
    """Fit every model, let each forecast from every origin, compare; stopped, those that are done."""
    yield Progress(phase="reading the prices")
    data = dataset_of(request, inputs)
    yield Progress(phase="setting up the models")
    models = candidates(request, data.series)
    backtests = yield from backtest(
        models,
        data.series,
        data.splits,
        request.refit_days,
        enough=lambda done: _can_judge(request, done),
        shown=lambda done: {NAME: so_far(request, data, done).to_bytes()},
    )
    yield Progress(phase="judging the forecasts", step=1, total=1)
    return assemble(request, data, models, backtests)
