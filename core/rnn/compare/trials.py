"""How often a ticker has been asked: every variant × seed × setting is a trial, and the luckiest of many means less.

Who tries a hundred networks on one ticker finds one that beats the random walk. So what was tried is counted, over all stored
comparisons, and p values and Sharpe ratios are deflated by the count (Šidák 1967 here; Bailey & López de Prado 2014 in
`trading`). The count is high rather than low: trials on the same days are alike, and Šidák takes them as independent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.errors import InvalidRequest
from core.rnn.compare.result import CompareResult
from core.rnn.compare.verdict import judge
from core.rnn.dataset.target import log_returns
from core.rnn.evaluation.trading import Terms, trade

if TYPE_CHECKING:
    from core.runs.lab import Lab


def with_ledger(result: CompareResult, trials: int) -> CompareResult:
    """The same comparison judged as one of so many trials on its ticker: p values and Sharpe ratios deflated by their count."""
    moments, returns = result.days[1:].astype("datetime64[s]"), log_returns(result.close)
    terms = Terms(result.cost_bp, days_a_year=result.days_a_year)
    performance, _ = trade(result.forecasts, pd.Series(returns, moments), result.asked, terms, trials)
    verdict = judge(result.ranking, result.forecasts, result.target, trials, result.bar)
    return result.model_copy(update={"verdict": verdict, "performance": performance})


_NOT_SETTINGS = {"kind", "symbol", "source", "prices", "cells", "classical", "seeds"}  # new prices are no new idea
_OF_CLASSICAL = {"start", "end", "target", "measure", "horizon", "test_days", "refit_days"}  # what a classical model depends on
Trial = tuple[str, int, str]  # model, seed, settings


def trials_of(request: Any) -> set[Trial]:
    """The trials of one comparison: a compare request, or anything with its fields. The random walk is no trial.

    Settings are all fields that say how, not which; a classical model is the same trial whatever the networks are.
    """
    fields = request.model_dump(mode="json", exclude=_NOT_SETTINGS)
    settings = json.dumps(fields, sort_keys=True)
    shared = json.dumps({name: value for name, value in fields.items() if name in _OF_CLASSICAL}, sort_keys=True)
    networks = {(model, seed, settings) for model in request.cells for seed in range(request.seeds)}
    return networks | {(model, 0, shared) for model in request.classical}


def count_trials(requests: Iterable[Any], symbol: str) -> int:
    """How many different trials these comparisons made on a ticker; the same one asked twice counts once."""
    asked = (request for request in requests if request.symbol.upper() == symbol.upper())
    return len(set[Trial]().union(*(trials_of(request) for request in asked)))


def trials_on(lab: Lab, symbol: str) -> int:
    """How many trials on a ticker this lab has shown the outcome of, results since cleared away included."""
    return count_trials(_shown(lab), symbol)


def _shown(lab: Lab) -> Iterator[Any]:
    """Every comparison that came to scores, but those that an earlier version asked in words no longer understood."""
    for run in lab.registry.runs(limit=100_000, bench="recurrent"):
        if run.kind == "compare" and run.scores_json:
            with suppress(InvalidRequest):
                yield run.request
