"""Runs on an external cluster: what is lost in the middle, and what is told where something does not fit."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import dask
import pytest

from core.errors import RunFailed
from core.runs.cluster import versions
from core.runs.cluster.address import Address, client_at
from core.runs.cluster.connection import NAME, Connection
from core.runs.engine import Engine, connect
from core.runs.lab import Lab
from core.runs.registry import State
from core.runs.request import key_of
from core.runs.store import digest_of
from core.settings import Settings
from tests.object_store import KEYS, object_store
from tests.postgres import Postgres
from tests.runs.cluster.outside import Front, Outside
from tests.runs.count import CountRequest
from tests.runs.counts import CountsRequest
from tests.runs.survival import counting, ended, until, wait, worker_of

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # Dask warns on its own account when workers die


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with pytest.MonkeyPatch.context() as patch:
        outside = Outside(tmp_path_factory.mktemp("cluster"))
        for name, value in outside.env.items():
            if name.startswith("DASK_"):
                patch.setenv(name, value)  # the front has the same keys
        for what in ("scheduler", "worker", "worker"):
            outside.start(what)
        yield outside
        outside.end()
    dask.config.refresh()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def engine(cluster: Outside, home: Path) -> Iterator[Engine]:
    lab = Lab.open(Settings(home=home, database=None))
    engine = connect(lab, cluster.url, workers=2, memory="2GiB")
    engine._client.wait_for_workers(2, timeout=90)
    yield engine
    engine.close()
    lab.registry.close()


def left_on(engine: Engine) -> list[str]:
    return engine._published.tasks()


def test_a_run_is_done_there_its_result_comes_back_and_nothing_is_left(engine: Engine) -> None:
    request = CountRequest(to=4, image=engine.lab.store.put(b"12345"))
    engine.submit(request)
    run = wait(engine, request, ended)
    assert (run.state, run.scores, run.error) == (State.DONE, {"total": 9}, "")
    assert engine.lab.result(run).squares.tolist() == [0, 1, 4, 9]
    until(lambda: not left_on(engine))


def test_the_lines_of_the_docs_keep_what_the_embedded_cluster_keeps(engine: Engine) -> None:
    def at_scheduler(dask_scheduler):
        config = dask.config.get("distributed.scheduler")
        return dask_scheduler.allowed_failures, config["worker-saturation"], config["default-task-durations"]["run"]

    def at_worker(dask_worker):
        steady = "core.runs.cluster.steady_clock" in sys.modules
        return os.environ.get("OMP_NUM_THREADS"), "MALLOC_TRIM_THRESHOLD_" in os.environ, dask_worker.state.nthreads, steady

    assert engine._client.run_on_scheduler(at_scheduler) == (0, 1.0, "1 minute")
    assert set(engine._client.run(at_worker).values()) == {("1", False, 1, True)}
    assert engine._client.scheduler_info()["address"].startswith("tls://")


def test_who_has_no_key_and_what_is_no_scheduler_are_told(cluster: Outside, engine: Engine) -> None:
    [worker, *_] = engine._client.scheduler_info(n_workers=-1)["workers"]
    with pytest.raises(RunFailed, match="is one of a worker of Dask; give its scheduler's"):
        client_at(Address(worker), NAME, seconds=2)
    keys = [f"{who}.{what}" for who in ("scheduler", "worker", "client") for what in ("key", "cert")]
    without: dict[str, None] = {f"distributed.comm.tls.{name}": None for name in ("ca-file", *keys)}
    without["distributed.comm.require-encryption"] = None
    with dask.config.set(without):
        for url in (cluster.url, cluster.url.replace("tls", "tcp")):
            with pytest.raises(RunFailed, match="GRIDCAST_SCHEDULER asks for a key that this lab does not have"):
                client_at(Address(url), NAME, seconds=2)
    with dask.config.set({"distributed.comm.tls.ca-file": "/nowhere/cert.pem"}), pytest.raises(RunFailed, match="file of keys"):
        client_at(Address(cluster.url), NAME, seconds=2)


def test_a_front_of_another_version_sends_nothing(cluster: Outside, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "DIGEST", "of another commit")
    with pytest.raises(RunFailed, match="other code of Gridcast"):
        Connection.to(cluster.url)
    monkeypatch.setattr(versions, "_version", lambda _: "1.0")
    with pytest.raises(RunFailed, match=r"has dask .*, and this server 1\.0; install"):
        Connection.to(cluster.url)


def test_a_worker_that_is_lost_costs_the_part_that_it_does(engine: Engine) -> None:
    parts = tuple(CountRequest(to=to, pause=0.1) for to in (20, 21, 22, 23))
    request = CountsRequest(counts=parts)
    engine.submit(request)
    for part in parts[:2]:
        wait(engine, part, lambda run: run.step > 4)
    began = {part.to: engine.lab.registry.find(key_of(part)).started for part in parts}
    os.kill(worker_of(engine, parts[0]), 9)
    run = wait(engine, request, ended)
    assert run.scores == {"totals": {f"to {part.to}": part.to for part in parts}, "failed": {}}
    runs = [engine.lab.registry.find(key_of(part)) for part in parts]
    assert [one.attempt for one in runs] == [1, 1, 1, 1]
    assert runs[0].started != began[20]
    assert runs[1].started == began[21]
    until(lambda: not left_on(engine))


def test_a_part_that_loses_every_worker_fails_in_the_end(engine: Engine) -> None:
    bad, good = CountRequest(to=1, mood="fatal"), CountRequest(to=3)
    request = CountsRequest(counts=(bad, good))
    engine.submit(request)
    run = wait(engine, request, ended)
    assert run.scores["totals"] == {"to 3": 3}
    assert "The worker that did this run was ended" in run.scores["failed"]["to 1"]


def test_runs_go_on_when_the_front_is_killed_and_the_next_one_finds_them(engine: Engine, cluster: Outside, home: Path) -> None:
    alone = CountRequest(to=60, pause=0.1)
    parts = tuple(CountRequest(to=to, pause=0.1) for to in (24, 25))
    whole = CountsRequest(counts=parts)
    front = Front(cluster.env | {"GRIDCAST_HOME": str(home)})
    for request in (alone, whole):
        front.submit(request)
    before = [wait(engine, request, lambda run: run.step > 2) for request in (alone, parts[0])]
    front.kill()
    assert not engine.lab.registry.owner.lives(front.owner)
    seen = engine.lab.look(key_of(alone))
    assert seen
    assert (seen.state, seen.error) == (State.RUNNING, "")  # nobody is shown an interrupted run
    engine._waiting.wake()
    after = [wait(engine, request, ended) for request in (alone, whole, *parts)]
    assert [run.state for run in after] == [State.DONE] * 4
    assert [run.started for run in (after[0], after[2])] == [run.started for run in before]  # it was not begun again
    assert {run.owner for run in after} == {engine.lab.registry.owner.name}
    until(lambda: not left_on(engine))


def test_of_two_fronts_with_one_database_one_store_and_one_cluster_any_can_be_killed(
    cluster: Outside, engine: Engine, postgres: Postgres, tmp_path: Path
) -> None:
    """In the middle of a sweep: the front that has it, the database, the object store, the other front."""
    image = digest_of(b"12345")
    parts = tuple(CountRequest(to=to, pause=0.1, image=image) for to in range(20, 28))
    whole = CountsRequest(counts=parts)
    with object_store() as s3:
        env = cluster.env | KEYS | {"AWS_ENDPOINT_URL": s3.url, "GRIDCAST_STORE": "s3://lab/two"}
        env["GRIDCAST_DATABASE"] = postgres.database()
        lab = Lab.open(Settings(home=tmp_path / "me", database=env["GRIDCAST_DATABASE"], store=env["GRIDCAST_STORE"]))

        lab.store.put(b"12345")

        def front(name: str) -> Front:
            return Front(env | {"GRIDCAST_HOME": str(tmp_path / name)}, return_seconds=1.0)

        def done() -> int:
            return sum(run.state is State.DONE for run in lab.several(map(key_of, parts)).values())

        def has(owner: str) -> bool:
            return lab.registry.find(key_of(whole)).owner == owner

        one, two = front("one"), front("two")
        assert two.owner
        one.submit(whole)
        until(lambda: done() >= 1)
        one.kill()
        until(lambda: has(two.owner))
        before = done()
        s3.stop()
        postgres.stop()
        postgres.start()
        s3.start()
        until(lambda: done() > before)
        one = front("one")
        assert one.owner
        two.kill()
        until(lambda: has(one.owner))
        until(lambda: not lab.registry.find(key_of(whole)).alive)
        run = lab.registry.find(key_of(whole))
        assert run.scores == {"totals": {f"to {part.to}": part.to + 5 for part in parts}, "failed": {}}
        assert [one.attempt for one in lab.several(map(key_of, parts)).values()] == [1] * len(parts)
        assert lab.result(run).totals == run.scores["totals"]
        one.kill()
        lab.registry.close()


def test_a_lost_scheduler_and_a_worker_of_another_version_are_told_and_what_ran_is_done_again(
    engine: Engine, cluster: Outside, tmp_path: Path
) -> None:
    """The last one: it ends the cluster that all share."""
    request = CountRequest(to=30, pause=0.05)
    engine.submit(request)
    wait(engine, request, counting)
    cluster.end()
    until(lambda: "scheduler of the cluster" in engine.lab.trouble(engine.lab.registry.find(key_of(request))))
    other = tmp_path / "torch-9.9.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 9.9\n")
    cluster.start("scheduler")
    cluster.start("worker", {"PYTHONPATH": str(tmp_path)})

    def told() -> bool:
        run = engine.lab.registry.find(key_of(request))
        return "a worker of the cluster has torch 9.9, and this server 2" in engine.lab.trouble(run)

    until(told)
    assert not engine._futures
    cluster.start("worker")
    run = wait(engine, request, ended)
    assert (run.state, run.attempt, run.scores) == (State.DONE, 1, {"total": 30})
