"""The engine on a real embedded cluster: two worker processes, started and killed as in a lecture hall."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.checkpoints.checkpoint import parts_in
from core.drive import returned
from core.errors import StoreError
from core.runs.engine import Engine, connect
from core.runs.lab import Lab
from core.runs.recovery.orphans import adopt
from core.runs.registry import Run, State
from core.runs.request import Request, key_of
from core.settings import Settings
from tests.runs.count import CountRequest
from tests.runs.count.learning import learned
from tests.runs.survival import until

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # Dask warns on its own account when workers die


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    lab = Lab.open(Settings(home=tmp_path_factory.mktemp("home")))
    engine = connect(lab, None, workers=2, memory="2GiB")
    yield engine
    engine.close()
    lab.registry.close()


@pytest.fixture(autouse=True)
def all_workers(engine: Engine) -> None:
    """Both workers are there: the test before may have killed one, and a new one takes seconds to start."""
    engine._client.wait_for_workers(2, timeout=90)


def wait(engine: Engine, run_id: str, until: Callable[[Run], bool], seconds: float = 30) -> Run:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        run = engine.lab.look(run_id)
        assert run
        if until(run):
            return run
        time.sleep(0.02)
    raise AssertionError(f"run {run_id} is still {run.state} after {seconds} s")


def ended(run: Run) -> bool:
    return not run.alive


def running(run: Run) -> bool:
    return run.state is State.RUNNING


def max_at_work(engine: Engine, run_ids: list[str]) -> int:
    """The largest number of runs that the cluster had at once until the last of these began."""
    most, end = 0, time.monotonic() + 30
    while time.monotonic() < end and any((run := engine.lab.look(one)) and run.state is State.QUEUED for one in run_ids):
        most = max(most, len(engine._futures))
        time.sleep(0.01)
    return most


def worker_of(engine: Engine, request: Request) -> int:
    """The process id of the worker that does a run."""
    addresses = dict(engine._client.run(os.getpid))
    [address] = [where for task, where in engine._workers.items() if task.startswith(key_of(request))]
    return addresses[address]


def test_a_submitted_run_is_done_by_a_worker_and_kept(engine: Engine) -> None:
    digest = engine.lab.store.put(b"12345")
    run = wait(engine, engine.submit(CountRequest(to=4, image=digest)).id, ended)
    assert (run.state, run.scores, run.error) == (State.DONE, {"total": 9}, "")
    assert engine.lab.result(run).squares.tolist() == [0, 1, 4, 9]


def test_every_worker_is_seen_with_what_it_does_and_its_memory(engine: Engine) -> None:
    assert [(worker.number, worker.run) for worker in engine.worker_states()] == [(1, None), (2, None)]
    run = wait(engine, engine.submit(CountRequest(to=600, pause=0.1)).id, running)
    busy, free = sorted(engine.worker_states(), key=lambda worker: worker.run is None)
    assert (busy.run, free.run) == (run.id, None)
    assert all(10 < worker.memory_mb < worker.limit_mb == pytest.approx(2 * 2**30 / 1e6) for worker in (busy, free))
    engine.cancel(run.id)


def test_no_process_of_the_cluster_looks_at_itself_more_than_ten_times_a_second(engine: Engine) -> None:
    at_worker = lambda dask_worker: [one.callback_time for one in dask_worker.periodic_callbacks.values()]  # noqa: E731
    at_scheduler = lambda dask_scheduler: [one.callback_time for one in dask_scheduler.periodic_callbacks.values()]  # noqa: E731
    milliseconds = [*engine._client.run(at_worker).values(), engine._client.run_on_scheduler(at_scheduler)]
    assert len(milliseconds) == 3
    assert min(min(one) for one in milliseconds) >= 100


def test_no_run_waits_behind_a_long_one_while_a_worker_is_free(engine: Engine) -> None:
    long = engine.submit(CountRequest(to=600, pause=0.1))
    for count in (3, 7):
        short = [engine.submit(CountRequest(to=10 * count + i, pause=0.02)).id for i in range(count)]
        at_work = max_at_work(engine, short)
        assert all(wait(engine, run_id, ended).state is State.DONE for run_id in short)
    now = engine.lab.look(long.id)
    engine.cancel(long.id)
    assert now
    assert running(now)
    assert at_work == 2  # of many, all others wait in the engine


def test_equal_questions_are_one_run(engine: Engine) -> None:
    request = CountRequest(to=5, pause=0.1)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: engine.submit(request), range(30)))
    wait(engine, key_of(request), running)
    assert len([task for task in engine._futures if task.startswith(key_of(request))]) == 1
    assert wait(engine, key_of(request), ended).attempt == 1


def test_progress_reaches_the_registry_while_it_runs(engine: Engine) -> None:
    request = CountRequest(to=20, pause=0.1)
    engine.submit(request)
    run = wait(engine, key_of(request), lambda run: run.step > 3)
    assert (run.state, run.phase, run.total) == (State.RUNNING, "counting", 20)
    assert engine.lab.registry.pictures(run.id)
    engine.cancel(run.id)


def test_cancel_works_within_a_second_and_leaves_no_model(engine: Engine) -> None:
    before = set(engine.lab.store.digests())
    request = CountRequest(to=100, pause=0.1)
    engine.submit(request)
    wait(engine, key_of(request), running)
    until(lambda: engine._tasks.get(key_of(request)) in engine._futures)  # a worker may be quicker than who asked it
    task = engine._futures[engine._tasks[key_of(request)]]
    began = time.monotonic()
    assert engine.cancel(key_of(request))
    assert wait(engine, key_of(request), ended).state is State.CANCELLED
    while not task.done() and time.monotonic() - began < 10:
        time.sleep(0.01)
    assert time.monotonic() - began < 1
    assert set(engine.lab.store.digests()) == before


def test_stop_ends_a_run_within_a_second_and_keeps_its_result(engine: Engine) -> None:
    request = CountRequest(to=101, pause=0.1)
    engine.submit(request)
    wait(engine, key_of(request), lambda run: run.step > 0)
    began = time.monotonic()
    assert engine.stop(key_of(request))
    run = wait(engine, key_of(request), ended)
    assert time.monotonic() - began < 2
    assert (run.state, run.scores["total"] < 50) == (State.DONE, True)
    assert not engine.stop(key_of(request))


def test_a_run_stopped_from_elsewhere_keeps_its_result(engine: Engine) -> None:
    request = CountRequest(to=102, pause=0.1)
    engine.submit(request)
    wait(engine, key_of(request), lambda run: run.step > 0)
    engine.lab.registry.stop(key_of(request))  # as another process would
    assert wait(engine, key_of(request), ended, seconds=5).state is State.DONE


def test_a_training_whose_worker_is_killed_goes_on_to_the_weights_of_one_that_was_not(engine: Engine) -> None:
    request = CountRequest(to=40, pause=0.05, mood="learns")
    engine.submit(request)
    wait(engine, key_of(request), lambda run: bool(run.checkpoint) and run.step > 15)
    os.kill(worker_of(engine, request), signal.SIGKILL)
    killed = wait(engine, key_of(request), ended)
    assert killed.state is State.FAILED
    [training] = parts_in(engine.lab.start_of(killed).content or b"")
    engine.submit(request)
    assert wait(engine, key_of(request), lambda run: run.step > 0).step > training["state"]["history"]["steps"] > 0
    again = wait(engine, key_of(request), ended)
    assert (again.state, again.checkpoint) == (State.DONE, None)
    uninterrupted = returned(learned(request.model_copy(update={"pause": 0.0})))
    np.testing.assert_allclose(engine.lab.result(again).squares, uninterrupted.squares, rtol=1e-6, atol=1e-6)


def test_a_cancelled_run_can_be_asked_again_at_once(engine: Engine) -> None:
    request = CountRequest(to=8, pause=0.05)
    engine.submit(request)
    wait(engine, request_id := key_of(request), running)
    engine.cancel(request_id)
    engine.submit(request)
    run = wait(engine, request_id, ended)
    assert (run.state, run.attempt) == (State.DONE, 2)


def test_a_run_that_does_not_hear_loses_its_worker(engine: Engine) -> None:
    request = CountRequest(to=1, mood="deaf")
    engine.submit(request)
    wait(engine, key_of(request), running)
    pid = worker_of(engine, request)
    assert engine.cancel(key_of(request))
    deadline = time.monotonic() + 20
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not os.path.exists(f"/proc/{pid}")
    assert wait(engine, engine.submit(CountRequest(to=11)).id, ended).state is State.DONE


def test_a_killed_worker_fails_its_own_run_with_the_reason_and_no_other(engine: Engine) -> None:
    victim = CountRequest(to=200, pause=0.1)
    engine.submit(victim)
    wait(engine, key_of(victim), running)
    others = [CountRequest(to=n, pause=0.1) for n in (21, 22, 23, 24)]  # one runs beside it, three wait, some on its worker
    for request in others:
        engine.submit(request)
    os.kill(worker_of(engine, victim), signal.SIGKILL)
    run = wait(engine, key_of(victim), ended)
    assert run.state is State.FAILED
    assert "ended by the system" in run.error
    assert [wait(engine, key_of(request), ended).state for request in others] == [State.DONE] * 4


def test_a_run_cancelled_from_elsewhere_frees_its_worker(engine: Engine, tmp_path: Path) -> None:
    request = CountRequest(to=200, pause=0.1)
    engine.submit(request)
    wait(engine, key_of(request), lambda run: run.step > 0)
    task = engine._futures[engine._tasks[key_of(request)]]
    engine.lab.registry.cancel(key_of(request))  # as another process would
    began = time.monotonic()
    while not task.done() and time.monotonic() - began < 10:
        time.sleep(0.02)
    assert time.monotonic() - began < 2


def test_a_run_whose_inputs_are_gone_fails_with_the_reason(engine: Engine) -> None:
    digest = engine.lab.store.put(b"soon gone")
    run, ours = engine.lab.claim(CountRequest(to=31, image=digest))
    assert ours
    engine.lab.store.delete(digest)
    with pytest.raises(StoreError, match="the store has no"):
        engine._send(run)
    assert wait(engine, run.id, ended).state is State.FAILED


def test_a_result_that_cannot_be_stored_is_kept_until_there_is_room(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    put, tries = engine.lab.store.put, list[str]()

    def full(content: bytes) -> str:
        tries.append(engine.lab.troubles.get(run.id, ""))
        if len(tries) < 4:
            raise StoreError("cannot write: No space left on device")
        return put(content)

    monkeypatch.setattr(engine.lab.store, "put", full)
    run = engine.submit(CountRequest(to=32, pause=0.03))
    assert wait(engine, run.id, ended).state is State.DONE
    assert tries[-1].startswith("finished, but it cannot be written down yet: cannot write: No space left on device")


def test_a_result_that_cannot_be_stored_for_long_fails_its_run(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: bytes) -> str:
        raise StoreError("cannot write: No space left on device")

    monkeypatch.setattr(engine.lab.store, "put", full)
    monkeypatch.setattr(engine._last_words, "patience", 0.0)
    run = wait(engine, engine.submit(CountRequest(to=33)).id, ended)
    assert (run.state, run.error) == (State.FAILED, "cannot write: No space left on device")


def test_a_failed_run_says_why(engine: Engine) -> None:
    run = wait(engine, engine.submit(CountRequest(to=2, mood="broken")).id, ended)
    assert (run.state, run.error) == (State.FAILED, "An unexpected ZeroDivisionError: division by zero")


SERVER = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from core.errors import StoreError
from core.runs.engine import connect
from core.runs.lab import Lab
from core.runs.kinds import KINDS, Kind
from core.settings import Settings
KINDS["count"] = Kind("count", "spatial", "Count", package="tests.runs.count")
from tests.runs.count import CountRequest
engine = connect(Lab.open(Settings(home=Path(sys.argv[1]))), None, 1, "2GiB")
for n in (300, 301):
    engine.submit(CountRequest(to=n, pause=0.1))
while not any(run.phase for run in engine.lab.registry.runs()):
    time.sleep(0.05)
print(*engine._client.run(__import__("os").getpid).values(), engine._process.pid, flush=True)
time.sleep(60)
"""


def test_a_killed_server_takes_its_engine_along_and_its_runs_are_found_again(tmp_path: Path) -> None:
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd())
    with server:
        assert server.stdout
        timer = threading.Timer(60, server.kill)  # so that a hanging server is a failure, not a hanging test
        timer.start()
        processes = server.stdout.readline().split()
        timer.cancel()
        server.kill()
    assert processes
    deadline = time.monotonic() + 15
    while any(os.path.exists(f"/proc/{pid}") for pid in processes) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [pid for pid in processes if os.path.exists(f"/proc/{pid}")]
    lab = Lab.open(Settings(home=tmp_path))
    waiting = adopt(lab.registry)
    states = {run.request.to: run.state for run in lab.registry.runs()}  # type: ignore[attr-defined]
    assert states == {300: State.INTERRUPTED, 301: State.QUEUED}
    assert [run.request.to for run in waiting] == [301]  # type: ignore[attr-defined]
    lab.registry.close()
