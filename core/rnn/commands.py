"""The recurrent forecasters on the command line. What is heavy is imported by the command that needs it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from core.runs.lab import lab
from core.shell import as_json, do, listed, request_of, say, told


@click.command()
@click.argument("ticker")
@click.option(
    "--source", default="sample", show_default=True, help="sample, yahoo, or a CSV file with a date and a price column"
)
@click.option("--target", default="return", show_default=True, help="return (next-day log return) or volatility (|return|)")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="First day to use.")
@click.option("--end", type=click.DateTime(["%Y-%m-%d"]), help="Last day to use.")
@click.option("--test-days", default=500, show_default=True, help="The last so many days are scored once and never trained on.")
@click.option("--seeds", default=3, show_default=True, help="Networks trained per variant.")
@click.option("--cells", default="rnn,birnn,lstm,gru", show_default=True)
@click.option("--classical", default="drift,mean,ar,har", show_default=True, help="The random walk is always in it.")
@as_json
def compare(
    ticker: str, source: str, target: str, start: datetime | None, end: datetime | None, test_days: int, seeds: int,
    cells: str, classical: str, as_json: bool,
) -> None:  # fmt: skip
    """Compare recurrent variants and classical models on TICKER against a random walk."""
    from core.rnn.compare import CompareRequest
    from core.rnn.prices import source_of

    prices = source_of(source).fetch(ticker)
    fields = {
        "symbol": prices.symbol, "source": prices.source, "prices": lab().store.put(prices.to_bytes()), "target": target,
        "start": start.date() if start else None, "end": end.date() if end else None, "test_days": test_days, "seeds": seeds,
        "cells": listed(cells), "classical": listed(classical),
    }  # fmt: skip
    run, cached = do(request_of(CompareRequest, fields))
    result: Any = lab().result(run)
    verdict = result.verdict.model_dump(mode="json")
    say(as_json, told(run, cached) | {"verdict": verdict}, result.verdict.text, run, cached)
