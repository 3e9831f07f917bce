"""How a task on the cluster has ended."""

from __future__ import annotations

import asyncio
from enum import Enum

from distributed import CancelledError, Future, KilledWorker

from core.runs.work import Outcome

FETCH_SECONDS = 30.0  # for a result to come from its worker
AGAIN = ("lost", "pending")  # what Dask calls a task whose result was lost with its worker, while that is computed again


class Ending(Enum):
    """Of a task without an outcome."""

    KILLED = "its worker was lost"
    GONE = "the cluster does not know it any more"


def ending_of(future: Future) -> Outcome | Ending | str:
    """Of a task that is done; a text is Dask's own reason. OSError where its outcome cannot be fetched now."""
    try:
        if future.status == "finished":
            outcome: Outcome = future.result(timeout=FETCH_SECONDS)
            return outcome
        if future.status in AGAIN and future.client.status == "running":
            raise OSError("the worker that had computed it is gone, and it is computed again")
        if future.status != "error":
            return Ending.GONE
        error = future.exception(timeout=FETCH_SECONDS)
    except (CancelledError, asyncio.CancelledError):
        return Ending.GONE
    return Ending.KILLED if isinstance(error, KilledWorker) else str(error)
