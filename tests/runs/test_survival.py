"""What the lab survives: real signals to real processes, disks that are full, databases that are gone. No finished run is lost,
no half-written file is taken for whole, and each run that ends says in one sentence what has happened."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import psutil
import pytest

from core.errors import StoreError
from core.runs.cluster.published import task_name
from core.runs.database import connections
from core.runs.engine import KILLED, Engine, connect
from core.runs.lab import Lab
from core.runs.registry import INTERRUPTED, State
from core.runs.request import key_of
from core.runs.work import Outcome
from core.settings import Settings
from tests.postgres import Postgres
from tests.runs.count import CountRequest
from tests.runs.survival import counting, ended, read_only, small_disk, until, wait, worker_of

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # Dask warns on its own account when workers die


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Of the cluster that all tests here share."""
    lab = Lab.open(Settings(home=tmp_path_factory.mktemp("home"), database=None))
    engine = connect(lab, None, workers=2, memory="700MiB")
    yield engine
    engine.close()
    lab.registry.close()


@pytest.fixture
def engine(first: Engine) -> Engine:
    first._client.wait_for_workers(1, timeout=90)
    return first


@contextmanager
def engine_in(home: Path, first: Engine, database: str | None = None) -> Iterator[Engine]:
    """Another server's engine on the same cluster, with a lab of its own."""
    lab = Lab.open(Settings(home=home, database=database))
    other = Engine(lab, first._client.__class__(first._client.scheduler.address, security=first._client.security))
    try:
        yield other
    finally:
        other.close()
        lab.registry.close()


# -- workers -------------------------------------------------------------------------------------------


def test_a_worker_that_needs_too_much_memory_ends_its_run_with_that_reason(engine: Engine) -> None:
    request = CountRequest(to=1, mood="greedy")
    engine.submit(request)
    run = wait(engine, request, ended)
    assert (run.state, run.error) == (State.FAILED, KILLED)


PHASES = {  # what a worker is about to do when it is killed: where that is found
    "its first word": ("core.runs.cluster.worker", "get_worker"),
    "loading": ("core.runs.kinds", "Kind.run"),
    "writing its result": ("core.runs.work", "Outcome.of"),
}


def hold(module: str, name: str, flag: str = "") -> None:
    """On a worker: be held up there, after writing into a file which process that is; without one, not any more."""
    holder, _, name = name.rpartition(".")
    where = resolve_name(f"{module}:{holder}" if holder else module)
    true = getattr(where, name)

    def held(*_: object, **__: object) -> None:
        Path(flag).write_text(str(os.getpid()))
        time.sleep(600)

    held.true = true  # type: ignore[attr-defined]
    setattr(where, name, held if flag else getattr(true, "true", true))  # a worker may be new


@pytest.mark.parametrize("phase", PHASES)
def test_a_worker_that_is_killed_in_any_phase_leaves_a_run_that_is_done_or_says_so(
    engine: Engine, tmp_path: Path, phase: str
) -> None:
    request, flag, stored = CountRequest(to=60 + len(phase)), tmp_path / "worker", set(engine.lab.store.digests())
    until(lambda: len(engine._client.run(os.getpid)) == 2, "both workers")  # as the scheduler sees it
    engine._client.run(hold, *PHASES[phase], str(flag))
    engine.submit(request)
    until(lambda: flag.exists() and flag.read_text(), f"a worker before {phase}")
    if phase != "its first word":
        wait(engine, request, lambda run: run.state is State.RUNNING)
    engine._client.run(hold, *PHASES[phase])
    os.kill(int(flag.read_text()), signal.SIGKILL)
    run = wait(engine, request, ended)
    if phase == "its first word":  # nobody has seen it begin: it is sent again
        assert (run.state, run.attempt, run.scores) == (State.DONE, 1, {"total": request.to})
    else:
        assert (run.state, run.error) == (State.FAILED, KILLED)
        assert set(engine.lab.store.digests()) == stored


def test_a_worker_that_is_killed_after_its_last_word_costs_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    request = CountRequest(to=40, pause=0.05)
    record, workers = engine._record_outcome, list[int]()

    def killing(run_id: str, *more: Any) -> None:
        """What the worker has returned is fetched when it is gone."""
        if workers and psutil.pid_exists(workers[0]):
            worker = psutil.Process(workers.pop())
            worker.kill()
            psutil.wait_procs([worker], timeout=10)
        record(run_id, *more)

    monkeypatch.setattr(engine, "_record_outcome", killing)
    engine.submit(request)
    wait(engine, request, counting)
    workers.append(worker_of(engine, request))
    run = wait(engine, request, ended)
    assert not workers
    assert (run.state, run.attempt, run.scores) == (State.DONE, 1, {"total": 40})


