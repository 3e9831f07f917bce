"""Work: iterates one request from its first Progress to its Outcome, the same way in a worker, in the shell and in a test."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.checkpoints.checkpoint import Checkpoint, Start, Unfit, used
from core.errors import Away, GridcastError, RunInterrupted
from core.runs.request import Progress, Request, Wish, key_of
from core.system.events import LOGGER, event

if TYPE_CHECKING:
    from core.runs.result import Result

Running = Generator[Progress, Any, "Result"]

REPORT_SECONDS = 0.25  # least time between two reports
WISH_SECONDS = 0.1  # least time between two readings of the wish
_OF_ANOTHER_SHAPE = (LookupError, TypeError, ValueError, AttributeError)  # what a state that is not the expected one raises


@dataclass(frozen=True)
class Outcome:
    """How a run ended: with a result as bytes, with an error, cancelled, or interrupted."""

    seconds: float
    content: bytes | None = None
    headline: str = ""
    scores: Any = None
    data: tuple[str, ...] = ()  # see `Result.tested_data`
    error: str = ""
    cancelled: bool = False
    interrupted: bool = False  # with `error`, the reason
    finished: float | None = None  # seconds since the epoch; None: just now
    busy: float | None = None  # share of its seconds for which it had the processor, where that was measured

    @classmethod
    def of(cls, result: Result, seconds: float, finished: float | None = None, busy: float | None = None) -> Outcome:
        """That a run ended with this result."""
        found = result.to_bytes(), result.headline, result.scores, result.tested_data
        return cls(seconds, *found, finished=finished, busy=busy)


class _Pace:
    """Limits how often progress is reported and the wish is read; pictures and checkpoints wait for the next report."""

    def __init__(self, wish: Callable[[], Wish | None]) -> None:
        self._read_wish = wish
        self._wished: Wish | None = None
        self._read = self._reported = 0.0
        self._pictures: dict[str, bytes] = {}
        self._checkpoint: bytes | None = None

    def wish(self) -> Wish | None:
        now = time.monotonic()
        if now - self._read >= WISH_SECONDS:
            self._read, self._wished = now, self._read_wish()
        return self._wished

    def report(self, progress: Progress) -> Progress | None:
        now = time.monotonic()
        self._pictures |= progress.pictures
        self._checkpoint = progress.checkpoint or self._checkpoint
        if now - self._reported < REPORT_SECONDS:
            return None
        self._reported = now
        kept = {"pictures": self._pictures, "checkpoint": self._checkpoint}
        self._pictures, self._checkpoint = {}, None
        return progress.model_copy(update=kept)


def going_on(begin: Callable[[], Running], checkpoint: Checkpoint) -> Running:
    """A run, begun and gone on with from its checkpoint; its Progress holds a new one whenever that is due.

    Where what was saved does not fit it is begun from the start, and says so. Another version of the lab may have saved it, and
    a part that misses something in it may not know.
    """
    running, wish = begin(), None
    try:
        while True:
            try:
                with used(checkpoint):
                    progress = running.send(wish)
            except StopIteration as end:
                return end.value
            except (Unfit, *_OF_ANOTHER_SHAPE) as error:
                if not checkpoint.went_on:
                    raise
                unfit = error if isinstance(error, Unfit) else Unfit(f"an unexpected {type(error).__name__}: {error}")
                checkpoint, running, wish = checkpoint.without(unfit), begin(), None
                event("checkpoint unfit", {"reason": checkpoint.lost}, logging.WARNING)
                continue
            note = f"{checkpoint.lost} {progress.note}".strip()
            wish = yield progress.model_copy(update={"checkpoint": checkpoint.made(), "note": note})
    finally:
        running.close()


def work(
    request: Request, begin: Callable[[], Running], wish: Callable[[], Wish | None], start: Start | None = None
) -> Generator[Progress, None, Outcome]:
    """Do a request from where it starts; yield at most four Progress a second (no picture is lost); return how it ended.

    Every failure is recorded here: this is the only place that catches all exceptions.
    """
    pace, checkpoint = _Pace(wish), Checkpoint(start or Start(), request.checkpoint_seconds)
    if checkpoint.lost:
        event("checkpoint lost", {"run": key_of(request), "reason": checkpoint.lost}, logging.WARNING)
    generator, began, worked = going_on(begin, checkpoint), time.monotonic(), time.thread_time()
    try:
        progress = next(generator)
        while True:
            wished = pace.wish()
            if wished is Wish.CANCEL:
                generator.close()
                return Outcome(checkpoint.elapsed, cancelled=True)
            if report := pace.report(progress):
                yield report
            progress = generator.send(wished if request.stoppable else None)
    except StopIteration as end:
        busy = (time.thread_time() - worked) / max(time.monotonic() - began, 1e-9)
        return Outcome.of(end.value, checkpoint.elapsed, busy=min(1.0, busy))
    except GridcastError as error:
        return Outcome(checkpoint.elapsed, error=str(error), interrupted=isinstance(error, (RunInterrupted, Away)))
    except Exception as error:
        LOGGER.exception("defect", extra={"fields": {"run": key_of(request), "kind": request.kind}})
        said = error.strerror if isinstance(error, OSError) else error  # which names no file
        return Outcome(checkpoint.elapsed, error=f"An unexpected {type(error).__name__}: {said}")
