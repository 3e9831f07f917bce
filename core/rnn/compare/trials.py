"""The trials on a ticker: every variant × seed × setting counts as one.

Of a hundred networks tried on one ticker some beat the random walk by chance. So trials are counted over all stored
comparisons, and p values and Sharpe ratios are corrected for the count (Šidák 1967 in `verdict`; Bailey & López de Prado 2014
in `trading`). The correction errs on the safe side: trials on the same days are correlated, and Šidák assumes independence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from core.errors import InvalidRequest
from core.rnn.compare.result import CompareResult
from core.rnn.compare.valuation import Valuation
from core.rnn.compare.valued_result import valued
from core.runs.lab import Lab

_NOT_SETTINGS = {"kind", "symbol", "source", "prices", "cells", "classical", "seeds"}  # newer prices make no new trial
_OF_CLASSICAL = {"start", "end", "target", "measure", "horizon", "test_days", "refit_days"}  # what a classical model depends on
Trial = tuple[str, int, str]  # model, seed, settings


def trials_of(request: Any) -> set[Trial]:
    """The trials of one comparison: a compare request, or anything with its fields. The random walk is no trial.

    Settings are all fields but models, seeds and prices; a classical model is the same trial whatever the networks' settings.
    """
    fields = request.model_dump(mode="json", exclude=_NOT_SETTINGS)
    settings = json.dumps(fields, sort_keys=True)
    shared = json.dumps({name: value for name, value in fields.items() if name in _OF_CLASSICAL}, sort_keys=True)
    networks = {(model, seed, settings) for model in request.cells for seed in range(request.seeds)}
    return networks | {(model, 0, shared) for model in request.classical}


def count_trials(requests: Iterable[Any], symbol: str) -> int:
    """How many different trials these comparisons made on a ticker; the same one run twice counts once."""
    on_ticker = (request for request in requests if request.symbol.upper() == symbol.upper())
    return len(set[Trial]().union(*(trials_of(request) for request in on_ticker)))


def trials_on(lab: Lab, symbol: str) -> int:
    """How many trials on a ticker this lab has scores of, results removed to make room included."""
    return count_trials(_shown(lab), symbol)


def _shown(lab: Lab) -> Iterator[Any]:
    """The requests of all comparisons with scores, but those of earlier versions that this one cannot read."""
    for run in lab.registry.runs(limit=100_000, bench="recurrent"):
        if run.kind == "compare" and run.scores_json:
            with suppress(InvalidRequest):
                yield run.request


def valued_in(lab: Lab, result: CompareResult, cost_bp: float | None = None) -> CompareResult:
    """A comparison as all screens of a lab show it: corrected for all trials on its ticker in this lab.

    `cost_bp` None: the cost of its present valuation.
    """
    cost = result.valuation.cost_bp if cost_bp is None else cost_bp
    return valued(result, Valuation(cost_bp=cost, trials=trials_on(lab, result.symbol)))
