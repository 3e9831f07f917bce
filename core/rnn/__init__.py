"""Recurrent forecasters: does any network forecast this ticker better than a random walk?

`compare` is the way in from a notebook; its docstring has an example.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import core.rnn.compare  # noqa: F401  the package, before the function below takes its name here

if TYPE_CHECKING:
    from core.rnn.compare.request import CompareRequest
    from core.rnn.compare.result import CompareResult
    from core.rnn.prices.prices import Prices

__all__ = ["CompareRequest", "CompareResult", "compare"]


def compare(request: CompareRequest, prices: Prices, beside: Prices | None = None) -> CompareResult:
    """Run a comparison in this process and return its result; nothing is stored.

    >>> from datetime import date
    >>> from core.rnn import CompareRequest, compare
    >>> from core.rnn.prices.samples import fetch
    >>> prices = fetch("KO").between(date(2018, 1, 1))
    >>> request = CompareRequest(symbol="KO", prices=prices.digest, target="volatility", cells=(), classical=("ewma",))
    >>> compare(request, prices).ranking[["model", "skill"]].round(3)["model"].tolist()
    ['ewma', 'har', 'random-walk']

    `beside` are the prices of another ticker, where the request names one. InvalidRequest where it names prices not given.
    """
    from core.drive import returned
    from core.errors import InvalidRequest
    from core.rnn.compare.run import run

    inputs = {one.digest: one.to_bytes() for one in (prices, beside) if one is not None}
    if missing := set(request.inputs) - set(inputs):
        raise InvalidRequest(f"the request is about other prices, {', '.join(sorted(missing))[:12]}…; hand over those it names")
    return returned(run(request, inputs))


def __getattr__(name: str) -> Any:
    if name in ("CompareRequest", "CompareResult"):
        return getattr(import_module("core.rnn.compare"), name)  # the package
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
