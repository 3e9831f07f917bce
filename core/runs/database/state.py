"""State: what has become of a run."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


ALIVE = (State.QUEUED, State.RUNNING)
ENDED_EMPTY = (State.FAILED, State.CANCELLED, State.INTERRUPTED)  # a request whose run ended so is run again
