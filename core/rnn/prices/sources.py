"""The price sources, one row each: everything that screens, commands and notes need of a source, without importing its code.

A new source is a row here and a file with its reader (see reader.py); samples.py is a short one to copy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from core.errors import InvalidRequest
from core.rnn.prices.bar_sizes import BarSize
from core.rows import name_in


@dataclass(frozen=True)
class Source:
    """Where prices come from."""

    name: str  # in requests, and after --source
    title: str  # on screens
    origin: str  # in captions, where `Prices.origin` is empty
    reader: str  # "module:class" of its Reader
    hint: str  # what to type, or to upload
    examples: tuple[str, ...] = ()  # tickers that a form begins with
    bar_sizes: tuple[BarSize, ...] = ("1d", "1wk")  # weeks are made of days
    terms: str = ""  # under which its prices may be used
    online: bool = False  # asks a server, which has later prices tomorrow
    from_file: bool = False  # named by the path of a file, not by a ticker
    verified: bool = True  # False: its prices may have unadjusted splits and holes, which are told and have to be confirmed
    calendar_from: Literal["ticker", "days"] = (
        "ticker"  # its calendar follows from the spelling of the ticker, or from the days with prices
    )

    @property
    def example(self) -> str:
        """The ticker that a form for one begins with."""
        return next(iter(self.examples), "")


SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        Source(
            "sample", "Samples", "shipped sample", "core.rnn.prices.samples:Samples",
            hint="a ticker that ships with the lab",
            examples=("AAPL", "JNJ", "JPM", "KO", "WMT", "XOM"),
        ),
        Source(
            "yahoo", "Yahoo", "Yahoo Finance via yfinance", "core.rnn.prices.yahoo:Yahoo",
            hint="MSFT, ^GSPC, BTC-USD, …",
            examples=("AAPL", "MSFT", "KO"),
            bar_sizes=("1d", "1wk", "1h", "30m", "15m", "5m"),
            terms="Yahoo's prices are unofficial and for personal use",
            online=True,
            verified=False,
        ),
        Source(
            "csv", "CSV", "CSV file", "core.rnn.prices.csv_file:CsvFile",
            hint="a CSV with a date and a price column",
            bar_sizes=("1d", "1wk", "1h", "30m", "15m", "5m"),
            from_file=True,
            verified=False,
            calendar_from="days",
        ),
    )
}  # fmt: skip


def source_named(name: str) -> Source:
    """InvalidRequest where there is no such source."""
    if name not in SOURCES:
        raise InvalidRequest(f"there is no price source {name!r}; {choices()}")
    return SOURCES[name]


def choices() -> str:
    """What can stand after --source, for error messages."""
    files = [f"the path of a {source.origin}" for source in SOURCES.values() if source.from_file]
    return f"use {', '.join(ticker_sources())} or {' or '.join(files)}"


def ticker_sources() -> dict[str, Source]:
    """The sources that are asked for tickers, by name: all but files."""
    return {name: source for name, source in SOURCES.items() if not source.from_file}


def names_a_file(word: str) -> bool:
    """Whether a word is written like the path of a file, not like a ticker."""
    return bool(re.search(r"[/\\]|\.(csv|tsv|txt)$", word, re.IGNORECASE))


def symbols_in(text: str) -> tuple[str, ...]:
    """The tickers of a pasted list or a file, each once: between spaces, commas, semicolons or lines; # begins a comment.

    In capitals, but for paths of files.
    """
    words = filter(None, (word.strip("\"'") for word in re.split(r"[\s,;]+", re.sub(r"#.*", "", text))))
    return tuple(dict.fromkeys(word if names_a_file(word) else word.upper() for word in words))


SourceName = Annotated[str, name_in(lambda: SOURCES)]  # of a request
