"""Runs on a Dask cluster: submit, cancel, receive progress.

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
from typing import TYPE_CHECKING, Any, Literal

import dask
from distributed import Client, Event, Future, KilledWorker, get_worker

from core.errors import GridcastError, RunFailed
from core.events import event
from core.runs import local
from core.runs.joint import Joint, Tally
from core.runs.kinds import Kind, kind_of
from core.runs.lab import Lab, lab
from core.runs.registry import INTERRUPTED, Run, State
from core.runs.request import Inputs, Progress, Request, Wish, key_of
from core.runs.visitors.rules import BY_EVERYONE
from core.runs.visitors.visitor import COMMAND_LINE
from core.runs.work import Outcome, work
from core.settings import settings

if TYPE_CHECKING:
    from core.runs.result import Result

TOPIC = "gridcast"
MOST_RESENT = 2  # times that a run is sent again because its worker died before it began
PART_PRIORITY = -1  # parts of a joint run wait behind runs that were asked for directly
JOINT_SECONDS = 0.5  # between two looks at the parts of a joint run
GRACE_SECONDS = 5.0  # a cancelled run that has not ended by then: its worker is restarted
KILLED = (
    "The worker that did this run was ended by the system: it was killed, or needed more memory than it may use. "
    "Run it again; if it ends like this once more, choose a smaller preset."
)


def _wish_event(task: str) -> str:
    return f"wish-{task}"


def _cancel_event(task: str) -> str:
    return f"cancel-{task}"


def _do(task: str, run_id: str, kind: Kind, request: Request, inputs: Inputs) -> Outcome:
    """In a worker: do one run and report its progress on the topic."""
    worker = get_worker()
    wished, cancelled = Event(_wish_event(task)), Event(_cancel_event(task))

    def wish() -> Wish | None:
        if not wished.is_set():
            return None
        return Wish.CANCEL if cancelled.is_set() else Wish.STOP

    report = {"run": run_id, "task": task}
    worker.log_event(TOPIC, report)  # Dask adds the worker's address
    working = work(request, kind.run(request, inputs), wish)
    try:
        while True:
            progress = next(working)
            worker.log_event(TOPIC, report | {"progress": progress.model_dump()})
    except StopIteration as end:
        return end.value
    finally:
        wished.clear()
        cancelled.clear()


class Engine:
    """Carries out the runs of a lab on a cluster."""

    def __init__(self, lab: Lab, client: Client, process: Popen[str] | None = None) -> None:
        """`process` is the embedded cluster, if this engine started one; it ends with `close`."""
        self.lab = lab
        self._client, self._process = client, process
        self._tasks: dict[str, str] = {}  # by run: only its latest task is listened to
        self._futures: dict[str, Future] = {}  # by task
        self._workers: dict[str, str] = {}  # by task: who started it
        self._sent_wishes: set[tuple[str, Wish]] = set()  # what has been sent to which task
        client.subscribe_topic(TOPIC, self._on_report)
        for run in lab.registry.adopt_orphans():
            with suppress(GridcastError):  # it is marked failed, with the reason
                self._begin(run)

    @property
    def lives(self) -> bool:
        return self._client.status == "running" and (self._process is None or self._process.poll() is None)

    def submit(self, request: Request, visitor: str = COMMAND_LINE) -> Run:
        """Queue a visitor's request, or find the equal one that is queued, running or done."""
        run, ours = self.lab.claim(request, visitor=visitor)
        if ours:
            self._begin(run)
        return run

    def leave(self, run_id: str, visitor: str) -> bool:
        """A visitor does not wait for a run any more; it ends when nobody and nothing waits for it. False when it goes on."""
        self.lab.registry.shares.leave(run_id, visitor)
        return self.cancel(run_id, unless_awaited=True, why=BY_EVERYONE)

    def cancel(self, run_id: str, unless_awaited: bool = False, why: str = "") -> bool:
        """Cancel a run: at once in the registry, shortly after on its worker; of a joint run also the parts that nothing else
        waits for. False when it had already ended or, with `unless_awaited`, when somebody or something waits for it. `why`
        says who ended it."""
        task = self._tasks.get(run_id)
        if not self.lab.cancel(run_id, unless_awaited, why):
            return False
        if task is not None:
            self._send_wish(task, Wish.CANCEL)
        return True

    def stop(self, run_id: str) -> bool:
        """End the training of a running run, which then tests and keeps its network. False when it does not run."""
        task = self._tasks.get(run_id)
        if not self.lab.registry.stop(run_id):
            return False
        if task is not None:
            self._send_wish(task, Wish.STOP)
        return True

    def close(self) -> None:
        """Disconnect from the cluster; an embedded one is ended."""
        self._client.close(timeout=2)
        if self._process is not None:
            with self._process:  # closes its pipes, which ends it, and waits
                pass

    def _begin(self, run: Run) -> None:
        """Send a queued run to the cluster; of a joint run each part by itself."""
        with self._or_failed(run):
            request = run.request
        if isinstance(request, Joint):
            threading.Thread(target=self._run_joint, args=(run, request), name=run.id, daemon=True).start()
        else:
            self._send(run)

    def _run_joint(self, run: Run, request: Joint) -> None:
        for _ in self.lab.complete(run, self._parts_on_workers(run, request)):
            pass

    def _parts_on_workers(self, whole: Run, request: Joint) -> Generator[Progress, Any, Result]:
        """Let the workers do the parts of a joint request, and join them when the last has ended."""
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
        """Of these runs (id -> name) those that are alive, by name."""
        return {names[run_id]: run for run_id, run in self.lab.several(names).items() if run.alive}

    def _refused(self, part: Request, whole: Run) -> str:
        """Queue a part, unless an equal run exists; the reason when it is refused, else nothing."""
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
        self._tasks[run.id] = task  # before it is sent: its first report may come at once
        first = 0 if run.direct else PART_PRIORITY
        what = (task, run.id, kind_of(request), request, inputs)
        future = self._client.submit(_do, *what, key=(local.RUN, task), pure=False, priority=first)
        self._futures[task] = future
        future.add_done_callback(partial(self._ended, run.id, task, resent))

    @contextmanager
    def _or_failed(self, run: Run) -> Iterator[None]:
        """Mark the run failed when the block raises a GridcastError; it is raised further."""
        try:
            yield
        except GridcastError as error:
            self.lab.registry.fail(run.id, str(error))
            raise

    def _on_report(self, event: tuple[float, dict[str, Any]]) -> None:
        report = event[1]
        run_id, task = report["run"], report["task"]
        if task in self._futures or self._tasks.get(run_id) == task:
            self._workers[task] = report["worker"]
        if self._tasks.get(run_id) != task:
            return
        registry = self.lab.registry
        if "progress" in report:
            wanted = self.lab.progress(run_id, Progress.model_validate(report["progress"]))
        else:
            wanted = registry.start(run_id)
        wish = registry.wish(run_id) if wanted else Wish.CANCEL
        if wish:  # of another process; sent by another thread, because this one would have to carry the message
            threading.Thread(target=self._send_wish, args=(task, wish), daemon=True).start()

    def _send_wish(self, task: str, wish: Wish) -> None:
        """Send a wish to a task, once; the worker of one that does not end GRACE_SECONDS after a cancellation is restarted."""
        if (task, wish) in self._sent_wishes:
            return
        self._sent_wishes.add((task, wish))
        if wish is Wish.CANCEL:
            Event(_cancel_event(task), client=self._client).set()
        Event(_wish_event(task), client=self._client).set()
        if wish is Wish.STOP:
            return
        if task not in self._workers and task in self._futures:
            self._futures[task].cancel()  # it has not begun
        timer = threading.Timer(GRACE_SECONDS, self._restart_worker, (task,))
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
            self._record_outcome(run_id, future, resent)
        except GridcastError as error:
            self.lab.registry.fail(run_id, str(error))

    def _record_outcome(self, run_id: str, future: Future, resent: int) -> None:
        if future.status == "finished":
            self.lab.keep(run_id, future.result())
        elif future.status != "error":
            self.lab.registry.interrupt(run_id, INTERRUPTED)
        elif not isinstance(error := future.exception(), KilledWorker):
            self.lab.registry.fail(run_id, f"The engine failed: {error}")
        elif (run := self.lab.registry.get(run_id)) and run.state is State.QUEUED and resent < MOST_RESENT:
            self._send(run, resent + 1)  # it had not begun on the worker that another run killed
        else:
            self.lab.registry.fail(run_id, KILLED)

    def _restart_worker(self, task: str) -> None:
        if task in self._futures and (address := self._workers.get(task)):
            run_id = task.partition("-")[0]
            event("worker restarted", {"run": run_id, "reason": f"did not stop within {GRACE_SECONDS:.0f} s"}, logging.WARNING)
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


EngineState = Literal["starting", "lives", "ended"]
_lock = threading.Lock()
_engines: list[Engine] = []  # this process's engine, once there is one
_refused: list[RunFailed] = []  # why there is none


def engine() -> Engine:
    """This process's engine, started at the first call and again after it died."""
    with _lock:
        if not _engines or not _engines[0].lives:
            chosen = settings()
            for dead in _engines:
                dead.close()
            try:
                _engines[:] = [connect(lab(), chosen.scheduler, chosen.workers, chosen.worker_memory)]
                _refused.clear()
            except RunFailed as error:
                _refused[:] = [error]
                raise
        return _engines[0]


def engine_state() -> EngineState:
    """Of this process's engine, which is not started for it. One that nobody has needed yet counts as starting."""
    if not _engines:
        return "ended" if _refused else "starting"
    return "lives" if _engines[0].lives else "ended"


def end_engine() -> None:
    """End this process's engine, if there is one."""
    with _lock:
        while _engines:
            _engines.pop().close()
