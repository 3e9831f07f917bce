"""What a worker of a cluster does at a moment, for those who watch it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WorkerState:
    """Memory in MB; `limit_mb` is None where there is none."""

    number: int  # from 1
    run: str | None  # that it does; None: it is free, or does one of another engine
    memory_mb: float
    limit_mb: float | None
