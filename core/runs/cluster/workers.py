"""The workers of a cluster: how many there are and how fast, noted in the registry for every process to read."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

from distributed import Client, Future

from core.runs.cluster import worker
from core.runs.cluster.worker_state import WorkerState
from core.runs.queue.policy import Workers

if TYPE_CHECKING:
    from core.runs.database.engines import EngineNote
    from core.runs.registry import Registry

LONG_SECONDS = 20.0  # without any worker, after which that is said
SPEED_PRIORITY = -2  # behind every run

NO_WORKER = "cannot begin: the cluster has no workers. Whoever runs it has to start some: dask worker, with its address"
NONE_COMES_UP = (
    "cannot begin yet: no worker of this server comes up. If it stays like this, GRIDCAST_WORKER_MEMORY ({memory}) is too "
    "little, or this machine has too little memory left"
)


class ClusterWorkers:
    """Of one engine."""

    def __init__(self, client: Client, registry: Registry, count: int | None, kept: bool, memory: str = "") -> None:
        """`count` is None for a cluster that somebody else has started, whose workers may come and go; `memory` is what each of
        an embedded one may use."""
        self._client, self._registry, self._count, self._kept, self._memory = client, registry, count, kept, memory
        self._last_seen = time.monotonic()  # when there was a worker
        self._owner = registry.owner.name
        self._speed: Future | None = None
        for one in registry.engines.all():
            if not registry.owner.lives(one.owner):
                registry.engines.forget(one.owner)

    def note(self) -> EngineNote:
        """What the registry knows of this engine, brought up to date."""
        engines, cluster = self._registry.engines, self._client.scheduler_info(n_workers=0)
        count = int(cluster["total_threads"]) if self._count is None else self._count
        workers = Workers.keeping(count) if self._kept else Workers(count)
        trouble = self._trouble(int(cluster["total_threads"]))
        note = engines.of(self._owner)
        if note is None or (note.workers, note.kept, note.trouble) != (workers.count, workers.kept, trouble):
            note = engines.note(self._owner, str(cluster["address"]), workers.count, workers.kept, trouble)
        return note

    def _trouble(self, there: int) -> str:
        """Why nothing can begin, when there has been no worker for LONG_SECONDS."""
        now = time.monotonic()
        if there:
            self._last_seen = now
        if now - self._last_seen < LONG_SECONDS:
            return ""
        return NO_WORKER if self._count is None else NONE_COMES_UP.format(memory=self._memory or "its limit")

    def states(self, runs: Mapping[str, str]) -> tuple[WorkerState, ...]:
        """Every worker; `runs` are those at work, by the worker's address."""
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        return tuple(
            WorkerState(number, runs.get(address), about["metrics"]["memory"] / 1e6, (about["memory_limit"] or 0) / 1e6 or None)
            for number, (address, about) in enumerate(sorted(workers.items()), start=1)
        )

    def measure_speed(self) -> None:
        """Let a worker measure how fast it is when it has time, and note it."""
        self._speed = self._client.submit(
            worker.speed, key=f"speed-{uuid.uuid4().hex[:8]}", pure=False, priority=SPEED_PRIORITY
        )
        self._speed.add_done_callback(self._measured)

    def forget(self) -> None:
        """The engine is closed."""
        self._registry.engines.forget(self._owner)

    def _measured(self, future: Future) -> None:
        if future.status == "finished":
            self._registry.engines.measured(self._owner, future.result())
