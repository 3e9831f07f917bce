"""The workers of a cluster: how many there are and how fast, noted in the registry for every process to read."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from distributed import Future

from core.runs.cluster import worker
from core.runs.cluster.connection import Connection
from core.runs.cluster.versions import OF_WORKERS, PACKAGES, difference, versions
from core.runs.cluster.worker_state import WorkerState
from core.runs.queue.policy import Workers
from core.system.events import event

if TYPE_CHECKING:
    from core.runs.database.engines import EngineNote
    from core.runs.registry import Registry

LONG_SECONDS = 20.0  # without any worker, after which that is said
SPEED_PRIORITY = -2  # behind every run
A_WORKER = "a worker of the cluster"

NO_WORKER = "cannot begin: the cluster has no workers. Whoever runs it has to start some: dask worker, with its address"
NONE_COMES_UP = (
    "cannot begin yet: no worker of this server comes up. If it stays like this, GRIDCAST_WORKER_MEMORY ({memory}) is too "
    "little, or this machine has too little memory left"
)


class ClusterWorkers:
    """Of one engine."""

    def __init__(self, connection: Connection, registry: Registry, count: int | None, kept: bool, memory: str = "") -> None:
        """`count` is None for a cluster whose workers may come and go; `memory` is what each of an embedded one may use."""
        self._connection, self._registry, self._count, self._kept, self._memory = connection, registry, count, kept, memory
        self._last_seen = time.monotonic()  # when there was a worker
        self._owner = registry.owner.name
        self._speed: Future | None = None
        self._problems: dict[str, str] = {}  # by address, of the workers of a shared cluster that are there; "": none

    def note(self) -> EngineNote:
        """What the registry knows of this engine, brought up to date."""
        shared = self._connection.shared
        cluster = self._connection.client.scheduler_info(n_workers=-1 if shared else 0)
        there = self._usable(cluster["workers"]) if shared else int(cluster["total_threads"])
        count = there if self._count is None else self._count
        return self._noted(self._connection.cluster or str(cluster["address"]), count, self._trouble(there))

    def say(self, trouble: str) -> None:
        """Note why nothing can begin."""
        note = self._registry.engines.of(self._owner)
        if note and note.trouble != trouble:
            self._registry.engines.note(self._owner, note.cluster, note.workers, note.kept, trouble, note.shared)

    def _noted(self, cluster: str, count: int, trouble: str) -> EngineNote:
        workers = Workers.keeping(count) if self._kept else Workers(count)
        engines, shared = self._registry.engines, self._connection.shared
        note = engines.of(self._owner)
        if note is None or (note.workers, note.kept, note.trouble) != (workers.count, workers.kept, trouble):
            note = engines.note(self._owner, cluster, workers.count, workers.kept, trouble, shared)
        return note

    def _usable(self, workers: Mapping[str, Mapping[str, Any]]) -> int:
        """How many threads the workers of a shared cluster have that may be sent runs; each is asked once for its versions."""
        if fresh := [address for address in workers if address not in self._problems]:
            here = versions((*PACKAGES, *OF_WORKERS))
            answers = self._connection.client.run(versions, (*PACKAGES, *OF_WORKERS), workers=fresh, on_error="return")
            for address, answer in answers.items():
                if isinstance(answer, OSError):
                    continue  # it is asked again
                self._problems[address] = difference(answer, here, A_WORKER)
                if problem := self._problems[address]:
                    event("worker refused", {"worker": address, "reason": problem}, logging.WARNING)
        self._problems = {address: problem for address, problem in self._problems.items() if address in workers}
        return sum(int(about["nthreads"]) for address, about in workers.items() if not self._problems.get(address, "unknown"))

    @property
    def only(self) -> list[str] | None:
        """The workers that may be sent runs; None: all."""
        if not any(self._problems.values()):
            return None
        return [address for address, problem in self._problems.items() if not problem]

    def are_gone(self, addresses: Collection[str]) -> bool:
        """Whether none of these workers is there any more."""
        return not set(addresses) & set(self._problems)

    def _trouble(self, there: int) -> str:
        """Why nothing can begin, when there has been no worker for LONG_SECONDS."""
        now = time.monotonic()
        if there:
            self._last_seen = now
        if not there and (problem := next(filter(None, self._problems.values()), "")):
            return f"cannot begin: {problem}"
        if now - self._last_seen < LONG_SECONDS:
            return ""
        return NO_WORKER if self._count is None else NONE_COMES_UP.format(memory=self._memory or "its limit")

    def states(self, runs: Mapping[str, str]) -> tuple[WorkerState, ...]:
        """Every worker; `runs` are those at work, by the worker's address."""
        workers = self._connection.client.scheduler_info(n_workers=-1)["workers"]
        return tuple(
            WorkerState(number, runs.get(address), about["metrics"]["memory"] / 1e6, (about["memory_limit"] or 0) / 1e6 or None)
            for number, (address, about) in enumerate(sorted(workers.items()), start=1)
        )

    def measure_speed(self) -> None:
        """Let a worker measure how fast it is when it has time, and note it."""
        self._speed = self._connection.client.submit(
            worker.speed, key=f"speed-{uuid.uuid4().hex[:8]}", pure=False, priority=SPEED_PRIORITY
        )
        self._speed.add_done_callback(self._measured)

    def forget(self) -> None:
        """The engine is closed. That runs of its process go on where the cluster does stays known."""
        if not self._connection.shared:
            self._registry.engines.forget(self._owner)

    def forget_dead(self) -> None:
        """Forget the engines of processes that are gone, once their runs have been taken over."""
        for one in self._registry.engines.all():
            if not self._registry.owner.lives(one.owner):
                self._registry.engines.forget(one.owner)

    def _measured(self, future: Future) -> None:
        if future.status == "finished":
            self._registry.engines.measured(self._owner, future.result())
