"""Prices on the command line: the options and the fetch that commands about a ticker share, and the search for tickers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.errors import InvalidRequest, PriceError, UnknownTicker
from core.rnn.prices.bar_sizes import BAR_SIZES, bar_size_of
from core.rnn.prices.sources import SOURCES, ticker_sources
from core.runs.lab import lab
from core.shell import as_json, errors, say

if TYPE_CHECKING:
    from core.rnn.prices.prices import Prices

_TICKER_SOURCES = ", ".join(ticker_sources())
_FILES = "".join(f", or the path of {source.hint}" for source in SOURCES.values() if source.from_file)
source_option = click.option("--source", default="sample", show_default=True, help=f"{_TICKER_SOURCES}{_FILES}")
ticker_source_option = click.option("--source", default="sample", show_default=True, help=_TICKER_SOURCES)


column_option = click.option(
    "--column", type=click.IntRange(1), help="Place of the prices in a file, from 1.  [default: found by its name or content]"
)


class _BarsOption(click.Option):
    """--bars, which also answers to its old name --interval; help names the new one alone."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        names, text = super().get_help_record(ctx) or ("", "")
        return names.replace("--interval, ", "").replace(", --interval", ""), text


def _sizes_by_source() -> str:
    """The bar sizes that every source has, then those that only some have."""
    common = [size for size in BAR_SIZES if all(size in source.bar_sizes for source in SOURCES.values())]
    more = {source.title: [size for size in source.bar_sizes if size not in common] for source in SOURCES.values()}
    return ", ".join(common) + "".join(f"; from {title} also {', '.join(sizes)}" for title, sizes in more.items() if sizes)


bars_option = click.option(
    "--bars", "--interval", "bar_size", cls=_BarsOption, default="1d", show_default=True, help=_sizes_by_source()
)  # fmt: skip


as_they_are_option = click.option(
    "--as-they-are", is_flag=True, help="The prices are right, though they move like a split that is not adjusted, or an error."
)


def prices_of(source: str, ticker: str, bar_size: str = "1d", column: int | None = None) -> Prices:
    """A ticker's prices from a source or a file, which may be named in its place; a PriceError or InvalidRequest says why there
    are none."""
    from core.rnn.prices.reader import reader_of

    if Path(ticker).suffix and Path(ticker).is_file():
        source, ticker = (source if Path(source).is_file() else ticker), Path(ticker).stem
    reader = reader_of(source, column)
    try:
        return reader.fetch(ticker, bar_size_of(bar_size))
    except UnknownTicker as error:
        raise UnknownTicker(f"{error}{_elsewhere(source)}", error.suggestions) from error


def store_prices(prices: Prices) -> str:
    """Put prices into the store; their digest."""
    return lab().store.put(prices.to_bytes())


def say_notes(series: Sequence[Prices], start: date | None = None, end: date | None = None) -> None:
    """Write what to know about the prices between two days to standard error, a line a note."""
    from core.rnn.prices.notes import notes_together

    inside = []
    for prices in series:
        with suppress(PriceError):  # the request that follows says why
            inside.append(prices.between(start, end))
    for note in notes_together(inside, start):
        errors.print(f"note on {note}", markup=False, highlight=False, soft_wrap=True)


def _elsewhere(named: str) -> str:
    """Where a search among all tickers goes on; empty after a source that is online, or a file."""
    if named not in SOURCES or SOURCES[named].online:
        return ""
    online = [source for source in ticker_sources().values() if source.online]
    return "".join(f"; look among all at {source.title} with --source {source.name}" for source in online)


@click.command()
@click.argument("words", nargs=-1, required=True)
@ticker_source_option
@as_json
def search(words: tuple[str, ...], source: str, as_json: bool) -> None:
    """Find tickers by the WORDS of a company's name, or by how they begin."""
    from core.rnn.prices.reader import reader_of

    if source not in ticker_sources():
        raise InvalidRequest(f"{source!r} cannot be searched; choose {' or '.join(ticker_sources())}")
    query = " ".join(words)
    listings = reader_of(source).search(query)
    lines = ["  ".join(filter(None, (f"{one.symbol:10}", one.name, one.kind, one.exchange))) for one in listings]
    text = "\n".join(lines) or f"nothing at {source} fits {query!r}{_elsewhere(source)}"
    say(as_json, {"words": query, "source": source, "found": [asdict(one) for one in listings]}, text)