def test_a_run_that_the_cluster_starts_a_second_time_comes_to_its_end(engine: Engine) -> None:
    """As with three failures allowed, Dask's own default, on a cluster that somebody else has started."""

    def allow(failures: int) -> None:
        engine._client.run_on_scheduler(lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", failures))

    allow(3)
    try:
        request = CountRequest(to=25, pause=0.1)
        engine.submit(request)
        wait(engine, request, lambda run: run.step > 3)
        os.kill(worker_of(engine, request), signal.SIGKILL)
        run = wait(engine, request, ended)
        assert (run.state, run.attempt, run.scores) == (State.DONE, 1, {"total": 25})
    finally:
        allow(0)


def test_a_worker_that_is_stopped_and_continued_goes_on(engine: Engine) -> None:
    request = CountRequest(to=60, pause=0.05)
    engine.submit(request)
    wait(engine, request, counting)
    worker = psutil.Process(worker_of(engine, request))
    worker.suspend()
    until(lambda: worker.status() == psutil.STATUS_STOPPED)
    step = engine.lab.registry.find(key_of(request)).step
    worker.resume()
    run = wait(engine, request, ended)
    assert (run.state, step < 59) == (State.DONE, True)


# -- disk and database -----------------------------------------------------------------------------------


def fill(disk: Path) -> Path:
    """Take all the room there is."""
    path = disk / "filler"
    with path.open("wb", buffering=0) as file:
        for size in (2**20, 2**12, 1):
            with suppress(OSError):
                while file.write(bytes(size)):
                    pass
    return path


def test_what_ended_while_the_disk_was_full_is_done_when_there_is_room(engine: Engine, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, engine_in(disk / "home", engine) as other:
        request, later = CountRequest(to=12, pause=0.1), CountRequest(to=3)
        other.submit(request)
        wait(other, request, counting)
        filler = fill(disk)
        until(lambda: other.lab.troubles, "the trouble")
        run = other.lab.look(key_of(request))
        assert run
        assert run.alive
        assert other.lab.trouble(run).startswith("finished, but it cannot be written down yet: ")
        filler.unlink()
        assert wait(other, request, ended).state is State.DONE
        other.submit(later)
        assert wait(other, later, ended).state is State.DONE


def test_a_folder_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        lab = Lab.open(Settings(home=disk / "home", database=None))
        lab.registry.close()
        with read_only(disk), pytest.raises(StoreError, match="set GRIDCAST_HOME to a"):
            Lab.open(Settings(home=disk / "home", database=None))


@pytest.mark.parametrize("begun", [True, False])
def test_first_and_last_words_that_a_locked_database_does_not_take_are_said_again(
    engine: Engine, tmp_path: Path, begun: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connections.PRAGMAS, "busy_timeout", 100)
    with engine_in(tmp_path / "home", engine) as other:
        request = CountRequest(to=10, pause=0.1)
        with closing(sqlite3.connect(tmp_path / "home" / "gridcast.db", isolation_level=None)) as lock:
            other.submit(request)
            if begun:
                wait(other, request, counting)
            else:
                until(lambda: other._tasks.get(key_of(request)), "to be sent")
            lock.execute("BEGIN EXCLUSIVE")
            until(lambda: other.lab.troubles, "the trouble")
            lock.execute("ROLLBACK")
        run = wait(other, request, ended)
        assert (run.state, run.attempt) == (State.DONE, 1)


def test_a_database_that_is_deleted_ends_what_nobody_can_ask_for_any_more_and_takes_new_runs(
    engine: Engine, tmp_path: Path
) -> None:
    with engine_in(tmp_path / "home", engine) as other:
        lost, fresh = CountRequest(to=500, pause=0.1), CountRequest(to=3)
        other.submit(lost)
        wait(other, lost, counting)
        for path in (tmp_path / "home").glob("gridcast.db*"):
            path.unlink()
        until(lambda: not other._futures, "the end of the task")
        assert other.lab.runs() == []
        other.submit(fresh)
        assert wait(other, fresh, ended).state is State.DONE


def set_clock(moved: float) -> None:
    """The time of day of this process, for Python."""
    true = getattr(time, "true", time.time)
    time.true, time.time = true, (lambda: true() + moved) if moved else true  # type: ignore[attr-defined]


@pytest.mark.parametrize("moved", [-86_400.0, 86_400.0])
def test_a_clock_that_is_set_changes_no_run(engine: Engine, moved: float) -> None:
    def everywhere(moved: float) -> None:
        set_clock(moved)
        engine._client.run_on_scheduler(set_clock, moved)
        engine._client.run(set_clock, moved)

    before, after = CountRequest(to=14, pause=0.1), CountRequest(to=15, pause=0.01)
    engine.submit(before)
    wait(engine, before, counting)
    try:
        everywhere(moved)
        engine.submit(after)
        assert [wait(engine, request, ended).state for request in (before, after)] == [State.DONE] * 2
    finally:
        everywhere(0.0)
    for request in (before, after):  # in the clock's own time
        engine.lab.delete(engine.lab.registry.find(key_of(request)))
        engine.submit(request)
        assert wait(engine, request, ended).state is State.DONE
        engine.lab.delete(engine.lab.registry.find(key_of(request)))


# -- rows and tasks --------------------------------------------------------------------------------------


def test_a_run_that_nobody_does_ends_and_one_that_nobody_waits_with_is_sent(engine: Engine) -> None:
    lost, unsent = CountRequest(to=31), CountRequest(to=32)
    for request in (lost, unsent):
        engine.lab.claim(request)  # as if what follows had fallen into an outage
    engine.lab.registry.start(key_of(lost))
    engine._waiting.wake()
    run = wait(engine, lost, ended)
    assert run.state is State.INTERRUPTED
    assert "lost sight of this run" in run.error
    assert wait(engine, unsent, ended).state is State.DONE


def test_the_last_word_of_an_attempt_says_nothing_of_the_next_one(engine: Engine) -> None:
    request = CountRequest(to=33)
    run = engine.lab.claim(request)[0]
    before = engine._client.submit(Outcome, 1.0, cancelled=True)
    before.result()
    engine.lab.cancel(run.id)
    engine.submit(request)
    engine._record_outcome(run.id, run.attempt, before, 0, task_name(run))
    again = wait(engine, request, ended)
    assert (again.state, again.attempt) == (State.DONE, 2)


def test_a_task_whose_run_is_gone_is_ended(engine: Engine) -> None:
    request = CountRequest(to=400, pause=0.1)
    engine.submit(request)
    wait(engine, request, counting)
    engine.lab.registry.delete(key_of(request))
    until(lambda: not engine._futures, "the end of the task")


# -- two servers; the whole cluster -----------------------------------------------------------------------


@pytest.mark.databases
def test_of_two_servers_over_one_database_the_other_goes_on_with_what_waited(
    engine: Engine, tmp_path: Path, database: str | None
) -> None:
    waits, ran = CountRequest(to=41), CountRequest(to=42)
    with engine_in(tmp_path / "home", engine, database) as other:
        gone = Lab.open(Settings(home=tmp_path / "home", database=database))
        for request in (waits, ran):
            gone.claim(request)
        gone.registry.start(key_of(ran))
        assert [run.alive for run in other.lab.runs()] == [True, True]  # its owner lives
        gone.registry.close()  # what the system does to a killed process's lock
        other._waiting.wake()
        assert wait(other, waits, ended).state is State.DONE
        assert other.lab.registry.find(key_of(ran)).error == INTERRUPTED


def test_two_servers_go_on_when_the_server_of_their_database_was_away(
    engine: Engine, tmp_path: Path, postgres: Postgres
) -> None:
    """Each has a run at work and one that waits. What they cannot say meanwhile they say then, and nobody takes the other for
    gone."""
    url = postgres.database()
    with engine_in(tmp_path / "one", engine, url) as one, engine_in(tmp_path / "two", engine, url) as two:
        begun = {server: CountRequest(to=40 + n, pause=0.1) for n, server in enumerate((one, two))}
        waiting = {server: CountRequest(to=3 + n) for n, server in enumerate((one, two))}
        for requests in (begun, waiting):
            for server, request in requests.items():
                server.submit(request)
        for server, request in begun.items():
            wait(server, request, counting)
        postgres.stop()
        until(lambda: one.lab.troubles and two.lab.troubles, "the trouble")
        postgres.start()
        for requests in (begun, waiting):
            for server, request in requests.items():
                run = wait(server, request, ended)
                assert (run.state, run.attempt, run.owner) == (State.DONE, 1, server.lab.registry.owner.name)
                assert run.result in server.lab.store


def test_a_cluster_without_workers_is_what_a_waiting_run_says(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = CountRequest(to=43)
    run, _ = engine.lab.claim(request)
    with monkeypatch.context() as patched:
        patched.setattr("core.runs.cluster.workers.LONG_SECONDS", 0.0)
        patched.setattr(engine._client, "scheduler_info", lambda n_workers: {"address": "tcp://x", "total_threads": 0})
        engine.workers.note()
        engine.lab.line.forget()
        assert "no worker of this server comes up" in engine.lab.trouble(run)
        assert "GRIDCAST_WORKER_MEMORY (700MiB)" in engine.lab.trouble(run)
    engine._waiting.wake()
    run = wait(engine, request, ended)
    assert (run.state, run.error) == (State.DONE, "")
    assert engine.lab.registry.engines.of(engine.lab.registry.owner.name).trouble == ""  # type: ignore[union-attr]


def test_a_killed_cluster_interrupts_what_ran_keeps_what_waited_and_leaves_no_process(first: Engine) -> None:
    """The last one: it ends the cluster that all share."""
    running = [CountRequest(to=n, pause=0.1) for n in (501, 502)]
    waits = CountRequest(to=3, image=first.lab.store.put(b"another"))
    for request in (*running, waits):
        first.submit(request)
    for request in running:
        wait(first, request, counting)
    assert first._process
    workers = psutil.Process(first._process.pid).children(recursive=True)
    first._process.kill()
    for request in running:
        run = wait(first, request, ended)
        assert (run.state, run.error) == (State.INTERRUPTED, INTERRUPTED)
    assert psutil.wait_procs(workers, timeout=30)[1] == []
    assert not first.lives
    assert first.lab.registry.find(key_of(waits)).state is State.QUEUED
