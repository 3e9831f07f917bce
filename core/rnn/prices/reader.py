"""`Reader`: the interface of a price source, which fetches prices of a ticker and searches tickers by words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from typing import ClassVar, final

from core.errors import InvalidRequest
from core.rnn.prices.bar_sizes import BAR_SIZES, BarSize
from core.rnn.prices.prices import Prices
from core.rnn.prices.sources import SOURCES, choices
from core.rnn.prices.weeks import weekly


@dataclass(frozen=True)
class Listing:
    """A ticker that a source offers."""

    symbol: str
    name: str
    kind: str = ""  # stock, index, fund, …
    exchange: str = ""  # in words


class Reader(ABC):
    """Reads the prices of one source; what else there is to know about the source is its row in `SOURCES`."""

    name: ClassVar[str]  # of the row
    groups: ClassVar[Mapping[str, Mapping[str, str]]] = {}  # group -> ticker -> company; empty where tickers cannot be listed
    panel: ClassVar[tuple[str, ...]] = ()  # the tickers of a panel that names none

    @abstractmethod
    def history(self, symbol: str, bar_size: BarSize) -> Prices:
        """The whole history of a ticker, or a PriceError that says why not. `fetch` makes weeks of days, so never of weeks."""

    def search(self, words: str) -> Sequence[Listing]:
        """Tickers that fit some words, best first."""
        return ()

    @final
    def fetch(self, symbol: str, bar_size: BarSize = "1d") -> Prices:
        """The whole history of a ticker in bars of any size that the source has; weeks are made of days.

        InvalidRequest names the sizes it has, a PriceError says why there are no prices.
        """
        source = SOURCES[self.name]
        if bar_size in source.bar_sizes and bar_size != "1wk":
            return self.history(symbol, bar_size)
        daily = self.history(symbol, "1d")
        if bar_size in source.bar_sizes:
            return weekly(daily)
        elsewhere = " or ".join(other.title for other in SOURCES.values() if bar_size in other.bar_sizes)
        raise InvalidRequest(
            f"{daily.origin or source.origin} has daily prices, not {BAR_SIZES[bar_size]} ones; "
            f"choose {' or '.join(source.bar_sizes)}, or ask {elsewhere}"
        )


def reader_of(name_or_path: str, column: int | None = None) -> Reader:
    """The reader of a source that is named, or of a file at a path, where `column` is the place of the prices, from 1.

    InvalidRequest where there is neither, or a column of what is no file.
    """
    source = SOURCES.get(name_or_path)
    if source and not source.from_file:
        if column is not None:
            raise InvalidRequest(f"--column is the place of a column in a file; {source.title} is none, so leave it out")
        return resolve_name(source.reader)()
    path = Path(name_or_path).expanduser()
    if not path.is_file():
        raise InvalidRequest(f"there is no price source {name_or_path!r}; {choices()}")
    file_source = next(source for source in SOURCES.values() if source.from_file)
    return resolve_name(file_source.reader)(path, column)
