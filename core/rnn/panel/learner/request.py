"""The request of a learner: which of a panel's models to fit, on which tickers, with which seeds."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from core.errors import InvalidRequest
from core.rnn.dataset.target import MeasureName, Target, TargetName, target_of
from core.rnn.panel.models import panel_model
from core.rnn.prices.sources import SourceName
from core.runs.request import Request

TEST_DAYS = (20, 5000)


class Ticker(BaseModel):
    """One ticker's prices."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbol: str
    source: SourceName = "sample"
    prices: str  # digest
    as_they_are: bool = False  # whether somebody has said that prices which look wrong are right


class PanelData(BaseModel):
    """What a panel is made of: whose prices, which days, what is forecast."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tickers: tuple[Ticker, ...]
    start: date | None = None  # both included; None: as far as the prices go
    end: date | None = None
    target: TargetName = "volatility"
    measure: MeasureName = "absolute"
    test_days: int = 500  # the last days of the panel, scored once and never trained on

    @field_validator("tickers")
    @classmethod
    def _in_one_order(cls, tickers: tuple[Ticker, ...]) -> tuple[Ticker, ...]:
        """By symbol, so that equal requests have equal keys."""
        return tuple(sorted(tickers, key=lambda one: one.symbol))

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.start and self.end and self.end <= self.start:
            raise InvalidRequest(f"the period ends on {self.end}, not after its start on {self.start}; swap the two dates")
        low, high = TEST_DAYS
        if not low <= self.test_days <= high:
            raise InvalidRequest(f"the number of test days is {self.test_days}; choose between {low} and {high:,}")
        target_of(self.target, self.measure)
        return self

    @property
    def target_row(self) -> Target:
        """What is forecast."""
        return target_of(self.target, self.measure)

    def confirmed(self, symbol: str) -> PanelData:
        """The same, the prices of a ticker taken as they are."""
        tickers = tuple(one.model_copy(update={"as_they_are": True}) if one.symbol == symbol else one for one in self.tickers)
        return self.model_copy(update={"tickers": tickers})

    @property
    def digests(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.prices for one in self.tickers))


class LearnerRequest(Request):
    """One part of a panel. Without models it aligns the tickers and says what happened on the days to forecast."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "recurrent"

    kind: Literal["learner"] = "learner"
    data: PanelData
    models: tuple[str, ...] = ()  # rows of `panel.models`
    seeds: tuple[int, ...] = (0,)  # of networks
    symbols: tuple[str, ...] = ()  # forecast these alone; empty: all
    unseen: str = ""  # a ticker that the models do not learn from, and forecast; the market is then that of the others
    hidden: int | None = None  # None: the recipe's
    steps: int | None = None  # None: the recipe's

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in self.models:
            panel_model(name)
        return self

    @property
    def size(self) -> float:
        """Models to fit."""
        return float(max(1, len(self.models) * len(self.seeds)))

    @property
    def title(self) -> str:
        names = ", ".join(panel_model(name).title for name in self.models) or "alignment"
        return f"{names[:1].upper()}{names[1:]} for {len(self.data.tickers)} tickers"

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.data.digests
