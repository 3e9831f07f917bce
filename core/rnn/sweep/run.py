"""How a sweep runs: a comparison for every ticker, joined into one table."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pandas as pd

from core.errors import DoubtfulPrices, GridcastError, RunFailed
from core.rnn.compare import CompareResult, Valuation, valued
from core.rnn.prices.prices import Prices
from core.rnn.prices.quality.breaks import taken_as_they_are
from core.rnn.sweep.request import SweepRequest
from core.rnn.sweep.result import RECURRENT, SweepResult, controlled_by_loss, judged, summarised, variants_of
from core.runs.joint import STOPPED, Ended, check_parts, run_parts
from core.runs.request import Inputs, Progress, key_of
from core.runs.result import Result


def _ticker(outcome: Result | str) -> dict[str, Any]:
    """The columns of `SweepResult.tickers` that depend on how its comparison ended."""
    if not isinstance(outcome, CompareResult):
        return {"days": 0, "first": "", "last": "", "best": "", "reason": str(outcome)}
    provenance = outcome.provenance
    best = str(outcome.ranking["model"].iloc[0])
    return {"days": provenance.rows, "first": str(provenance.first), "last": str(provenance.last), "best": best, "reason": ""}


def _tests(outcome: CompareResult) -> list[dict[str, Any]]:
    """The tests of a ticker's networks against its best classical model, by every loss of the target."""
    evidence = outcome.judged_by(outcome.valuation).evidence
    rival, losses = evidence.best_classical, evidence.losses
    return [
        {"loss": loss, "skill": losses.by(loss).skill(model, rival), "p": losses.by(loss).test(model, rival).p}
        for loss in evidence.scores
        for model in losses.models
        if model in RECURRENT
    ]


def join(request: SweepRequest, ended: Ended) -> SweepResult:
    """The result of a sweep from its ended comparisons; RunFailed when not one ticker could be compared."""
    rankings, tickers, tests = list[pd.DataFrame](), list[dict[str, Any]](), list[dict[str, Any]]()
    for comparison, (_, outcome) in zip(request.comparisons, ended, strict=True):
        run = key_of(comparison)
        if isinstance(outcome, CompareResult):
            outcome = valued(outcome, Valuation())  # of an earlier version perhaps, and judged as this one does
            ranking = outcome.ranking.assign(run=run, reference=outcome.verdict.reference)
            ranking.insert(0, "symbol", comparison.symbol)
            rankings.append(ranking)
            tests += _tests(outcome) if len(comparison.target_row.scores) > 1 else []
        tickers.append({"symbol": comparison.symbol, "source": comparison.source, "run": run} | _ticker(outcome))
    tickers += [{"symbol": one.symbol, "source": "", "run": ""} | _ticker(one.reason) for one in request.missing]
    if not rankings:
        raise RunFailed(f"none of the {len(tickers)} tickers could be compared. {tickers[0]['reason']}")
    failed = sum(one["reason"] not in ("", STOPPED) for one in tickers)
    rows, target = judged(rankings), request.comparisons[0].target_row
    without = rows.loc[rows["reference"] != target.reference, "symbol"].nunique()
    by_loss = controlled_by_loss(pd.DataFrame(tests, columns=["loss", "skill", "p"]))
    return SweepResult(
        title=target.title,
        rows=rows,
        variants=variants_of(rows, target.reference),
        tickers=pd.DataFrame(tickers),
        summary=summarised(rows, failed, target.reference, target.scores[0], without, by_loss),
    )


def check(request: SweepRequest, inputs: Inputs) -> None:
    """InvalidRequest when not one ticker could be compared, DoubtfulPrices when those of any look wrong and nobody has said
    that they are right."""
    for one in request.comparisons:
        prices = Prices.from_bytes(inputs[one.prices])
        try:
            taken_as_they_are(prices, one.symbol, one.start, one.end, one.as_they_are)
        except DoubtfulPrices:
            raise
        except GridcastError:  # its row says why it cannot be compared
            continue
    check_parts(request, inputs)


def run(request: SweepRequest, inputs: Inputs) -> Generator[Progress, Any, Result]:
    """Compare the tickers here, one after the other; a lab does them as runs of their own instead."""
    return run_parts(request, inputs)
