"""Runs on a Dask cluster: submit, cancel, receive progress.

Runs wait in the engine's own queue, which sends the cluster only as many as there are workers. Workers report on one topic; the
engine's one subscriber writes that to the registry, which is all that screens read.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from subprocess import Popen
from typing import Any, Literal

from distributed import Client, Future

from core.errors import Away, DatabaseError, GridcastError, RunFailed, StoreError
from core.runs import local
from core.runs.cluster import worker
from core.runs.cluster.address import client_at
from core.runs.cluster.config import RUN, use_lab_config
from core.runs.cluster.connection import Connection
from core.runs.cluster.ending import Ending, ending_of
from core.runs.cluster.parts import parts_on_workers
from core.runs.cluster.published import Published, is_of, run_and_attempt, task_name
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
from core.runs.recovery.reconciliation import Doing, Every, Row, Suspicion, differences
from core.runs.registry import INTERRUPTED, Run, State
from core.runs.request import Progress, Request, Wish, key_of
from core.runs.visitors.rules import left_by
from core.runs.visitors.visitor import COMMAND_LINE
from core.runs.work import Outcome
from core.settings import Settings, settings

MOST_RESENT = 2  # times that a run is sent again because its worker was lost before it began, or while it did a part
PART_PRIORITY = -1  # parts of joint runs, in the cluster's own order, where several engines share it
SWEEP_SECONDS = 10.0  # between two looks for what is left on a shared cluster
NONE = Limits()
LAST_WORDS_SECONDS = 1.0  # for which an engine that is closed goes on trying to write down how runs ended
LOST = "The lab lost sight of this run: what did it is gone. Run it again."
AWAY = "waits until the scheduler of the cluster answers again"
KILLED = (
    "The worker that did this run was ended by the system: it was killed, or needed more memory than it may use. "
    "Run it again; if it ends like this once more, choose a smaller preset."
)


class Engine:
    """Carries out the runs of a lab on a cluster."""

    def __init__(
        self, lab: Lab, to: Connection | Client, process: Popen[str] | None = None, workers: int | None = None,
        limits: Limits = NONE, memory: str = "",
    ) -> None:  # fmt: skip
        """`process` is the embedded cluster with so many workers of so much memory, if this engine started one; it ends with
        `close`."""
        self.lab, self.limits = lab, limits
        self._connection, self._process = Connection(to) if isinstance(to, Client) else to, process
        self._published, self._closed = Published(self._connection), False
        self._tasks: dict[str, str] = {}  # by run: only its latest task is listened to
        self._futures: dict[str, Future] = {}  # by task
        self._workers: dict[str, str] = {}  # by task: who started it
        self._begun: dict[str, tuple[str, float]] = {}  # by task: its run, and when it got a worker
        self._restricted: dict[str, list[str]] = {}  # by task: the workers that may do it, where not all may
        self._wishes = Wishes(self._connection, self._futures, self._workers)
        self._last_words = LastWords(lab.troubles, lab.patience)
        self._joined = set[str]()  # the joint runs that threads of this engine do
        self._suspicion, self._sweeping = Suspicion(), Every(SWEEP_SECONDS)
        self.workers = ClusterWorkers(self._connection, lab.registry, workers, limits.kept, memory)
        self._client.subscribe_topic(worker.TOPIC, self._on_report)
        self._waiting = Dispatcher(self._queue, self._send_waiting, self._watch)
        self.workers.note()
        self._adopt()
        self.workers.forget_dead()
        self._waiting.start()

    @property
    def _client(self) -> Client:
        return self._connection.client

    @property
    def lives(self) -> bool:
        """One on a shared cluster outlives that, and looks for it again."""
        if self._connection.shared:
            return not self._closed
        return self.answers and (self._process is None or self._process.poll() is None)

    @property
    def answers(self) -> bool:
        """Whether its cluster can be reached."""
        return not self._connection.lost

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
        shares = self.lab.registry.shares
        shares.leave(run_id, visitor)
        return self.cancel(run_id, unless_awaited=True, why=left_by(shares.of(run_id)))

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
        """Disconnect from the cluster; an embedded one is ended. Runs that wait stay queued; those of a shared one go on."""
        self._closed = True
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
        """Take over the runs of engines that are gone."""
        if taken := adopt(self.lab.registry, self._connection.cluster):
            tasks = self._published.tasks()
            for run in taken:
                with suppress(GridcastError):  # it is marked failed, with the reason
                    self._go_on(run, tasks)

    def _go_on(self, run: Run, tasks: Iterable[str]) -> None:
        """Follow what the cluster does of a run; where it does nothing of it, let it wait for its turn again."""
        self.lab.troubles.pop(run.id, None)
        if task := next((task for task in tasks if is_of(task, run)), None):
            self._follow(run, task)
        else:
            self.lab.registry.wait_again(run.id, run.attempt)
            self._begin(run)

    def _follow(self, run: Run, task: str) -> None:
        future = self._published.future(task)
        if address := self._published.worker_of(task):
            self._workers[task] = address
        if run.started:
            self._begun[task] = run.id, time.monotonic() - (time.time() - run.started)
        self._tasks[run.id], self._futures[task] = task, future
        future.add_done_callback(partial(self._ended, run.id, task, 0))

    def _connect_again(self) -> None:
        """Where the scheduler was lost. RunFailed, which all that waits says, while it does not answer."""
        if self._connection.lost and self._connection.shared:
            try:
                self._connection.renew()
            except RunFailed as error:
                self.workers.say(f"cannot begin: {error}")
                self.lab.troubles.update({run: AWAY for run, state, _ in self.lab.registry.own() if state is State.RUNNING})
                raise
            self._client.subscribe_topic(worker.TOPIC, self._on_report)

    def _drop_leftovers(self) -> None:
        """Let the cluster forget what runs have left there that have ended without it."""
        tasks = [task for task in self._published.tasks() if task not in self._futures]
        runs = self.lab.registry.several({run_and_attempt(task)[0] for task in tasks})
        for task in tasks:
            run = runs.get(run_and_attempt(task)[0])
            if run and not run.alive and is_of(task, run):
                worker.send(Wish.CANCEL, task, self._client)
                self._published.forget(task)

    def _queue(self) -> Queue:
        """What waits and what is at work, as the policy wants it."""
        self._connect_again()
        engine = self.workers.note()
        latest = {run_id: task for run_id, task in list(self._tasks.items()) if task in self._futures}
        queue = self.lab.line.queue(engine, sent=latest)
        at_work = {run.run for run in queue.at_work}
        ending = [task for task in list(self._futures) if task not in {latest[one] for one in at_work if one in latest}]
        more = tuple(AtWork(task, 0.0, GRACE_SECONDS) for task in ending)  # cancelled, and still on their workers
        return replace(queue, at_work=queue.at_work + more)

    def _send_waiting(self, run_id: str, resent: int) -> None:
        run = self.lab.registry.get(run_id)
        if run and run.state is State.QUEUED and self._owns(run):
            self._send(run, resent)

    def _owns(self, run: Run) -> bool:
        """Another server may have taken over a run while this one could not reach the database for too long."""
        return run.owner == self.lab.registry.owner.name

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
        """Let no run be alive that nobody does, and no worker do what nobody wants; whether to look again soon: a run of this
        engine is alive, or another one may be gone whose runs go on."""
        registry = self.lab.registry
        self._connect_again()
        try:
            self._adopt()
        except DatabaseError:
            registry.make_tables()  # they may have been dropped
            raise
        rows = [Row(*row) for row in registry.own()]
        if any(row.state is State.QUEUED for row in rows):
            self.workers.note()
        sure = self._suspicion.sure(differences(rows, self._doing()))
        for run_id in sure.begun:
            registry.start(run_id)
        lost = registry.several((*sure.lost, *sure.unsent))
        tasks = self._published.tasks() if lost else []
        for run in lost.values():
            if run.state is State.RUNNING and not self._connection.shared:
                registry.interrupt(run.id, LOST, attempt=run.attempt)
            else:
                with suppress(GridcastError):  # it is marked failed, with the reason
                    self._go_on(run, tasks)
        for task in sure.unwanted:
            self._end_unwanted(task)
        for task in [
            task for task, only in self._restricted.items() if task not in self._begun and self.workers.are_gone(only)
        ]:
            self._futures[task].cancel()  # it is sent to others
        if self._sweeping.due():
            self._drop_leftovers()
        return bool(rows) or self._connection.shared

    def _end_unwanted(self, task: str) -> None:
        """End a task whose run is not ours; where another engine has taken that over, the task is left to it."""
        run = self.lab.registry.get(run_and_attempt(task)[0])
        if run and run.alive and is_of(task, run) and self._connection.shared:
            self._let_go(task)
        else:
            self._wishes.send(task, Wish.CANCEL)

    def _let_go(self, task: str) -> None:
        run_id = run_and_attempt(task)[0]
        if self._tasks.get(run_id) == task:
            del self._tasks[run_id]
        for by_task in (self._futures, self._workers, self._begun, self._restricted):
            by_task.pop(task, None)

    def _doing(self) -> Doing:
        tasks = {task: run_and_attempt(task) for task in list(self._futures)}
        here = self.lab.here | self._joined | self._last_words.unwritten
        return Doing(self.waiting, tasks, frozenset(self._begun), frozenset(here))

    def _send(self, run: Run, resent: int = 0) -> None:
        """Give a queued run to the cluster; what cannot be sent is marked failed, and the reason raised."""
        task = task_name(run)
        with self._or_failed(run):
            request = run.request
            inputs, start = self.lab.inputs_of(request), self.lab.start_of(run)
        self._tasks[run.id] = task  # before it is sent: its first report may come at once
        first = 0 if run.direct else PART_PRIORITY
        what = (task, run.id, kind_of(request), request, inputs, start)
        if only := self.workers.only:
            self._restricted[task] = only
        future = self._client.submit(worker.do, *what, key=(RUN, task), pure=False, priority=first, workers=only)
        self._futures[task] = future
        self._published.keep(task, future)
        future.add_done_callback(partial(self._ended, run.id, task, resent))

    @contextmanager
    def _or_failed(self, run: Run) -> Iterator[None]:
        """Mark the run failed when the block raises a GridcastError that is no outage; it is raised further."""
        try:
            yield
        except Away:
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
            if wish := self._noted(run_id, run_and_attempt(task)[1], report):
                self._wishes.send_later(task, wish)  # by another thread, because this one would have to carry the message

    def _noted(self, run_id: str, attempt: int, report: dict[str, Any]) -> Wish | None:
        """Write down what a worker reports of an attempt at a run; what another process wishes of it."""
        if "progress" in report:
            wanted = self.lab.progress(run_id, Progress.model_validate(report["progress"]), attempt)
        else:
            wanted = self.lab.registry.start(run_id, attempt)
        return self.lab.registry.wish(run_id) if wanted else Wish.CANCEL

    def _ended(self, run_id: str, task: str, resent: int, future: Future) -> None:
        if task not in self._futures:
            return  # it is another engine's now
        if self._tasks.get(run_id) == task:
            attempt = run_and_attempt(task)[1]
            self._last_words.say(
                run_id,
                partial(self._record_outcome, run_id, attempt, future, resent, task),
                partial(self.lab.registry.fail, run_id, attempt=attempt),
            )
        else:
            self._published.forget(task)
        self._let_go(task)
        self._waiting.wake()
        self._wishes.forget(task)

    def _record_outcome(self, run_id: str, attempt: int, future: Future, resent: int, task: str) -> None:
        """Write down how a task has ended; only then may the cluster forget it."""
        registry = self.lab.registry
        run = registry.get(run_id)
        if run is not None and run.attempt == attempt:  # else it has been asked for again meanwhile
            ending = ending_of(future)
            if not self._owns(run) and not (isinstance(ending, Outcome) and ending.content):
                return  # whoever has it now says what becomes of it
            if isinstance(ending, Outcome):
                if ending.cancelled:  # that was written down when it was wished, unless nobody did
                    registry.interrupt(run_id, LOST, attempt=attempt)
                else:
                    self.lab.keep(run_id, ending)
            elif ending is Ending.KILLED:
                self._wait_again_or_fail(run, resent)
            elif ending is not Ending.GONE:
                registry.fail(run_id, f"The engine failed: {ending}", attempt)
            elif not self._connection.shared:
                registry.interrupt(run_id, INTERRUPTED, attempt=attempt)
            elif run.alive:
                return  # it goes on, or waits again, once the scheduler is back
        self._published.forget(task)

    def _wait_again_or_fail(self, run: Run, resent: int) -> None:
        """Of a run whose worker was lost: it had not begun there, or is a part, of which the others go on meanwhile."""
        may = resent < MOST_RESENT and (run.state is State.QUEUED or not run.direct)
        if may and (run.state is State.QUEUED or self.lab.registry.wait_again(run.id, run.attempt)):
            self._waiting.add(run.id, resent + 1)
        else:
            self.lab.registry.fail(run.id, KILLED, run.attempt)


def connect(lab: Lab, scheduler: str | None, workers: int, memory: str, limits: Limits = NONE) -> Engine:
    """An engine on the cluster at `scheduler`, or on an embedded one that it starts."""
    use_lab_config()
    if scheduler:
        return Engine(lab, Connection.to(scheduler), limits=limits)
    process, address = local.start(workers, memory)
    try:
        client = client_at(address, "the lab's own cluster")
    except RunFailed:
        local.end(process)
        raise
    return Engine(lab, client, process, workers, limits, memory)


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
    return "lives" if _engines[0].lives and _engines[0].answers else "ended"


def worker_states() -> tuple[WorkerState, ...]:
    """The workers of this process's engine, which is not started for it."""
    return _engines[0].worker_states() if _engines and _engines[0].lives and _engines[0].answers else ()


def end_engine() -> None:
    """End this process's engine, if there is one."""
    with _lock:
        while _engines:
            _engines.pop().close()
