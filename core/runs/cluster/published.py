"""Published tasks: what a shared cluster goes on with when the front that has sent it is gone, so that the next one finds it.

The name of a task says of which run it is, of which attempt, and when that was asked for: of two labs on one cluster that
ask the same question each knows its own.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

from distributed import Future
from distributed.client import ClosedClientError

from core.runs.cluster.config import RUN
from core.runs.cluster.connection import Connection

if TYPE_CHECKING:
    from core.runs.registry import Run

PREFIX = "gridcast-"


def task_name(run: Run) -> str:
    """A new one, for a further try at this attempt."""
    return f"{_beginning(run)}{uuid.uuid4().hex[:8]}"


def is_of(task: str, run: Run) -> bool:
    """Whether a task is of this attempt at a run of this lab."""
    return task.startswith(_beginning(run))


def run_and_attempt(task: str) -> tuple[str, int]:
    run_id, attempt, _ = task.split("-", 2)
    return run_id, int(attempt)


def _beginning(run: Run) -> str:
    return f"{run.id}-{run.attempt}-{round(1000 * run.created):x}-"


class Published:
    """The tasks of one cluster; none of one that ends with this process."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, task: str, future: Future) -> None:
        """Let a task go on without this process, until it is forgotten."""
        if self._connection.shared:
            self._connection.client.publish_dataset(future, name=PREFIX + task)

    def tasks(self) -> list[str]:
        if not self._connection.shared:
            return []
        return [name.removeprefix(PREFIX) for name in self._connection.client.list_datasets() if str(name).startswith(PREFIX)]

    def future(self, task: str) -> Future:
        """Of a task that is there."""
        return self._connection.client.get_dataset(PREFIX + task)

    def worker_of(self, task: str) -> str | None:
        """The address of the worker that has it."""
        tasks_of = self._connection.client.processing()
        return next((address for address, keys in tasks_of.items() if (RUN, task) in keys), None)

    def forget(self, task: str) -> None:
        """Let the cluster drop a task, and what came out of it."""
        if self._connection.shared:
            with suppress(OSError, ClosedClientError):  # the scheduler is away: they are gone with it, or are found later
                self._connection.client.unpublish_dataset(PREFIX + task)
