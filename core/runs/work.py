"""Work: iterates one request from its first Progress to its Outcome, the same way in a worker, in the shell and in a test."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import DatabaseError, GridcastError, RunInterrupted
from core.runs.request import Progress, Request, Wish, key_of
from core.system.events import LOGGER

if TYPE_CHECKING:
    from core.runs.result import Result

REPORT_SECONDS = 0.25  # least time between two reports
WISH_SECONDS = 0.1  # least time between two readings of the wish


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

    @classmethod
    def of(cls, result: Result, seconds: float, finished: float | None = None) -> Outcome:
        """That a run ended with this result."""
        return cls(seconds, result.to_bytes(), result.headline, result.scores, result.tested_data, finished=finished)


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


def _outcome(result: Result, began: float) -> Outcome:
    return Outcome.of(result, time.monotonic() - began)


def work(
    request: Request, generator: Generator[Progress, Any, Result], wish: Callable[[], Wish | None]
) -> Generator[Progress, None, Outcome]:
    """Iterate a request as it runs; yield at most four Progress a second (no picture is lost); return how it ended.

    Every failure is recorded here: this is the only place that catches all exceptions.
    """
    began = time.monotonic()
    pace = _Pace(wish)
    try:
        progress = next(generator)
        while True:
            wished = pace.wish()
            if wished is Wish.CANCEL:
                generator.close()
                return Outcome(time.monotonic() - began, cancelled=True)
            if report := pace.report(progress):
                yield report
            progress = generator.send(wished if request.stoppable else None)
    except StopIteration as end:
        return _outcome(end.value, began)
    except GridcastError as error:
        return Outcome(
            time.monotonic() - began, error=str(error), interrupted=isinstance(error, (RunInterrupted, DatabaseError))
        )
    except Exception as error:
        LOGGER.exception("defect", extra={"fields": {"run": key_of(request), "kind": request.kind}})
        said = error.strerror if isinstance(error, OSError) else error  # which names no file
        return Outcome(time.monotonic() - began, error=f"An unexpected {type(error).__name__}: {said}")
