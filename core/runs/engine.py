"""Runs on a Dask cluster: submit, cancel, and hear how they go.

Workers report on one topic; the engine's one subscriber writes that to the registry, which is all that screens read.
"""

from __future__ import annotations

import logging
import threading
import uuid
from functools import partial
from subprocess import Popen
from typing import Any

import dask
from distributed import Client, Event, Future, KilledWorker, get_worker

from core.errors import RunFailed
from core.runs import local
from core.runs.lab import INTERRUPTED, Lab, lab
from core.runs.registry import Run, State
from core.runs.request import Inputs, Progress, Request
from core.runs.work import Outcome, work
from core.settings import settings

log = logging.getLogger(__name__)

TOPIC = "gridcast"
GRACE_SECONDS = 5.0  # a run that does not stop by itself in this time loses its worker
KILLED = (
    "The worker that did this run was ended by the system: it was killed, or needed more memory than it may use. "
    "Run it again; if it ends like this once more, choose a smaller preset."
)


def _do(task: str, run_id: str, request: Request, inputs: Inputs) -> Outcome:
    """In a worker: do one run and report its progress on the topic."""
    worker = get_worker()
    stop = Event(_stop_name(task))
    said = {"run": run_id, "task": task}
    worker.log_event(TOPIC, said)  # Dask adds the worker's address
    working = work(request, inputs, stop.is_set)
    try:
        while True:
            progress = next(working)
            worker.log_event(TOPIC, said | {"progress": progress.model_dump()})
    except StopIteration as end:
        return end.value
    finally:
        stop.clear()


def _stop_name(task: object) -> str:
    return f"stop-{task}"


class Engine:
    """A lab with a cluster that does its runs."""

    def __init__(self, lab: Lab, client: Client, process: Popen[str] | None = None) -> None:
        """`process` is the embedded cluster, if this engine started one; it ends with `close`."""
        self.lab = lab
        self._client, self._process = client, process
        self._futures: dict[str, Future] = {}  # by run: only its latest attempt is listened to
        self._workers: dict[str, str] = {}  # by task: who started it
        client.subscribe_topic(TOPIC, self._hear)
        for run in lab.registry.adopt_orphans():
            self._send(run)

    @property
    def lives(self) -> bool:
        return self._client.status == "running" and (self._process is None or self._process.poll() is None)

    def submit(self, request: Request) -> Run:
        """Queue a request, or find the equal one that is queued, running or done."""
        run, ours = self.lab.claim(request)
        if ours:
            self._send(run)
        return run

    def cancel(self, run_id: str) -> bool:
        """Stop a run: at once in the registry, within a moment on its worker. False when it had already ended."""
        if not self.lab.registry.cancel(run_id):
            return False
        future = self._futures.pop(run_id, None)
        if future is not None and str(future.key) in self._workers:
            Event(_stop_name(future.key), client=self._client).set()
            timer = threading.Timer(GRACE_SECONDS, self._force, (run_id, future))
            timer.daemon = True
            timer.start()
        elif future is not None:
            future.cancel()
        return True

    def close(self) -> None:
        """Leave the cluster; an embedded one ends with us."""
        self._client.close(timeout=2)
        if self._process is not None:
            with self._process:  # closes its pipes, which ends it, and waits
                pass

    def _send(self, run: Run) -> None:
        request = run.request
        task = f"{run.id}-{run.attempt}-{uuid.uuid4().hex[:8]}"
        future = self._client.submit(_do, task, run.id, request, self.lab.inputs_of(request), key=task, pure=False)
        self._futures[run.id] = future
        future.add_done_callback(partial(self._ended, run.id))

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        said = event[1]
        self._workers[said["task"]] = said["worker"]
        if not self._latest(said["run"], said["task"]):
            return
        if "progress" in said:
            self.lab.registry.progress(said["run"], Progress.model_validate(said["progress"]))
        else:
            self.lab.registry.start(said["run"])

    def _latest(self, run_id: str, task: object) -> bool:
        future = self._futures.get(run_id)
        return future is not None and future.key == task

    def _ended(self, run_id: str, future: Future) -> None:
        self._workers.pop(str(future.key), None)
        if not self._latest(run_id, future.key):
            return
        if future.status == "finished":
            self.lab.keep(run_id, future.result())
        elif future.status == "error":
            self._died(run_id, future.exception())
        else:
            self.lab.registry.interrupt(run_id, INTERRUPTED)
        if self._latest(run_id, future.key):
            self._futures.pop(run_id, None)

    def _died(self, run_id: str, error: BaseException) -> None:
        run = self.lab.registry.get(run_id)
        if isinstance(error, KilledWorker) and run and run.state is State.QUEUED:
            self._send(run)  # it only waited on the worker that another run killed
        else:
            self.lab.registry.fail(run_id, KILLED if isinstance(error, KilledWorker) else f"The engine failed: {error}")

    def _force(self, run_id: str, future: Future) -> None:
        if not future.done() and (address := self._workers.get(str(future.key))):
            log.warning("run %s did not stop within %s s; its worker is restarted", run_id, GRACE_SECONDS)
            self._client.restart_workers([address], timeout=20)


def connect(lab: Lab, scheduler: str | None, workers: int, memory: str) -> Engine:
    """An engine on the cluster at `scheduler`, or on an embedded one that it starts."""
    dask.config.set(local.CONFIG)
    process, address = (None, scheduler) if scheduler else local.start(workers, memory)
    try:
        client = Client(address, set_as_default=False, timeout=15)
    except (OSError, TimeoutError, ValueError) as error:
        raise RunFailed(f"no engine answers at {address or 'the embedded address'}: {error}") from error
    return Engine(lab, client, process)


_lock = threading.Lock()
_held: list[Engine] = []  # this process's engine, once there is one


def engine() -> Engine:
    """This process's engine, started at the first call and again after it died."""
    with _lock:
        if not _held or not _held[0].lives:
            chosen = settings()
            _held[:] = [connect(lab(), chosen.scheduler, chosen.workers, chosen.worker_memory)]
        return _held[0]
