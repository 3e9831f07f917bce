"""Worker: does one run on a Dask worker, reports its progress on the engine's topic, and listens for what is wished of it."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any

from distributed import Client, Event, get_worker

from core.checkpoints.checkpoint import Start
from core.runs.kinds import Kind
from core.runs.request import Inputs, Request, Wish
from core.runs.work import Outcome, work

TOPIC = "gridcast"


def do(task: str, run_id: str, kind: Kind, request: Request, inputs: Inputs, start: Start) -> Outcome:
    """Do a run from where it starts; `task` names this attempt at it."""
    worker = get_worker()
    wished, cancelled = Event(_wish_event(task)), Event(_cancel_event(task))

    def wish() -> Wish | None:
        try:
            if not wished.is_set():
                return None
            return Wish.CANCEL if cancelled.is_set() else Wish.STOP
        except OSError:
            return Wish.CANCEL  # the scheduler is lost, and with it whoever would hear of this

    report: dict[str, Any] = {"run": run_id, "task": task}
    worker.log_event(TOPIC, report)  # Dask adds the worker's address
    working = work(request, partial(kind.run, request, inputs), wish, start)
    try:
        while True:
            progress = next(working)
            worker.log_event(TOPIC, report | {"progress": progress.model_dump()})
    except StopIteration as end:
        outcome: Outcome = end.value
        return outcome
    finally:
        with suppress(OSError):
            wished.clear()
            cancelled.clear()


def send(wish: Wish, task: str, client: Client) -> None:
    """Let the worker that does a task know what is wished of it."""
    if wish is Wish.CANCEL:
        Event(_cancel_event(task), client=client).set()
    Event(_wish_event(task), client=client).set()


def speed() -> float:
    """How long the work of `core.speed` takes here, in seconds of the processor."""
    from core.speed import measured  # here, because the engine's process needs no torch

    return measured()


def _wish_event(task: str) -> str:
    return f"wish-{task}"


def _cancel_event(task: str) -> str:
    return f"cancel-{task}"
