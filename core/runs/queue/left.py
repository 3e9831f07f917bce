"""Time left of a run: what was expected, corrected by how it goes. It does not climb: where it would by much, none is said."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from core.runs.kinds import kind_named
from core.runs.registry import Run
from core.runs.request import Progress, Request

MOST = 256  # runs that are remembered
WRONG = 1.5  # times what was said before: more than that, and the expectation was wrong


def seconds_left(share: float, expected: float, passed: float) -> float:
    """Of a run of which `share` (0 to 1) is done after so many seconds, where so many were expected for the whole.

    The whole is taken as (1 − s) E + t: at its beginning what was expected, at its end what it took. It falls all the time,
    unless the run takes more than twice as long as expected.
    """
    return (1 - share) * ((1 - share) * expected + passed)


@dataclass
class _Attempt:
    """What is remembered of one attempt at a run."""

    expected: float
    timed: bool
    began: float
    share: float  # that was done when it was first heard of, by an attempt before
    least: float = float("inf")


class TimeLeft:
    """Of the runs of one lab; safe for several threads."""

    def __init__(self, run_of: Callable[[str], Run | None], expected: Callable[[Request], float]) -> None:
        self._run_of, self._expected = run_of, expected
        self._attempts: OrderedDict[tuple[str, int | None], _Attempt] = OrderedDict()
        self._lock = threading.Lock()

    def with_time_left(self, run_id: str, progress: Progress, attempt: int | None = None) -> Progress:
        """The same with the seconds that are left of the run; without, where they are many more than was said. A run that is
        given a time knows them itself."""
        own = self._of(run_id, attempt, progress)
        if own is None:
            return progress
        if own.timed:
            left = progress.seconds_left
        else:
            share = (progress.fraction - own.share) / max(1e-9, 1 - own.share)
            left = seconds_left(min(1.0, max(0.0, share)), own.expected, time.monotonic() - own.began)
        if left is None:
            return progress
        wrong, own.least = left > WRONG * own.least, min(own.least, left)
        return progress.model_copy(update={"seconds_left": None if wrong else own.least})

    def _of(self, run_id: str, attempt: int | None, progress: Progress) -> _Attempt | None:
        with self._lock:
            own = self._attempts.get((run_id, attempt))
            if own is None:
                run = self._run_of(run_id)
                if run is None:
                    return None
                timed, expected = kind_named(run.kind).request.timed, run.expected or self._expected(run.request)
                own = self._attempts[run_id, attempt] = _Attempt(expected, timed, time.monotonic(), progress.fraction)
                if len(self._attempts) > MOST:
                    self._attempts.popitem(last=False)
            return own
