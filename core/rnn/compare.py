"""Compare: which recurrent network, if any, forecasts a ticker better than a random walk and the classical models.

All contestants forecast the same test days, each from the day before; the ranking, the tests and the verdict are made of these
forecasts alone.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from core.errors import InvalidRequest, PriceError, SeriesTooShort
from core.rnn.backtest import Backtest, Contestant, backtest, forecast_table
from core.rnn.baselines import Classical
from core.rnn.metrics import rank
from core.rnn.names import REFERENCE, TITLES, CellName, ClassicalName, opening
from core.rnn.prices import Prices
from core.rnn.targets import TARGETS, TargetName, log_returns, target_values
from core.rnn.verdict import Verdict, judge
from core.rnn.windows import Splits, split_days
from core.runs.request import Inputs, Progress, Request, Result

if TYPE_CHECKING:
    from core.rnn.models import Network

LIBRARIES = ("torch", "numpy", "pandas")
MOST_SEEDS, MOST_HIDDEN = 20, 128
TEST_DAYS = (50, 5000)


class Provenance(BaseModel):
    """What the figures were made of: the data, the software, and how long each model took."""

    model_config = ConfigDict(frozen=True)

    rows: int
    first: date
    last: date
    source: str  # in words
    basis: str = "close"  # what the prices are, see `Prices.basis`; results of earlier versions do not say
    digest: str  # of the prices
    scaler_days: int  # networks' units come from so many first days of the target series
    libraries: dict[str, str]  # name -> version
    seconds: dict[str, float]  # model -> fitting and forecasting, all seeds together


class CompareResult(Result):
    """Who forecast the test days how well. The ranking can be computed again from `forecasts` and `mase_scale` alone."""

    symbol: str
    source: str
    target: TargetName
    splits: Splits
    dates: np.ndarray  # (T,) int64: days since 1970-01-01
    close: np.ndarray  # (T,)
    mase_scale: float  # mean absolute error of the random walk on the training days, in units of the target
    ranking: pd.DataFrame  # see `metrics.rank`
    forecasts: pd.DataFrame  # model, seed, cutoff, step, date, actual, forecast
    curves: pd.DataFrame  # model, seed, step, loss, validation
    weights: dict[str, np.ndarray]  # "gru/0/…": what `Network.load` reads, by model and seed
    verdict: Verdict
    provenance: Provenance

    @property
    def days(self) -> np.ndarray:
        """The dates as datetime64[D], (T,)."""
        return self.dates.astype("datetime64[D]")

    @property
    def scores(self) -> list[dict[str, Any]]:
        """The ranking, one row a model, ready for JSON: what is not a number is None."""
        rows = self.ranking.to_dict(orient="records")
        return [{str(name): _or_none(value) for name, value in row.items()} for row in rows]

    @property
    def headline(self) -> str:
        if not self.verdict.winners:
            return "nothing beats the random walk"
        best = self.verdict.winners[0]
        skill = float(self.ranking.skill[self.ranking.model == best].iloc[0])
        return f"{opening(best)} beats the random walk, skill {100 * skill:.1f} %"


def _or_none(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


class CompareRequest(Request):
    """Which prices, which target, which models, how many test days and seeds."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "recurrent"
    result: ClassVar[type[Result]] = CompareResult

    kind: Literal["compare"] = "compare"
    symbol: str
    source: Literal["sample", "yahoo", "csv"] = "sample"
    prices: str  # digest
    start: date | None = None  # both included; None: as far as the prices go
    end: date | None = None
    target: TargetName = "return"
    cells: tuple[CellName, ...] = ("rnn", "birnn", "lstm", "gru")
    classical: tuple[ClassicalName, ...] = ("drift", "mean", "ar", "har")  # beside the random walk, which is always there
    test_days: int = 500
    seeds: int = 3
    hidden: int = 32

    @field_validator("cells", "classical")
    @classmethod
    def _in_one_order(cls, models: tuple[str, ...]) -> tuple[str, ...]:
        """The order of `TITLES`, each once and the random walk left out, so that equal questions have equal keys."""
        return tuple(model for model in TITLES if model in models and model != REFERENCE)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.cells and not self.classical:
            raise InvalidRequest("there is nothing to compare with the random walk; choose at least one model")
        if self.start and self.end and self.end <= self.start:
            raise InvalidRequest(f"the period ends on {self.end}, not after its start on {self.start}; swap the two dates")
        for value, (low, high), what in (
            (self.test_days, TEST_DAYS, "number of test days"),
            (self.seeds, (1, MOST_SEEDS), "number of seeds"),
            (self.hidden, (1, MOST_HIDDEN), "number of hidden units"),
        ):
            if not low <= value <= high:
                raise InvalidRequest(f"the {what} is {value}; choose between {low} and {high:,}")
        return self

    @property
    def title(self) -> str:
        return f"Compare forecasts of {self.symbol}, {TARGETS[self.target]}"

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.prices,)

    def check(self, inputs: Inputs) -> None:
        """Look at the prices before the run: InvalidRequest, SeriesTooShort or PriceError when it could not succeed."""
        _material(self, inputs)

    def run(self, inputs: Inputs) -> Generator[Progress, None, CompareResult]:
        """Fit every model, let each forecast every test day, compare."""
        yield Progress(phase="reading the prices")
        material = _material(self, inputs)
        yield Progress(phase="setting up the models")
        contestants = _contestants(self)
        backtests = yield from backtest(contestants, material.returns, material.splits)
        return _result(self, material, backtests)


