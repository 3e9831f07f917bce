"""The request of a sweep: the same comparison on many tickers, each a run of its own, with tests corrected over all of them.

A ticker that was compared before with the same settings comes from the store; one that cannot be compared is a row with its
reason and does not end the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import field_validator, model_validator

from core.errors import InvalidRequest, PriceError
from core.rnn.compare import CompareRequest
from core.rnn.models import TITLES
from core.rnn.prices.prices import Missing, Prices
from core.runs.joint import Joint
from core.runs.request import Request

MOST_TICKERS = 200
_TICKERS_OWN = {"symbol", "source", "prices", "as_they_are"}  # fields of a comparison that differ between tickers


class SweepRequest(Joint):
    """One comparison a ticker, all with the same settings."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "recurrent"
    called: ClassVar[Mapping[Any, str]] = TITLES

    kind: Literal["sweep"] = "sweep"
    comparisons: tuple[CompareRequest, ...]
    missing: tuple[Missing, ...] = ()

    @field_validator("comparisons")
    @classmethod
    def _in_one_order(cls, comparisons: tuple[CompareRequest, ...]) -> tuple[CompareRequest, ...]:
        """By symbol, so that equal requests have equal keys."""
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
            raise InvalidRequest(
                "the tickers of a sweep are compared with the same settings; start another sweep for other settings"
            )
        return self

    @property
    def title(self) -> str:
        count = len(self.comparisons) + len(self.missing)
        return f"Sweep over {count} ticker{'' if count == 1 else 's'}, {self.comparisons[0].target_row.title}"

    def confirmed(self, symbol: str) -> Self:
        comparisons = tuple(one.confirmed(symbol) if one.symbol == symbol else one for one in self.comparisons)
        return self.model_copy(update={"comparisons": comparisons})

    @property
    def parts(self) -> dict[str, Request]:
        return {one.symbol: one for one in self.comparisons}


def sweep_of(
    symbols: Iterable[str], fetch: Callable[[str], Prices], comparison: Callable[[Prices], CompareRequest]
) -> SweepRequest:
    """The sweep over these tickers; those without prices are `missing`, with the reason."""
    comparisons, missing = list[CompareRequest](), list[Missing]()
    for symbol in symbols:
        try:
            comparisons.append(comparison(fetch(symbol)))
        except PriceError as error:
            missing.append(Missing(symbol=symbol, reason=str(error)))
    return SweepRequest(comparisons=tuple(comparisons), missing=tuple(missing))
