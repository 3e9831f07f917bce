"""The traps on the command line: six flattering numbers on one ticker, each beside the honest one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from core.rnn.prices.command import (
    as_they_are_option,
    column_option,
    prices_of,
    say_notes,
    source_option,
    store_prices,
)
from core.runs.lab import lab
from core.shell import as_json, do, request_of, say, summary


@click.command()
@click.argument("ticker")
@source_option
@column_option
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="First day to use.")
@click.option("--end", type=click.DateTime(["%Y-%m-%d"]), help="Last day to use.")
@click.option("--seeds", type=int, help="Networks of each kind.  [default: 3]")
@click.option("--seed", type=int, help="Of the first network.  [default: 0]")
@as_they_are_option
@as_json
def traps(
    ticker: str,
    source: str,
    column: int | None,
    start: datetime | None,
    end: datetime | None,
    seeds: int | None,
    seed: int | None,
    as_they_are: bool,
    as_json: bool,
) -> None:
    """Make six common mistakes on TICKER: the flattering number of each beside the honest one."""
    from core.rnn.traps.request import TrapsRequest

    prices = prices_of(source, ticker, column=column)
    options: dict[str, Any] = {
        "start": start.date() if start else None, "end": end.date() if end else None, "seeds": seeds, "seed": seed
    }  # fmt: skip
    named = {"symbol": prices.symbol, "source": prices.source, "prices": store_prices(prices)}
    settings = {name: value for name, value in options.items() if value is not None}
    run, cached = do(request_of(TrapsRequest, named | settings), as_they_are=as_they_are)
    say_notes([prices], options["start"], options["end"])
    say(as_json, summary(run, cached), in_words(lab().result(run)), run, cached)


def in_words(result: Any) -> str:
    """A paragraph a trap: both numbers, then how it is caught."""
    return "\n\n".join(
        f"{trap.title}: {trap.flattering.text} {trap.flattering.label}; {trap.honest.text} {trap.honest.label}.\n"
        f"{trap.done} {trap.why} {trap.caught}"
        for trap in result.traps
    )
