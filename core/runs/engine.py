"""Runs on a Dask cluster: submit, cancel, and hear how they go.

Workers report on one topic; the engine's one subscriber writes that to the registry, which is all that screens read.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from subprocess import Popen
from typing import TYPE_CHECKING, Any

import dask
from distributed import Client, Event, Future, KilledWorker, get_worker

from core.errors import GridcastError, RunFailed
from core.runs import local
from core.runs.joint import Joint, Tally
from core.runs.kinds import Kind, kind_of
from core.runs.lab import Lab, lab
from core.runs.registry import INTERRUPTED, Run, State
from core.runs.request import Inputs, Progress, Request, Wish, key_of
from core.runs.work import Outcome, work
from core.settings import settings

if TYPE_CHECKING:
    from core.runs.result import Result

log = logging.getLogger(__name__)

TOPIC = "gridcast"
MOST_RESENT = 2  # times that a run is sent again because its worker died before it began
PART_PRIORITY = -1  # parts of a joint run let those pass that somebody asked for
JOINT_SECONDS = 0.5  # between two looks at the parts of a joint run
GRACE_SECONDS = 5.0  # a run that does not stop by itself in this time loses its worker
KILLED = (
    "The worker that did this run was ended by the system: it was killed, or needed more memory than it may use. "
    "Run it again; if it ends like this once more, choose a smaller preset."
)


def _do(task: str, run_id: str, kind: Kind, request: Request, inputs: Inputs) -> Outcome:
    """In a worker: do one run and report its progress on the topic."""
    worker = get_worker()
    wished, cancelled = Event(_wished(task)), Event(_cancelled(task))

    def wish() -> Wish | None:
        if not wished.is_set():
            return None
        return Wish.CANCEL if cancelled.is_set() else Wish.STOP

    said = {"run": run_id, "task": task}
    worker.log_event(TOPIC, said)  # Dask adds the worker's address
    working = work(request, kind.run(request, inputs), wish)
    try:
        while True:
            progress = next(working)
            worker.log_event(TOPIC, said | {"progress": progress.model_dump()})
    except StopIteration as end:
        return end.value
    finally:
        wished.clear()
        cancelled.clear()


def _wished(task: str) -> str:
    return f"wish-{task}"


def _cancelled(task: str) -> str:
    return f"cancel-{task}"


class Engine:
    """A lab with a cluster that does its runs."""

    def __init__(self, lab: Lab, client: Client, process: Popen[str] | None = None) -> None:
        """`process` is the embedded cluster, if this engine started one; it ends with `close`."""
        self.lab = lab
        self._client, self._process = client, process
        self._tasks: dict[str, str] = {}  # by run: only its latest task is listened to
        self._futures: dict[str, Future] = {}  # by task
        self._workers: dict[str, str] = {}  # by task: who started it
        self._sent_wishes: set[tuple[str, Wish]] = set()  # which tasks have been told what
        client.subscribe_topic(TOPIC, self._hear)
        for run in lab.registry.adopt_orphans():
            with suppress(GridcastError):  # it is marked failed, with the reason
                self._begin(run)

    @property
    def lives(self) -> bool:
        return self._client.status == "running" and (self._process is None or self._process.poll() is None)

    def submit(self, request: Request) -> Run:
        """Queue a request, or find the equal one that is queued, running or done."""
        run, ours = self.lab.claim(request)
        if ours:
            self._begin(run)
        return run

    def cancel(self, run_id: str, unless_awaited: bool = False) -> bool:
        """Stop a run: at once in the registry, within a moment on its worker; of a joint run also the parts that nobody else
        waits for. False when it had already ended, or somebody waits for it where that counts."""
        task = self._tasks.get(run_id)
        if not self.lab.cancel(run_id, unless_awaited):
            return False
        if task is not None:
            self._tell(task, Wish.CANCEL)
        return True

    def stop(self, run_id: str) -> bool:
        """Let a running run learn no further; it tests and keeps what it has learned. False when it does not run."""
        task = self._tasks.get(run_id)
        if not self.lab.registry.stop(run_id):
            return False
        if task is not None:
            self._tell(task, Wish.STOP)
        return True

    def close(self) -> None:
        """Leave the cluster; an embedded one ends with us."""
        self._client.close(timeout=2)
        if self._process is not None:
            with self._process:  # closes its pipes, which ends it, and waits
                pass

    def _begin(self, run: Run) -> None:
        """Send a queued run to the cluster; the parts of a joint one each for itself."""
        with self._or_failed(run):
            request = run.request
        if isinstance(request, Joint):
            threading.Thread(target=self._see_through, args=(run, request), name=run.id, daemon=True).start()
        else:
            self._send(run)

    def _see_through(self, run: Run, request: Joint) -> None:
        for _ in self.lab.see_through(run, self._parts_there(run, request)):
            pass

    def _parts_there(self, whole: Run, request: Joint) -> Generator[Progress, Any, Result]:
        """Have the parts of a joint request done by the workers, and join them when the last has ended."""
        tally, refused = Tally(request.parts), dict[str, str]()
        names = {key_of(part): name for name, part in request.parts.items()}
        try:
            for name, part in request.parts.items():
                yield tally.progress({})
                if reason := self._refused(part, whole):
                    refused[name] = reason
            alive = self._alive(names)
            tally.begin(set(names.values()) - set(alive))
            while alive:
                at_work = {name: run.fraction for name, run in alive.items() if run.state is State.RUNNING}
                yield tally.progress(at_work, set(names.values()) - set(alive))
                time.sleep(JOINT_SECONDS)
                alive = self._alive(names)
        except GeneratorExit:
            for run_id in names:
                self.cancel(run_id, unless_awaited=True)
            raise
        return kind_of(request).join(request, self.lab.ended(request, refused))

    def _alive(self, names: dict[str, str]) -> dict[str, Run]:
        """Those of these runs, named by id, that are alive, by name."""
        return {names[run_id]: run for run_id, run in self.lab.several(names).items() if run.alive}

    def _refused(self, part: Request, whole: Run) -> str:
        """Ask for a part, or find the equal run; the reason when that cannot be done."""
        try:
            run, ours = self.lab.claim(part, whole.id)
            if ours:
                self._send(run)
        except GridcastError as error:
            return str(error)
        return ""

    def _send(self, run: Run, resent: int = 0) -> None:
        """Give a queued run to the cluster; what cannot be sent is marked failed, and the reason raised."""
        task = f"{run.id}-{run.attempt}-{uuid.uuid4().hex[:8]}"
        with self._or_failed(run):
            request = run.request
            inputs = self.lab.inputs_of(request)
        self._tasks[run.id] = task  # before it is sent: its first words may come at once
        first = 0 if run.direct else PART_PRIORITY
        what = (task, run.id, kind_of(request), request, inputs)
        future = self._client.submit(_do, *what, key=(local.RUN, task), pure=False, priority=first)
        self._futures[task] = future
        future.add_done_callback(partial(self._ended, run.id, task, resent))

    @contextmanager
    def _or_failed(self, run: Run) -> Iterator[None]:
        """Mark the run failed, with the reason, where what is done here fails; the reason is raised."""
        try:
            yield
        except GridcastError as error:
            self.lab.registry.fail(run.id, str(error))
            raise

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        said = event[1]
        run_id, task = said["run"], said["task"]
        if task in self._futures or self._tasks.get(run_id) == task:
            self._workers[task] = said["worker"]
        if self._tasks.get(run_id) != task:
            return
        registry = self.lab.registry
        if "progress" in said:
            wanted = self.lab.progress(run_id, Progress.model_validate(said["progress"]))
        else:
            wanted = registry.start(run_id)
        wish = registry.wish(run_id) if wanted else Wish.CANCEL
        if wish:  # from elsewhere; not told here, because this is the thread that would carry the message
            threading.Thread(target=self._tell, args=(task, wish), daemon=True).start()

    def _tell(self, task: str, wish: Wish) -> None:
        """Tell a task what is wished, once; one that does not hear a cancellation within the grace loses its worker."""
        if (task, wish) in self._sent_wishes:
            return
        self._sent_wishes.add((task, wish))
        if wish is Wish.CANCEL:
            Event(_cancelled(task), client=self._client).set()
        Event(_wished(task), client=self._client).set()
        if wish is Wish.STOP:
            return
        if task not in self._workers and task in self._futures:
            self._futures[task].cancel()  # it only waits
        timer = threading.Timer(GRACE_SECONDS, self._force, (task,))
        timer.daemon = True
        timer.start()

    def _ended(self, run_id: str, task: str, resent: int, future: Future) -> None:
        latest = self._tasks.get(run_id) == task
        for by_task in (self._futures, self._workers):
            by_task.pop(task, None)
        self._sent_wishes -= {(task, wish) for wish in Wish}
        if not latest:
            return
        del self._tasks[run_id]
        try:
            self._write_down(run_id, future, resent)
        except GridcastError as error:
            self.lab.registry.fail(run_id, str(error))

    def _write_down(self, run_id: str, future: Future, resent: int) -> None:
        if future.status == "finished":
            self.lab.keep(run_id, future.result())
        elif future.status != "error":
            self.lab.registry.interrupt(run_id, INTERRUPTED)
        elif not isinstance(error := future.exception(), KilledWorker):
            self.lab.registry.fail(run_id, f"The engine failed: {error}")
        elif (run := self.lab.registry.get(run_id)) and run.state is State.QUEUED and resent < MOST_RESENT:
            self._send(run, resent + 1)  # it only waited on the worker that another run killed
        else:
            self.lab.registry.fail(run_id, KILLED)

    def _force(self, task: str) -> None:
        if task in self._futures and (address := self._workers.get(task)):
            log.warning("%s did not stop within %s s; its worker is restarted", task, GRACE_SECONDS)
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
            for dead in _held:
                dead.close()
            _held[:] = [connect(lab(), chosen.scheduler, chosen.workers, chosen.worker_memory)]
        return _held[0]
