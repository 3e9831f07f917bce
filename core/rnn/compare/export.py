"""Export formats of a comparison; scores are corrected for all trials on its ticker in this lab, as on screens."""

from __future__ import annotations

import json

from core.rnn.compare.result import CompareResult
from core.rnn.compare.trials import valued_in
from core.rnn.compare.valued_result import worth_of
from core.runs.export import Files, Format, as_csv
from core.runs.lab import lab
from core.runs.registry import Run


def _csv(run: Run, result: CompareResult) -> Files:
    valued = valued_in(lab(), run, result)
    return as_csv(valued.tables | worth_of(valued).tables)


def _json(run: Run, result: CompareResult) -> Files:
    valued = valued_in(lab(), run, result)
    scores = {
        "run": run.id,
        "title": run.title,
        "seconds": run.seconds,
        "scores": valued.scores,
        "verdict": valued.verdict.model_dump(mode="json"),
        "chosen": valued.chosen,
        "validation_losses": valued.validation_losses,
        "trading": valued.trading,
        "worth": worth_of(valued).plain,
        "valuation": valued.valuation.model_dump(mode="json"),
    }
    return {"request.json": run.request_json.encode(), "scores.json": json.dumps(scores, indent=2).encode()}


FORMATS = {
    "csv": Format("Tables (CSV)", _csv, "every table of the result"),
    "json": Format("Request and scores (JSON)", _json, "starts the same run again, here or in another lab; with its inputs"),
}
