"""Tickers by company name on the command line."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from core.errors import InvalidRequest
from core.runs.lab import lab
from core.shell import as_json, say

if TYPE_CHECKING:
    from core.rnn.prices.prices import Prices


class _BarsOption(click.Option):
    """--bars, which also answers to its old name --interval; help names the new one alone."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        names, text = super().get_help_record(ctx) or ("", "")
        return names.replace("--interval, ", "").replace(", --interval", ""), text


bars_option = click.option(
    "--bars", "--interval", "bar_size", cls=_BarsOption, default="1d", show_default=True,
    help="1d, 1wk; from Yahoo also 1h, 30m, 15m, 5m",
)  # fmt: skip


def prices_of(source: str, ticker: str, bar_size: str) -> Prices:
    """A ticker's prices from sample, yahoo or a CSV file; a PriceError or InvalidRequest says why there are none."""
    from core.rnn.prices.bar_sizes import bar_size_of
    from core.rnn.prices.sources import source_of

    return source_of(source).fetch(ticker, bar_size_of(bar_size))


def kept(prices: Prices) -> str:
    """The digest of prices, which are in the store from now on."""
    return lab().store.put(prices.to_bytes())


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--source", default="sample", show_default=True, help="sample, which needs no network, or yahoo")
@as_json
def search(words: tuple[str, ...], source: str, as_json: bool) -> None:
    """Find tickers by the WORDS of a company's name, or by how they begin."""
    from core.rnn.prices.sources import source_of

    if source not in ("sample", "yahoo"):
        raise InvalidRequest(f"{source!r} cannot be searched; choose sample or yahoo")
    said = " ".join(words)
    found = source_of(source).search(said)
    lines = ["  ".join(filter(None, (f"{hit.symbol:10}", hit.name, hit.kind, hit.exchange))) for hit in found]
    elsewhere = "; look among all at Yahoo with --source yahoo" if source == "sample" else ""
    text = "\n".join(lines) or f"nothing at {source} fits {said!r}{elsewhere}"
    say(as_json, {"words": said, "source": source, "found": [asdict(hit) for hit in found]}, text)
