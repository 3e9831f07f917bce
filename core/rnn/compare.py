"""Compare: which recurrent network, if any, forecasts a ticker better than a random walk and the classical models.

All contestants forecast the same days from the same origins, each knowing the days before it and no others; the ranking, the
tests and the verdict are made of these forecasts alone.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import numpy as np
from pydantic import field_validator, model_validator

from core.errors import InvalidRequest, PriceError, SeriesTooShort
from core.rnn.architecture import Architecture
from core.rnn.backtest import Contestant, backtest
from core.rnn.baselines import Classical, suits
from core.rnn.forecaster import MOST_STEPS
from core.rnn.names import REFERENCE, TITLES, CellName, ClassicalName, LossName, TypeName
from core.rnn.outcome import CompareResult
from core.rnn.prices import Prices
from core.rnn.series import EXTRAS, ExtraName, Series, series_of
from core.rnn.targets import MeasureName, Target, TargetName
from core.rnn.windows import Splits, split_days
from core.runs.request import Inputs, Progress, Request, Result

if TYPE_CHECKING:
    from core.rnn.models import Network

MOST_SEEDS, MOST_HIDDEN, MOST_LAYERS = 20, 128, 4
TEST_DAYS = (50, 5000)
REFIT_DAYS = (5, 1000)
MOST_COST = 500.0  # basis points
TRADED_AT = 5.0  # basis points per unit of turnover: what Fischer & Krauss 2018 take for liquid stocks
QUICK: tuple[ClassicalName, ...] = ("drift", "mean", "ar", "ets", "theta", "ewma", "har")  # fitted within a second


class CompareRequest(Request):
    """Which prices, which target, which models, how far ahead, how many test days and seeds."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "recurrent"
    result: ClassVar[type[Result]] = CompareResult

    kind: Literal["compare"] = "compare"
    symbol: str
    source: Literal["sample", "yahoo", "csv"] = "sample"
    prices: str  # digest
    start: date | None = None  # both included; None: as far as the prices go
    end: date | None = None
    target: TargetName = "return"
    measure: MeasureName = "absolute"  # of volatility
    horizon: int = 1  # days ahead, all of them forecast
    extras: tuple[ExtraName, ...] = ()  # what networks read beside the moves of the ticker itself
    beside: str | None = None  # digest of another ticker's prices, for the extra "ticker"
    network_type: TypeName = "auto"
    cells: tuple[CellName, ...] = ("rnn", "birnn", "lstm", "gru")
    classical: tuple[ClassicalName, ...] = QUICK  # beside the random walk, which is always there
    test_days: int = 500
    refit_days: int = 0  # all models are fitted again after every so many test days; 0: never
    seeds: int = 5
    hidden: int = 32
    layers: int = 1
    dropout: float = 0.0
    lr: float | None = None  # None: the recipe's
    loss: LossName = "auto"
    cost_bp: float = TRADED_AT  # of a trade, in basis points of what is traded

    @field_validator("cells", "classical")
    @classmethod
    def _in_one_order(cls, models: tuple[str, ...]) -> tuple[str, ...]:
        """The order of `TITLES`, each once and the random walk left out, so that equal questions have equal keys."""
        return tuple(model for model in TITLES if model in models and model != REFERENCE)

    @field_validator("extras")
    @classmethod
    def _extras_in_one_order(cls, extras: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(extra for extra in EXTRAS if extra in extras)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.cells and not self.classical:
            raise InvalidRequest("there is nothing to compare with the random walk; choose at least one model")
        if self.start and self.end and self.end <= self.start:
            raise InvalidRequest(f"the period ends on {self.end}, not after its start on {self.start}; swap the two dates")
        for value, (low, high), what in (
            (self.test_days, TEST_DAYS, "number of test days"),
            (self.horizon, (1, MOST_STEPS), "horizon"),
            (self.seeds, (1, MOST_SEEDS), "number of seeds"),
            (self.hidden, (1, MOST_HIDDEN), "number of hidden units"),
            (self.layers, (1, MOST_LAYERS), "number of layers"),
            (self.refit_days or REFIT_DAYS[0], REFIT_DAYS, "number of days between refits"),
            (self.dropout, (0, 0.9), "dropout"),
            (self.lr or 1e-3, (1e-5, 1), "learning rate"),
            (self.cost_bp, (0, MOST_COST), "cost in basis points"),
        ):
            if not low <= value <= high:
                raise InvalidRequest(f"the {what} is {value:g}; choose between {low:g} and {high:,g}")
        if self.measure != "absolute" and self.target != "volatility":
            raise InvalidRequest(f"{self.measure} measures volatility, but the target is {self.target}; choose one of them")
        if ("ticker" in self.extras) != (self.beside is not None):
            raise InvalidRequest("another ticker is read only if it is named and asked for; do both or neither")
        self._check_models()
        return self

    def _check_models(self) -> None:
        for cell in self.cells:
            self.architecture(cell)
        for name in self.classical:
            if not suits(name, self.target):
                raise InvalidRequest(f"{TITLES[name]} does not forecast the {self.asked.title}; leave it out")

    def architecture(self, cell: CellName, extras: int = 0) -> Architecture:
        """What the network of a cell is made of, with so many further inputs; InvalidRequest where the parts do not fit."""
        return Architecture(
            cell, self.asked, self.network_type, self.horizon, self.hidden, self.layers, self.dropout, self.loss, extras
        )

    @property
    def asked(self) -> Target:
        """What is forecast."""
        return Target(self.target, self.measure)

    @property
    def title(self) -> str:
        ahead = f", {self.horizon} steps ahead" if self.horizon > 1 else ""
        return f"Compare forecasts of {self.symbol}, {self.asked.title}{ahead}"

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.prices,) if self.beside is None else (self.prices, self.beside)

    def check(self, inputs: Inputs) -> None:
        """Look at the prices before the run: InvalidRequest, SeriesTooShort or PriceError when it could not succeed."""
        material(self, inputs)

    def run(self, inputs: Inputs) -> Generator[Progress, None, CompareResult]:
        """Fit every model, let each forecast from every origin, compare."""
        from core.rnn.assembly import assemble

        yield Progress(phase="reading the prices")
        known = material(self, inputs)
        yield Progress(phase="setting up the models")
        backtests = yield from backtest(contestants(self, known.series), known.series, known.splits, self.refit_days)
        yield Progress(phase="judging the forecasts", step=1, total=1)
        return assemble(self, known, backtests)


