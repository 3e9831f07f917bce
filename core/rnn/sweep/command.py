"""The sweep on the command line: the same comparison on many tickers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from core.errors import InvalidRequest
from core.rnn.models import CLASSICAL, NETWORKS
from core.rnn.prices.command import (
    as_they_are_option,
    bars_option,
    prices_of,
    say_notes,
    store_prices,
    ticker_source_option,
)
from core.rnn.prices.sources import names_a_file, symbols_in, ticker_sources
from core.runs.lab import lab
from core.shell import as_json, comma_separated, do, names_option, request_of, say, summary
from core.system.files import LARGEST_LIST, read_file

if TYPE_CHECKING:
    from core.rnn.compare import CompareRequest
    from core.rnn.prices.prices import Prices
    from core.rnn.sweep.result import SweepResult


@click.command()
@click.argument("tickers", nargs=-1)
@click.option("--tickers", "file", type=click.Path(path_type=Path), help="A file with more tickers, between commas or lines.")
@ticker_source_option
@bars_option
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), default="2010-01-01", show_default=True, help="First day to use.")
@click.option("--end", type=click.DateTime(["%Y-%m-%d"]), help="Last day to use.")
@names_option("--target", "core.rnn.dataset.target:TARGETS", default="volatility", help="Of the next days: {names}.")
@click.option("--horizon", default=1, show_default=True, help="Days ahead, 1 to 20; all of them are forecast.")
@click.option("--cells", default="rnn,birnn,lstm,gru", show_default=True, help=f"of {', '.join(NETWORKS)}")
@click.option(
    "--classical",
    help=f"of {', '.join(CLASSICAL)}; the random walk and the target's reference always are  [default: those that are quick]",
)
@click.option("--test-days", default=500, show_default=True, help="The last so many days are scored once and never trained on.")
@click.option("--seeds", default=3, show_default=True, help="Networks trained per variant.")
@click.option("--seed", default=0, show_default=True, help="Of the first network of each variant.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="So many tickers at a time.")
@as_they_are_option
@as_json
def sweep(
    tickers: tuple[str, ...],
    file: Path | None,
    source: str,
    bar_size: str,
    workers: int,
    as_they_are: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Compare recurrent variants on many TICKERS: how many beat the classical models, and how many would by chance.

    Every ticker is a run of its own, the same as `compare` would make; one that cannot be compared does not end the others.
    """
    from core.rnn.compare import CompareRequest
    from core.rnn.prices.quality.breaks import taken_as_they_are
    from core.rnn.sweep.request import sweep_of

    settings = _settings(options)
    series: list[Prices] = []

    def comparison(prices: Prices) -> CompareRequest:
        doubtful = taken_as_they_are(prices, prices.symbol, settings.get("start"), settings.get("end"), as_they_are)
        series.append(prices)
        named = {"symbol": prices.symbol, "source": prices.source, "prices": store_prices(prices), "as_they_are": doubtful}
        return cast("CompareRequest", request_of(CompareRequest, settings | named))

    if source not in ticker_sources():
        raise InvalidRequest(f"a sweep takes its tickers from {' or '.join(ticker_sources())}, not from {source!r}")
    request = sweep_of(_symbols(tickers, file), lambda symbol: prices_of(source, symbol, bar_size), comparison)
    run, cached = do(request, workers)
    result = cast("SweepResult", lab().result(run))
    say_notes(series, settings.get("start"), settings.get("end"))
    say(as_json, summary(run, cached) | answer(result), in_words(result), run, cached)


def _symbols(tickers: tuple[str, ...], file: Path | None) -> tuple[str, ...]:
    text = read_file(file, LARGEST_LIST).decode("utf-8", "replace") if file else ""
    symbols = symbols_in("\n".join([*tickers, text]))
    if not symbols:
        raise InvalidRequest("name at least one ticker, or a file of tickers with --tickers")
    if path := next(filter(names_a_file, symbols), None):
        raise InvalidRequest(
            f"{path!r} is a file, and a sweep takes tickers of {' or '.join(ticker_sources())}; `compare` takes one file of "
            "prices, `panel` several, and --tickers names a list of tickers"
        )
    return symbols


def _settings(options: dict[str, Any]) -> dict[str, Any]:
    """The fields that all comparisons share, from the options that were given."""
    fields = {name: value for name, value in options.items() if value is not None}
    fields |= {name: fields[name].date() for name in ("start", "end") if name in fields}
    fields |= {name: comma_separated(fields[name]) for name in ("cells", "classical") if name in fields}
    return fields


def answer(result: SweepResult) -> dict[str, Any]:
    """A row a ticker and model, a row with its reason for a ticker that could not be compared, and the counts."""
    from core.runs.result import rows_of

    failed = [{"symbol": row["symbol"], "model": None, "reason": row["reason"]} for row in rows_of(result.failed)]
    return {"rows": rows_of(result.rows) + failed, "summary": result.scores["summary"]}


def in_words(result: SweepResult) -> str:
    """The summary, a line a model, and a line a ticker that could not be compared."""
    from core.rnn.models import TITLES, in_a_sentence
    from core.rnn.words import say_percent
    from core.runs.result import rows_of

    lines = [result.summary.text]
    for row in rows_of(result.variants):
        if row["model"] != result.reference:
            wins = f"on {row['wins']} of {row['tickers']}, {row['wins_controlled']} after control"
            skill = f"median skill {say_percent(row['median_skill'])} against {in_a_sentence(result.reference)}"
            lines.append(f"{TITLES[row['model']]}: {skill}, beats it {wins}")
    return "\n".join(lines + [f"{row['symbol']}: {row['reason']}" for row in rows_of(result.failed)])
