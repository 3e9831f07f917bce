"""The request of a comparison: which recurrent network, if any, beats a random walk and the classical models on a ticker.

All models forecast the same days from the same origins, using only earlier days; ranking, tests and verdict follow from these
forecasts alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Literal, Self

from pydantic import field_validator, model_validator

from core.errors import InvalidRequest
from core.rnn.dataset.features import EXTRAS, ExtraName
from core.rnn.dataset.target import TARGETS, LossName, MeasureName, Target, TargetName, target_of
from core.rnn.forecaster import MOST_STEPS
from core.rnn.models import (
    MODELS,
    REFERENCE,
    TITLES,
    CellName,
    ClassicalName,
    quick_for,
    refuse_unsuited,
    refuse_without_extras,
    with_extras,
)
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.types import TypeName
from core.rnn.prices.sources import SourceName
from core.runs.request import Request, check_seed, trial_of

MOST_SEEDS, MOST_HIDDEN, MOST_LAYERS = 20, 128, 4
TEST_DAYS = (50, 5000)
REFIT_DAYS = (5, 1000)
_NOT_SETTINGS = {"kind", "symbol", "source", "prices", "as_they_are", "cells", "classical", "seeds"}
_OF_ALL = {"start", "end", "target", "measure", "horizon", "test_days", "refit_days"}  # settings of every model
_READ = {"extras", "beside"}  # settings of models that read further inputs


class CompareRequest(Request):
    """Which prices, which target, which models, how far ahead, how many test days and seeds."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "recurrent"
    called: ClassVar[Mapping[Any, str]] = TITLES
    stoppable: ClassVar[bool] = True

    kind: Literal["compare"] = "compare"
    symbol: str
    source: SourceName = "sample"
    prices: str  # digest
    as_they_are: bool = False  # whether somebody has said that prices which look wrong are right
    start: date | None = None  # both included; None: as far as the prices go
    end: date | None = None
    target: TargetName = "return"
    measure: MeasureName = "absolute"  # of volatility
    horizon: int = 1  # days ahead, all of them forecast
    extras: tuple[ExtraName, ...] = ()  # what networks and some `rivals` read beside the ticker's own moves
    beside: str | None = None  # digest of another ticker's prices, for the extra "ticker"
    network_type: TypeName = "auto"
    cells: tuple[CellName, ...] = ("rnn", "birnn", "lstm", "gru")
    classical: tuple[
        ClassicalName, ...
    ] = ()  # models without a network, see `rivals`; if left out: `models.quick_for` the target
    test_days: int = 500
    refit_days: int = 0  # all models are fitted again after every so many test days; 0: never
    seeds: int = 5
    seed: int = 0  # of the first network of each variant
    hidden: int = 32
    layers: int = 1
    dropout: float = 0.0
    lr: float | None = None  # None: the recipe's
    loss: LossName = "auto"

    @model_validator(mode="before")
    @classmethod
    def _without_cost(cls, fields: Any) -> Any:
        """Requests exported before costs became part of the valuation still hold one; it changes no forecast."""
        return {name: value for name, value in fields.items() if name != "cost_bp"} if isinstance(fields, dict) else fields

    @model_validator(mode="before")
    @classmethod
    def _with_classical(cls, fields: Any) -> Any:
        """The default classical models depend on the target."""
        if not isinstance(fields, dict) or "classical" in fields:
            return fields
        named = tuple(fields.get(name, cls.model_fields[name].default) for name in ("target", "measure"))
        usual = [quick_for(target) for key, target in TARGETS.items() if key == named]
        return fields | {"classical": usual[0]} if usual else fields

    @field_validator("cells", "classical")
    @classmethod
    def _in_one_order(cls, models: tuple[str, ...]) -> tuple[str, ...]:
        """In the order of `MODELS`, each once, without the random walk, so that equal requests have equal keys."""
        return tuple(model for model in MODELS if model in models and model != REFERENCE)

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
            (1e-3 if self.lr is None else self.lr, (1e-5, 1), "learning rate"),
        ):
            if not low <= value <= high:
                raise InvalidRequest(f"the {what} is {value:g}; choose between {low:g} and {high:,g}")
        check_seed(self.seed)
        if ("ticker" in self.extras) != (self.beside is not None):
            raise InvalidRequest("another ticker is read only if it is named and chosen as an input; do both or neither")
        self._check_models()
        return self

    def _check_models(self) -> None:
        for cell in self.cells:
            self.architecture(cell)
        refuse_unsuited(self.classical, self.target_row)
        if not self.extras:
            refuse_without_extras(self.classical)

    def architecture(self, cell: str, extras: int = 0) -> Architecture:
        """The architecture of a cell's network with `extras` further inputs; InvalidRequest where the parts do not fit."""
        return Architecture(
            cell, self.target_row, self.network_type, self.horizon, self.hidden, self.layers, self.dropout, self.loss, extras
        )

    @property
    def rivals(self) -> tuple[str, ...]:
        """The models without a network: the random walk, the target's reference and those chosen.

        With further inputs also the linear models that read them, so that a network cannot win by these alone.
        """
        further = with_extras(self.target_row) if self.extras else ()
        named = {REFERENCE, self.target_row.reference, *self.classical, *further}
        return tuple(model for model in MODELS if model in named)

    @property
    def planned(self) -> dict[str, int]:
        """How many seeds of which networks are trained."""
        return dict.fromkeys(self.cells, self.seeds)

    @property
    def target_row(self) -> Target:
        """What is forecast."""
        return target_of(self.target, self.measure)

    @property
    def size(self) -> float:
        """Networks to train."""
        fits = 1 + (self.test_days - 1) // self.refit_days if self.refit_days else 1
        return float(max(1, len(self.cells) * self.seeds * fits))

    @property
    def title(self) -> str:
        ahead = f", {self.horizon} steps ahead" if self.horizon > 1 else ""
        return f"Compare forecasts of {self.symbol}, {self.target_row.title}{ahead}"

    @property
    def tests(self) -> tuple[str, ...]:
        """Each model but the target's reference, with the settings that its forecasts depend on; more seeds and newer prices
        make no other test, other seeds do, and a model without a network is the same whatever the networks' settings."""
        settings = self.model_dump(mode="json", exclude=_NOT_SETTINGS, exclude_defaults=True)
        shared = {name: value for name, value in settings.items() if name in _OF_ALL}
        reading = {name: value for name, value in settings.items() if name in _OF_ALL | _READ}
        rivals = [model for model in self.rivals if model != self.target_row.reference]
        return (
            *(trial_of(model, settings) for model in self.cells),
            *(trial_of(model, reading if MODELS[model].needs_extras else shared) for model in rivals),
        )

    @property
    def subjects(self) -> tuple[str, ...]:
        return (self.symbol,)

    def confirmed(self, symbol: str) -> Self:
        return self.model_copy(update={"as_they_are": True})

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.prices,) if self.beside is None else (self.prices, self.beside)
