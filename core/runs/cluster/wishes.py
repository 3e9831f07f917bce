"""Wishes: what is wanted of a task on the cluster, sent to its worker once; a worker that does not hear is restarted."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from contextlib import suppress

from distributed import Future

from core.runs.cluster import worker
from core.runs.cluster.connection import Connection
from core.runs.request import Wish
from core.system.events import event

GRACE_SECONDS = 5.0  # a cancelled run that has not ended by then: its worker is restarted


class Wishes:
    """Of one engine."""

    def __init__(self, connection: Connection, futures: Mapping[str, Future], workers: Mapping[str, str]) -> None:
        """`futures` and `workers` are those of the engine, by task: what is on the cluster, and who has started it."""
        self._connection, self._futures, self._workers = connection, futures, workers
        self._sent: set[tuple[str, Wish]] = set()

    def send(self, task: str, wish: Wish) -> None:
        """Send a wish to a task, once; the worker of one that does not end GRACE_SECONDS after a cancellation is restarted."""
        if (task, wish) in self._sent or self._connection.lost:
            return  # who comes back looks for tasks that nobody wants
        self._sent.add((task, wish))
        worker.send(wish, task, self._connection.client)
        if wish is Wish.STOP:
            return
        if task not in self._workers and (future := self._futures.get(task)):
            future.cancel()  # it has not begun
        timer = threading.Timer(GRACE_SECONDS, self._restart_worker, (task,))
        timer.daemon = True
        timer.start()

    def send_later(self, task: str, wish: Wish) -> None:
        """The same from a thread that would have to carry the message itself."""
        threading.Thread(target=self.send, args=(task, wish), daemon=True).start()

    def forget(self, task: str) -> None:
        """Of a task that has ended."""
        self._sent -= {(task, wish) for wish in Wish}

    def _restart_worker(self, task: str) -> None:
        if task in self._futures and (address := self._workers.get(task)):
            run_id = task.partition("-")[0]
            event("worker restarted", {"run": run_id, "reason": f"did not stop within {GRACE_SECONDS:.0f} s"}, logging.WARNING)
            with suppress(OSError):  # the scheduler is away
                self._connection.client.restart_workers([address], timeout=20)