@dataclass(frozen=True)
class Material:
    """The prices of the period, the series that models see, and how it is cut."""

    prices: Prices
    series: Series
    splits: Splits


def material(request: CompareRequest, inputs: Inputs) -> Material:
    """What a request is about; InvalidRequest, SeriesTooShort or PriceError when it cannot be compared."""
    prices = Prices.from_bytes(inputs[request.prices]).between(request.start, request.end)
    beside = Prices.from_bytes(inputs[request.beside]) if request.beside else None
    try:
        splits = split_days(prices.days, request.test_days)
    except SeriesTooShort as error:
        raise SeriesTooShort(f"{request.symbol} has {error}") from error
    if request.horizon > splits.validation.days // 2 or request.horizon > request.test_days // 2:
        raise SeriesTooShort(f"a horizon of {request.horizon} days needs more than twice as many test and validation days")
    series = series_of(prices, request.asked, request.extras, beside)
    _refuse_constant(request.symbol, prices.close, series.returns, splits)
    return Material(prices, series, splits)


def _refuse_constant(symbol: str, close: np.ndarray, returns: np.ndarray, splits: Splits) -> None:
    if not returns.any():
        raise PriceError(f"{symbol} closes at {close[0]:g} on every day of this period; there is nothing to forecast")
    for span, start in ((splits.train, 0), (splits.test, splits.test_start)):
        if not returns[start : start + span.days].any():
            raise PriceError(
                f"{symbol} does not move on any {span.name} day ({span.first} to {span.last}); choose another period"
            )


def contestants(request: CompareRequest, series: Series) -> list[Contestant]:
    """The classical models, then every cell with every seed."""
    names = (REFERENCE, *request.classical)
    classical = [Contestant(name, 0, TITLES[name], Classical(name, request.target, request.horizon)) for name in names]
    networks = [
        Contestant(cell, seed, _phase(cell, seed, request.seeds), untrained(request, cell, seed, series.extras.shape[1]))
        for cell in request.cells
        for seed in range(request.seeds)
    ]
    return classical + networks


def untrained(request: CompareRequest, cell: CellName, seed: int, extras: int) -> Network:
    """The network of a cell and a seed, as a run begins with it."""
    from core.rnn.models import RECIPE, Network  # here, because it brings torch

    recipe = RECIPE if request.lr is None else replace(RECIPE, lr=request.lr)
    return Network(request.architecture(cell, extras), seed, recipe)


def _phase(cell: CellName, seed: int, seeds: int) -> str:
    return f"{TITLES[cell]}, seed {seed + 1} of {seeds}" if seeds > 1 else TITLES[cell]
