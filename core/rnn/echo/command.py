"""The echo on the command line."""

from __future__ import annotations

from typing import Any, cast

import click

from core.errors import InvalidRequest
from core.rnn.models import NETWORKS
from core.runs.lab import lab
from core.shell import as_json, comma_separated, do, request_of, say, summary


@click.command()
@click.option("--lags", default="7", show_default=True, help="Days after which the signal comes again, separated by commas.")
@click.option("--strength", type=float, help="Of the echo, 0 to 0.99.  [default: 0.9]")
@click.option("--days", type=int, help="Of which the last quarter is for the test.  [default: 4000]")
@click.option("--cells", default="rnn,lstm,gru,mlp", show_default=True, help=f"of {', '.join(NETWORKS)}")
@click.option("--seeds", type=int, help="Networks of each kind.  [default: 1]")
@click.option("--seed", type=int, help="Of the days and the first network.  [default: 0]")
@click.option("--hidden", type=int, help="Units.  [default: 32]")
@click.option("--steps", type=int, help="Of training, at most.  [default: 500]")
@click.option("--lr", type=float, help="Learning rate.  [default: 0.01]")
@as_json
def echo(lags: str, cells: str, as_json: bool, **options: Any) -> None:
    """Which networks learn a signal of k days ago in noise, as k grows."""
    from core.rnn.echo.request import EchoRequest
    from core.rnn.echo.result import EchoResult

    settings = {name: value for name, value in options.items() if value is not None}
    run, cached = do(request_of(EchoRequest, settings | {"lags": _numbers(lags), "cells": comma_separated(cells)}))
    result = cast("EchoResult", lab().result(run))
    answer = {"possible": result.possible, "longest": {model: result.longest(model) for model in result.models}}
    say(as_json, summary(run, cached) | answer, result.text, run, cached)


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(map(int, comma_separated(text)))
    except ValueError as error:
        raise InvalidRequest(f"--lags {text!r} are no numbers of days; for example --lags 1,7,14") from error
