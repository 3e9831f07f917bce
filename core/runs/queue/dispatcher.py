"""Dispatcher: keeps the runs of an engine that wait, and begins them one by one as the policy says, in a thread of its own.

It knows no cluster: what begins a run, and how many workers there are, it is given.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace

from core.errors import Away, GridcastError
from core.runs.queue.policy import Queue, Waiting, next_run
from core.system.events import LOGGER, event

IDLE_SECONDS = 10.0  # between two looks while nothing does: another process may have left runs behind
LOOK_SECONDS = 1.0  # between two looks while something waits or is at work: workers may have come or gone
AFTER_FAILURE_SECONDS = 5.0  # between two looks of which the first has failed


class Dispatcher:
    """Of one engine."""

    def __init__(self, queue: Callable[[], Queue], begin: Callable[[str, int], None], watch: Callable[[], bool]) -> None:
        """`queue` reads what waits and what is at work; `begin` gives a run, by id, to the cluster, with how often it was given
        before. `watch` is called at every look and says whether there is something at work."""
        self._queue, self._begin, self._watch = queue, begin, watch
        self._resent: dict[str, int] = {}  # of each run that waits, how often its worker died before it began
        self._lock = threading.Lock()
        self._woken, self._closed = threading.Event(), False
        self._thread = threading.Thread(target=self._work, name="dispatcher", daemon=True)

    def start(self) -> None:
        """Begin to look, once whoever made this is ready to be asked."""
        self._thread.start()

    @property
    def waiting(self) -> frozenset[str]:
        with self._lock:
            return frozenset(self._resent)

    def add(self, run_id: str, resent: int = 0) -> None:
        """Let a run wait for its turn."""
        with self._lock:
            self._resent[run_id] = resent
        self._woken.set()

    def drop(self, run_id: str) -> bool:
        """Let a run wait no longer; False when it did not."""
        with self._lock:
            return self._resent.pop(run_id, None) is not None

    def wake(self) -> None:
        """Something has changed: a run has ended, or a worker has come."""
        self._woken.set()

    def close(self) -> None:
        """Begin no further run."""
        self._closed = True
        self._woken.set()

    def _work(self) -> None:
        failing = False
        while not self._closed:
            try:
                self._begin_all()
                pause = LOOK_SECONDS if self._watch() or self.waiting else IDLE_SECONDS
                failing = False
            except Exception as error:  # a database or a cluster that does not answer for a moment must not end the queue
                if not failing:
                    event("queue cannot be looked at", {"reason": f"{type(error).__name__}: {error}"}, logging.WARNING)
                    LOGGER.debug("the queue cannot be looked at", exc_info=error)
                failing, pause = True, AFTER_FAILURE_SECONDS
            self._woken.wait(pause)
            self._woken.clear()

    def _begin_all(self) -> None:
        """Begin runs until no worker is free for one that waits here."""
        while not self._closed and (run := self._next()):
            with self._lock:
                resent = self._resent.pop(run.run, None)
            if resent is None:
                continue  # it was cancelled meanwhile
            try:
                self._begin(run.run, resent)
            except Exception as error:
                if isinstance(error, Away) or not isinstance(error, GridcastError):
                    self.add(run.run, resent)
                    raise
                # else it is marked failed, with the reason

    def _next(self) -> Waiting | None:
        """The next of the runs that wait here; those of other engines on the same cluster are begun by them."""
        if not (here := self.waiting):
            return None
        queue = self._queue()
        still = {run.run for run in queue.waiting}
        self._forget(here - still)
        return next_run(replace(queue, waiting=tuple(run for run in queue.waiting if run.run in here)), time.time())

    def _forget(self, gone: Collection[str]) -> None:
        """Drop runs that do not wait any more: another process has cancelled or deleted them."""
        with self._lock:
            for run_id in gone:
                self._resent.pop(run_id, None)
