"""Where prices come from, by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from core.errors import GridcastError, InvalidRequest, PriceError
from core.rnn.prices.bar_sizes import BarSize
from core.rnn.prices.prices import Listing, Prices

THREADS = 4  # so many tickers are asked for at once: more, and sources refuse


class Source(Protocol):
    """Where prices come from. A module with these two functions will do."""

    def fetch(self, symbol: str, bar_size: BarSize = "1d") -> Prices:
        """The whole history of a ticker, or a PriceError that says why not."""

    def search(self, words: str) -> Sequence[Listing]:
        """Tickers that fit some words, best first."""


def source_of(name_or_path: str) -> Source:
    """The source of a name: "sample", "yahoo", or the path of a CSV file."""
    if name_or_path == "sample":
        from core.rnn.prices import samples

        return samples
    if name_or_path == "yahoo":
        from core.rnn.prices.yahoo import Yahoo
        from core.settings import settings

        return Yahoo(settings().home)
    from core.rnn.prices.csv_file import CsvFile

    path = Path(name_or_path).expanduser()
    if not path.is_file():
        raise InvalidRequest(f"there is no price source {name_or_path!r}; use sample, yahoo or the path of a CSV file")
    return CsvFile(path)


def fetch_many(source: Source, symbols: Iterable[str], bar_size: BarSize = "1d") -> dict[str, Prices | PriceError]:
    """Several tickers in the order asked, each its prices or why there are none: one that fails does not end the others."""

    def fetched(symbol: str) -> Prices | PriceError:
        try:
            return source.fetch(symbol, bar_size)
        except PriceError as error:
            return error
        except GridcastError as error:
            return PriceError(str(error))

    wanted = list(dict.fromkeys(symbols))
    with ThreadPoolExecutor(THREADS) as pool:
        return dict(zip(wanted, pool.map(fetched, wanted), strict=True))


def symbols_in(text: str) -> tuple[str, ...]:
    """The tickers of a pasted list or a file, each once: between spaces, commas, semicolons or lines; # begins a comment."""
    words = re.split(r"[\s,;]+", re.sub(r"#.*", "", text))
    return tuple(dict.fromkeys(word.strip("\"'").upper() for word in words if word.strip("\"'")))
