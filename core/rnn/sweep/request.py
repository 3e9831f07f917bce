"""Sweep: the same comparison on many tickers, each a run of its own, judged together.

A ticker that was compared before with the same settings is served from the store; one that cannot be compared is a row with its
reason and does not end the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Literal, Self

import pandas as pd
from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from core.errors import InvalidRequest, PriceError, RunFailed
from core.rnn.compare.request import CompareRequest
from core.rnn.compare.result import CompareResult
from core.rnn.prices.prices import Prices
from core.rnn.sweep.result import SweepResult, judged, summarised, variants_of
from core.runs.joint import Ended, Joint
from core.runs.request import Request, key_of
from core.runs.result import Result

MOST_TICKERS = 200
_TICKERS_OWN = {"symbol", "source", "prices"}  # of a comparison; all else is the same for every ticker


class Missing(BaseModel):
    """A ticker that was asked for and whose prices could not be had."""

    model_config = ConfigDict(frozen=True)

    symbol: str
    reason: str


class SweepRequest(Joint):
    """One comparison a ticker, all with the same settings."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "recurrent"
    result: ClassVar[type[Result]] = SweepResult

    kind: Literal["sweep"] = "sweep"
    comparisons: tuple[CompareRequest, ...]
    missing: tuple[Missing, ...] = ()

    @field_validator("comparisons")
    @classmethod
    def _in_one_order(cls, comparisons: tuple[CompareRequest, ...]) -> tuple[CompareRequest, ...]:
        """By symbol, so that equal questions have equal keys."""
        return tuple(sorted(comparisons, key=lambda one: one.symbol))

    @model_validator(mode="after")
    def _check(self) -> Self:
        symbols = [one.symbol for one in self.comparisons]
        if not symbols:
            raise InvalidRequest(self.missing[0].reason if self.missing else "there is no ticker to compare; name at least one")
        if len(symbols) > MOST_TICKERS:
            raise InvalidRequest(f"{len(symbols)} tickers are more than a sweep takes; choose {MOST_TICKERS} at most")
        if twice := {symbol for symbol in symbols if symbols.count(symbol) > 1}:
            raise InvalidRequest(f"{', '.join(sorted(twice))} is there more than once; take each ticker from one source")
        first, *others = (one.model_dump(exclude=_TICKERS_OWN) for one in self.comparisons)
        if any(other != first for other in others):
            raise InvalidRequest("the tickers of a sweep are compared with the same settings; give each other settings its own")
        return self

    @property
    def title(self) -> str:
        count = len(self.comparisons) + len(self.missing)
        return f"Sweep over {count} ticker{'' if count == 1 else 's'}, {self.comparisons[0].asked.title}"

    @property
    def parts(self) -> dict[str, Request]:
        return {one.symbol: one for one in self.comparisons}

    def join(self, ended: Ended) -> SweepResult:
        """RunFailed when not one ticker could be compared."""
        rankings, tickers = list[pd.DataFrame](), list[dict[str, Any]]()
        for comparison, (_, outcome) in zip(self.comparisons, ended, strict=True):
            run = key_of(comparison)
            if isinstance(outcome, CompareResult):
                ranking = outcome.ranking.assign(run=run)
                ranking.insert(0, "symbol", comparison.symbol)
                rankings.append(ranking)
            tickers.append({"symbol": comparison.symbol, "source": comparison.source, "run": run} | _ticker(outcome))
        tickers += [{"symbol": one.symbol, "source": "", "run": ""} | _ticker(one.reason) for one in self.missing]
        if not rankings:
            raise RunFailed(f"none of the {len(tickers)} tickers could be compared. {tickers[0]['reason']}")
        rows = judged(rankings)
        return SweepResult(
            title=self.comparisons[0].asked.title,
            rows=rows,
            variants=variants_of(rows),
            tickers=pd.DataFrame(tickers),
            summary=summarised(rows, len(tickers) - len(rankings)),
        )


def _ticker(outcome: Result | str) -> dict[str, Any]:
    """What there is to say about a ticker as a whole."""
    if not isinstance(outcome, CompareResult):
        return {"days": 0, "first": "", "last": "", "best": "", "reason": str(outcome)}
    found = outcome.provenance
    best = str(outcome.ranking["model"].iloc[0])
    return {"days": found.rows, "first": str(found.first), "last": str(found.last), "best": best, "reason": ""}


def sweep_of(
    symbols: Iterable[str], fetch: Callable[[str], Prices], comparison: Callable[[Prices], CompareRequest]
) -> SweepRequest:
    """The sweep over these tickers; one whose prices cannot be had is missing, with the reason."""
    comparisons, missing = list[CompareRequest](), list[Missing]()
    for symbol in symbols:
        try:
            comparisons.append(comparison(fetch(symbol)))
        except PriceError as error:
            missing.append(Missing(symbol=symbol, reason=str(error)))
    return SweepRequest(comparisons=tuple(comparisons), missing=tuple(missing))
