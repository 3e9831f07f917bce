from __future__ import annotations

from collections.abc import Generator
from typing import Any

from core.errors import RunFailed
from core.runs.joint import Ended, check_parts, run_parts
from core.runs.request import Inputs, Progress
from core.runs.result import Result
from tests.runs.count.result import CountResult
from tests.runs.counts.request import CountsRequest
from tests.runs.counts.result import CountsResult


def join(request: CountsRequest, ended: Ended) -> Result:
    results = dict(ended)
    totals = {name: result.total for name, result in results.items() if isinstance(result, CountResult)}
    if not totals:
        raise RunFailed(f"none could be counted: {next(iter(results.values()))}")
    return CountsResult(totals=totals, failed={name: why for name, why in results.items() if isinstance(why, str)})


def check(request: CountsRequest, inputs: Inputs) -> None:
    check_parts(request, inputs)


def run(request: CountsRequest, inputs: Inputs) -> Generator[Progress, Any, Result]:
    return run_parts(request, inputs)