@dataclass(frozen=True)
class _Material:
    """The prices of the period, their returns, and how both are cut."""

    prices: Prices
    returns: np.ndarray
    splits: Splits


def _material(request: CompareRequest, inputs: Inputs) -> _Material:
    prices = Prices.from_bytes(inputs[request.prices]).between(request.start, request.end)
    try:
        splits = split_days(prices.days, request.test_days)
    except SeriesTooShort as error:
        raise SeriesTooShort(f"{request.symbol} has {error}") from error
    returns = log_returns(prices.close)
    _refuse_constant(request.symbol, prices.close, returns, splits)
    return _Material(prices, returns, splits)


def _refuse_constant(symbol: str, close: np.ndarray, returns: np.ndarray, splits: Splits) -> None:
    if not returns.any():
        raise PriceError(f"{symbol} closes at {close[0]:g} on every day of this period; there is nothing to forecast")
    for span, start in ((splits.train, 0), (splits.test, splits.test_start)):
        if not returns[start : start + span.days].any():
            raise PriceError(
                f"{symbol} does not move on any {span.name} day ({span.first} to {span.last}); choose another period"
            )


def _contestants(request: CompareRequest) -> list[Contestant]:
    """The classical models, then every cell with every seed."""
    from core.rnn.models import Network  # here, because it brings torch

    names = (REFERENCE, *request.classical)
    classical = [Contestant(name, 0, TITLES[name], Classical(name, request.target)) for name in names]
    networks = [
        Contestant(cell, seed, _phase(cell, seed, request.seeds), Network(cell, request.target, request.hidden, seed))
        for cell in request.cells
        for seed in range(request.seeds)
    ]
    return classical + networks


def _phase(cell: CellName, seed: int, seeds: int) -> str:
    return f"{TITLES[cell]}, seed {seed + 1} of {seeds}" if seeds > 1 else TITLES[cell]


def _result(request: CompareRequest, material: _Material, backtests: list[Backtest]) -> CompareResult:
    networks = _networks(backtests)
    prices, returns, splits = material.prices, material.returns, material.splits
    forecasts = forecast_table(backtests, request.target, returns, prices.days[1:])
    scale = mase_scale(request.target, returns[: splits.train_end])
    ranking = rank(forecasts, scale)
    return CompareResult(
        symbol=request.symbol,
        source=request.source,
        target=request.target,
        splits=splits,
        dates=prices.dates,
        close=prices.close,
        mase_scale=scale,
        ranking=ranking,
        forecasts=forecasts,
        curves=_curves(networks),
        weights=_weights(networks),
        verdict=judge(ranking, forecasts, request.target),
        provenance=_provenance(request, material, backtests),
    )


def mase_scale(target: TargetName, training: np.ndarray) -> float:
    """Mean absolute error of the random walk's forecasts within the training returns (T,)."""
    values = target_values(target, training)
    errors = np.diff(values) if target == "volatility" else values
    return float(np.abs(errors).mean())


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


def _weights(networks: dict[str, Network]) -> dict[str, np.ndarray]:
    return {f"{name}/{part}": array for name, network in networks.items() for part, array in network.weights.items()}


def _provenance(request: CompareRequest, material: _Material, backtests: list[Backtest]) -> Provenance:
    seconds: dict[str, float] = {}
    for one in backtests:
        seconds[one.contestant.model] = seconds.get(one.contestant.model, 0.0) + one.seconds
    return Provenance(
        rows=len(material.prices.dates),
        first=material.prices.days[0].item(),
        last=material.prices.days[-1].item(),
        source=material.prices.caption,
        basis=material.prices.basis,
        digest=request.prices,
        scaler_days=material.splits.train_end,
        libraries={name: version(name) for name in LIBRARIES},
        seconds=seconds,
    )
