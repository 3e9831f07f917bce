"""The sweep on the command line: the same comparison on many tickers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from core.errors import InvalidRequest
from core.runs.lab import lab
from core.shell import as_json, content, do, listed, request_of, say, told


@click.command()
@click.argument("tickers", nargs=-1)
@click.option("--tickers", "file", type=click.Path(path_type=Path), help="A file with more tickers, between commas or lines.")
@click.option("--source", default="sample", show_default=True, help="sample or yahoo")
@click.option("--target", help="return (next-day log return), direction or volatility")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="First day to use.")
@click.option("--end", type=click.DateTime(["%Y-%m-%d"]), help="Last day to use.")
@click.option("--test-days", type=int, help="The last so many days are scored once and never trained on.")
@click.option("--seeds", type=int, help="Networks trained per variant.")
@click.option("--cells", help="rnn,birnn,lstm,gru, …")
@click.option("--classical", help="mean,ar,har, …; the random walk is always in it.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="So many tickers at a time.")
@as_json
def sweep(
    tickers: tuple[str, ...], file: Path | None, source: str, target: str | None, start: datetime | None,
    end: datetime | None, test_days: int | None, seeds: int | None, cells: str | None, classical: str | None, workers: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Compare recurrent variants on many TICKERS: how many beat a random walk, and how many would by chance.

    Every ticker is a run of its own; one that cannot be compared does not end the others. What is not said is as in a
    comparison.
    """
    from core.rnn.compare import CompareRequest
    from core.rnn.prices import Prices
    from core.rnn.sweep import sweep_of, symbols_in

    said: dict[str, Any] = {
        "target": target, "start": start.date() if start else None, "end": end.date() if end else None, "test_days": test_days,
        "seeds": seeds, "cells": listed(cells) if cells is not None else None,
        "classical": listed(classical) if classical is not None else None,
    }  # fmt: skip
    settings = {name: value for name, value in said.items() if value is not None}

    def comparison(prices: Prices) -> CompareRequest:
        ticker = {"symbol": prices.symbol, "source": prices.source, "prices": lab().store.put(prices.to_bytes())}
        return request_of(CompareRequest, settings | ticker)  # type: ignore[return-value]

    text = content(file).decode("utf-8", "replace") if file else ""
    symbols = symbols_in("\n".join([*tickers, text]))
    if not symbols:
        raise InvalidRequest("name at least one ticker, or a file of tickers with --tickers")
    run, cached = do(sweep_of(symbols, _fetch(source), comparison), workers)
    result: Any = lab().result(run)
    say(as_json, told(run, cached) | answer(result), in_words(result), run, cached)


def _fetch(source: str) -> Callable[[str], Any]:
    from core.rnn.prices import source_of

    if source not in ("sample", "yahoo"):
        raise InvalidRequest(f"a sweep takes its tickers from sample or yahoo, not from {source!r}")
    return source_of(source).fetch


def answer(result: Any) -> dict[str, Any]:
    """A row a ticker and model, a row with its reason for a ticker that could not be compared, and the counts."""
    from core.rnn.outcome import rows_of

    failed = [{"symbol": row["symbol"], "model": None, "reason": row["reason"]} for row in rows_of(result.failed)]
    return {"rows": rows_of(result.rows) + failed, "summary": result.scores["summary"]}


def in_words(result: Any) -> str:
    """The summary, a line a model, and a line a ticker that could not be compared."""
    from core.rnn.names import TITLES
    from core.rnn.swept import in_percent

    lines = [result.summary.text]
    for row in result.variants.itertuples():
        beats = f"beats the random walk on {row.wins} of {row.tickers} tickers, {row.wins_controlled} after control"
        lines.append(f"{TITLES[row.model]}: median skill {in_percent(row.median_skill)}, {beats}, first on {row.first}")
    return "\n".join(lines + [f"{row.symbol}: {row.reason}" for row in result.failed.itertuples()])
