"""Runs on a Dask cluster: submit, cancel, receive progress.

Runs wait in the engine's own queue, which sends the cluster only as many as there are workers. Workers report on one topic; the
engine's one subscriber writes that to the registry, which is all that screens read.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from subprocess import Popen
from typing import Any, Literal

import dask
from distributed import Client, Future, KilledWorker

from core.errors import DatabaseError, GridcastError, RunFailed, StoreError
from core.runs import local
from core.runs.cluster import worker
from core.runs.cluster.address import Address, client_at
from core.runs.cluster.parts import parts_on_workers
from core.runs.cluster.wishes import GRACE_SECONDS, Wishes
from core.runs.cluster.worker_state import WorkerState
from core.runs.cluster.workers import ClusterWorkers
from core.runs.joint import Joint
from core.runs.kinds import kind_of
from core.runs.lab import Lab, lab
from core.runs.queue.dispatcher import Dispatcher
from core.runs.queue.limits import Limits
from core.runs.queue.policy import AtWork, Queue
from core.runs.recovery.last_words import LastWords
from core.runs.recovery.orphans import adopt
from core.runs.recovery.reconciliation import Doing, Row, Suspicion, differences
from core.runs.registry import INTERRUPTED, Run, State
from core.runs.request import Progress, Request, Wish, key_of
from core.runs.visitors.rules import BY_EVERYONE
from core.runs.visitors.visitor import COMMAND_LINE
from core.runs.work import Outcome
from core.settings import Settings, settings

MOST_RESENT = 2  # times that a run is sent again because its worker died before it began
PART_PRIORITY = -1  # parts of joint runs, in the cluster's own order, where several engines share it
NONE = Limits()
LAST_WORDS_SECONDS = 1.0  # for which an engine that is closed goes on trying to write down how runs ended
LOST = "The lab lost sight of this run: what did it is gone. Run it again."
KILLED = (
    "The worker that did this run was ended by the system: it was killed, or needed more memory than it may use. "
    "Run it again; if it ends like this once more, choose a smaller preset."
)


class Engine:
    """Carries out the runs of a lab on a cluster."""

    def __init__(
        self, lab: Lab, client: Client, process: Popen[str] | None = None, workers: int | None = None, limits: Limits = NONE,
        memory: str = "",
    ) -> None:  # fmt: skip
        """`process` is the embedded cluster with so many workers of so much memory, if this engine started one; it ends with
        `close`."""
        self.lab, self.limits = lab, limits
        self._client, self._process = client, process
        self._tasks: dict[str, str] = {}  # by run: only its latest task is listened to
        self._futures: dict[str, Future] = {}  # by task
        self._workers: dict[str, str] = {}  # by task: who started it
        self._begun: dict[str, tuple[str, float]] = {}  # by task: its run, and when it got a worker
        self._wishes = Wishes(client, self._futures, self._workers)
        self._last_words = LastWords(lab.troubles, lab.patience)
        self._joined = set[str]()  # the joint runs that threads of this engine do
        self._suspicion = Suspicion()
        self.workers = ClusterWorkers(client, lab.registry, workers, limits.kept, memory)
        client.subscribe_topic(worker.TOPIC, self._on_report)
        self.workers.note()
        self._waiting = Dispatcher(self._queue, self._send_waiting, self._watch)
        self._adopt()
        self._waiting.start()

    @property
    def lives(self) -> bool:
        return self._client.status == "running" and (self._process is None or self._process.poll() is None)

    def submit(self, request: Request, visitor: str = COMMAND_LINE) -> Run:
        """Queue a visitor's request, or find the equal one that is queued, running or done. InvalidRequest where they have as
        many that wait or run as they may."""
        self.check_limit([request], visitor)
        run, ours = self.lab.claim(request, visitor=visitor)
        if ours:
            self._begin(run)
        return run

    def check_limit(self, requests: Iterable[Request], visitor: str) -> None:
        """InvalidRequest where a visitor may not ask for all of these; what exists already is no further run."""
        registry, ids = self.lab.registry, set(map(key_of, requests))
        ids -= {run.id for run in registry.several(ids).values() if run.alive or run.state is State.DONE}
        if ids and visitor != COMMAND_LINE and not registry.people.key_mark(visitor):
            self.limits.check(registry.shares.awaited_by(visitor), len(ids))

    def take_over(self, waiting: Iterable[str]) -> None:
        """Let runs wait here that waited for an engine of this process which is gone."""
        for run in self.lab.registry.several(waiting).values():
            if run.state is State.QUEUED:
                self._begin(run)

    @property
    def waiting(self) -> frozenset[str]:
        """The runs that wait for their turn."""
        return self._waiting.waiting

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
        self._waiting.drop(run_id)
        if task is not None:
            self._wishes.send(task, Wish.CANCEL)
        return True

    def stop(self, run_id: str) -> bool:
        """End the training of a running run, which then tests and keeps its network. False when it does not run."""
        task = self._tasks.get(run_id)
        if not self.lab.registry.stop(run_id):
            return False
        if task is not None:
            self._wishes.send(task, Wish.STOP)
        return True

    def worker_states(self) -> tuple[WorkerState, ...]:
        """Every worker of the cluster, and what it does for this engine."""
        return self.workers.states({address: task.partition("-")[0] for task, address in list(self._workers.items())})

    def close(self) -> None:
        """Disconnect from the cluster; an embedded one is ended. Runs that wait stay queued."""
        self._waiting.close()
        self._last_words.close(LAST_WORDS_SECONDS)
        with suppress(DatabaseError):
            self.workers.forget()
        self._client.close(timeout=2)
        if self._process is not None:
            local.end(self._process)

    def _begin(self, run: Run) -> None:
        """Let a queued run wait for its turn; of a joint run each part by itself."""
        with self._or_failed(run):
            request = run.request
        if isinstance(request, Joint):
            self._joined.add(run.id)
            threading.Thread(target=self._run_joint, args=(run, request), name=run.id, daemon=True).start()
        else:
            self._let_wait(run, request)

    def _let_wait(self, run: Run, request: Request) -> None:
        self._tasks.pop(run.id, None)  # a cancelled attempt that has not ended yet is not listened to any more
        self.lab.registry.expect(run.id, self.lab.line.expected(request))
        self.lab.line.forget()
        self._waiting.add(run.id)

    def _run_joint(self, run: Run, request: Joint) -> None:
        parts = parts_on_workers(self.lab, run, request, self._let_wait, partial(self.cancel, unless_awaited=True))
        try:
            for _ in self.lab.complete(run, parts):
                pass
        finally:
            self._joined.discard(run.id)

    def _adopt(self) -> None:
        """Let the runs wait here that waited for an engine which is gone."""
        for run in adopt(self.lab.registry):
            with suppress(GridcastError):  # it is marked failed, with the reason
                self._begin(run)

    def _queue(self) -> Queue:
        """What waits and what is at work, as the policy wants it."""
        engine = self.workers.note()
        latest = {run_id: task for run_id, task in list(self._tasks.items()) if task in self._futures}
        queue = self.lab.line.queue(engine, sent=latest)
        at_work = {run.run for run in queue.at_work}
        ending = [task for task in list(self._futures) if task not in {latest[one] for one in at_work if one in latest}]
        more = tuple(AtWork(task, 0.0, GRACE_SECONDS) for task in ending)  # cancelled, and still on their workers
        return replace(queue, at_work=queue.at_work + more)

    def _send_waiting(self, run_id: str, resent: int) -> None:
        if (run := self.lab.registry.get(run_id)) and run.state is State.QUEUED:
            self._send(run, resent)

    def _watch(self) -> bool:
        """Stop or end the runs that have had a worker for too long, and mend what the registry does not know of; whether there
        is anything at work."""
        for task, (run_id, began) in list(self._begun.items()):
            passed = time.monotonic() - began
            if self.limits.stops(passed) and (run := self.lab.registry.get(run_id)) and self._tasks.get(run_id) == task:
                stoppable = run.request.stoppable
                if self.limits.ends(passed, stoppable):
                    if self.lab.registry.fail(run_id, self.limits.reason):
                        self._wishes.send(task, Wish.CANCEL)
                elif stoppable and not run.stopping:
                    self.stop(run_id)
        return self._reconcile() or bool(self._futures)

    def _reconcile(self) -> bool:
        """Let no run be alive that nobody does, and no worker do what nobody wants; whether any run of this engine is alive."""
        registry = self.lab.registry
        try:
            self._adopt()
        except DatabaseError:
            registry.make_tables()  # they may have been dropped
            raise
        rows = [Row(*row) for row in registry.own()]
        if any(row.state is State.QUEUED for row in rows):
            self.workers.note()
        seen = differences(rows, self._doing())
        sure = self._suspicion.sure(seen)
        for run_id in sure.begun:
            registry.start(run_id)
        attempts = {row.run: row.attempt for row in rows}
        for run_id in sure.lost:
            registry.interrupt(run_id, LOST, attempt=attempts[run_id])
        for run in registry.several(sure.unsent).values():
            with suppress(GridcastError):  # it is marked failed, with the reason
                self._begin(run)
        for task in sure.unwanted:
            self._wishes.send(task, Wish.CANCEL)
        return bool(rows)

    def _doing(self) -> Doing:
        tasks = {task: (run_id, int(attempt)) for task in list(self._futures) for run_id, attempt, _ in [task.split("-")]}
        here = self.lab.here | self._joined | self._last_words.unwritten
        return Doing(self.waiting, tasks, frozenset(self._begun), frozenset(here))

    def _send(self, run: Run, resent: int = 0) -> None:
        """Give a queued run to the cluster; what cannot be sent is marked failed, and the reason raised."""
        task = f"{run.id}-{run.attempt}-{uuid.uuid4().hex[:8]}"
        with self._or_failed(run):
            request = run.request
            inputs = self.lab.inputs_of(request)
        self._tasks[run.id] = task  # before it is sent: its first report may come at once
        first = 0 if run.direct else PART_PRIORITY
        what = (task, run.id, kind_of(request), request, inputs, self.lab.start_of(run))
        future = self._client.submit(worker.do, *what, key=(local.RUN, task), pure=False, priority=first)
        self._futures[task] = future
        future.add_done_callback(partial(self._ended, run.id, task, resent))

    @contextmanager
    def _or_failed(self, run: Run) -> Iterator[None]:
        """Mark the run failed when the block raises a GridcastError that is no outage; it is raised further."""
        try:
            yield
        except DatabaseError:
            raise
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
        if "progress" not in report:
            self._begun[task] = run_id, time.monotonic()
        with suppress(StoreError):  # progress is reported again, and that it has begun is found out by `_reconcile`
            if wish := self._noted(run_id, _attempt_of(task), report):
                self._wishes.send_later(task, wish)  # by another thread, because this one would have to carry the message

    def _noted(self, run_id: str, attempt: int, report: dict[str, Any]) -> Wish | None:
        """Write down what a worker reports of an attempt at a run; what another process wishes of it."""
        if "progress" in report:
            wanted = self.lab.progress(run_id, Progress.model_validate(report["progress"]), attempt)
        else:
            wanted = self.lab.registry.start(run_id, attempt)
        return self.lab.registry.wish(run_id) if wanted else Wish.CANCEL

    def _ended(self, run_id: str, task: str, resent: int, future: Future) -> None:
        if latest := self._tasks.get(run_id) == task:
            attempt = _attempt_of(task)
            self._last_words.say(
                run_id,
                partial(self._record_outcome, run_id, attempt, future, resent),
                partial(self.lab.registry.fail, run_id, attempt=attempt),
            )
        for by_task in (self._futures, self._workers, self._begun):
            by_task.pop(task, None)
        if latest:
            del self._tasks[run_id]
        self._waiting.wake()
        self._wishes.forget(task)

    def _record_outcome(self, run_id: str, attempt: int, future: Future, resent: int) -> None:
        registry = self.lab.registry
        run = registry.get(run_id)
        if run is None or run.attempt != attempt:
            return  # it has been asked for again meanwhile
        if future.status == "finished":
            outcome: Outcome = future.result()
            if outcome.cancelled:  # that was written down when it was wished, unless nobody did
                registry.interrupt(run_id, LOST, attempt=attempt)
            else:
                self.lab.keep(run_id, outcome)
        elif future.status != "error":
            registry.interrupt(run_id, INTERRUPTED, attempt=attempt)
        elif not isinstance(error := future.exception(), KilledWorker):
            registry.fail(run_id, f"The engine failed: {error}", attempt)
        elif run.state is State.QUEUED and resent < MOST_RESENT:
            self._waiting.add(run_id, resent + 1)  # it had not begun on the worker that another run killed
        else:
            registry.fail(run_id, KILLED, attempt)


def _attempt_of(task: str) -> int:
    return int(task.split("-")[1])


def connect(lab: Lab, scheduler: str | None, workers: int, memory: str, limits: Limits = NONE) -> Engine:
    """An engine on the cluster at `scheduler`, or on an embedded one that it starts."""
    dask.config.set(local.CONFIG)
    process, address = (None, Address(scheduler)) if scheduler else local.start(workers, memory)
    try:
        client = client_at(address, "the address of GRIDCAST_SCHEDULER" if scheduler else "the lab's own cluster")
    except RunFailed:
        if process:
            local.end(process)
        raise
    return Engine(lab, client, process, None if scheduler else workers, limits, memory)


def limits_of(chosen: Settings) -> Limits:
    """The limits of visitors of the server."""
    return Limits(chosen.runs_per_visitor, 60 * chosen.run_minutes, kept=True)


EngineState = Literal["starting", "lives", "ended"]
_lock = threading.Lock()
_engines: list[Engine] = []  # this process's engine, once there is one
_refused: list[RunFailed] = []  # why there is none


def engine() -> Engine:
    """This process's engine, started at the first call and again after it died."""
    with _lock:
        if not _engines or not _engines[0].lives:
            chosen, waiting = settings(), [run_id for dead in _engines for run_id in dead.waiting]
            for dead in _engines:
                dead.close()
            try:
                fresh = connect(lab(), chosen.scheduler, chosen.workers, chosen.worker_memory, limits_of(chosen))
            except RunFailed as error:
                _refused[:] = [error]
                raise
            _refused.clear()
            _engines[:] = [fresh]
            fresh.take_over(waiting)
            fresh.workers.measure_speed()
        return _engines[0]


def engine_state() -> EngineState:
    """Of this process's engine, which is not started for it. One that nobody has needed yet counts as starting."""
    if not _engines:
        return "ended" if _refused else "starting"
    return "lives" if _engines[0].lives else "ended"


def worker_states() -> tuple[WorkerState, ...]:
    """The workers of this process's engine, which is not started for it."""
    return _engines[0].worker_states() if _engines and _engines[0].lives else ()


def end_engine() -> None:
    """End this process's engine, if there is one."""
    with _lock:
        while _engines:
            _engines.pop().close()
