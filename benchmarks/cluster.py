"""A sweep of 20 tickers on an external cluster, with two fronts, PostgreSQL and an object store: by one worker and by two, and
by two while each process in turn is lost in the middle of it.

Scheduler and workers are started by the lines of docs/DEPLOY.md, and again when they end, as a service manager would.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.sweep import TICKERS, request_in
from core.rnn.sweep.request import SweepRequest
from core.runs.lab import Lab
from core.runs.registry import Run, State
from core.runs.request import key_of
from core.settings import Settings
from tests.object_store import KEYS, ObjectStore, object_store
from tests.postgres import Postgres, server
from tests.runs.cluster.outside import Front, Outside

SEEDS, SEEDS_OF_LOSSES = 3, 1
LOST_AFTER = 4  # parts
AWAY_SECONDS = 10.0
PATIENCE_SECONDS = 900.0


@dataclass
class Kept:
    """A process that is started again when it has ended."""

    start: Callable[[], subprocess.Popen[Any]]
    process: subprocess.Popen[Any] = field(init=False)

    def __post_init__(self) -> None:
        self.process = self.start()


class Machines:
    """The cluster and what the fronts share."""

    def __init__(self, folder: Path, postgres: Postgres, s3: ObjectStore) -> None:
        self.folder, self.postgres, self.s3, self.outside = folder, postgres, s3, Outside(folder)
        os.environ.update({name: value for name, value in self.outside.env.items() if name.startswith("DASK_")})
        self._kept = [Kept(lambda: self.outside.start("scheduler"))]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    @property
    def scheduler(self) -> Kept:
        return self._kept[0]

    @property
    def workers(self) -> list[Kept]:
        return self._kept[1:]

    def add_worker(self) -> None:
        """Started and warm."""
        before = self.outside.log.count("Registered to")
        self._kept.append(Kept(lambda: self.outside.start("worker")))
        while self.outside.log.count("Registered to") == before:
            time.sleep(0.1)

    def _keep(self) -> None:
        while not self._ended.wait(0.5):
            for kept in self._kept:
                if kept.process.poll() is not None:
                    kept.process = kept.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()
        self.outside.end()


@dataclass
class Fronts:
    """Two fronts over a lab of its own, and that lab as somebody sees it who looks on."""

    machines: Machines
    lab: Lab
    env: dict[str, str]
    fronts: list[Front] = field(default_factory=list)

    def start(self) -> Front:
        front = Front(self.env | {"GRIDCAST_HOME": str(self.machines.folder / uuid.uuid4().hex)})
        assert front.owner
        self.fronts.append(front)
        return front

    def kill(self, of_sweep: bool, sweep: Run) -> None:
        """The front that has the sweep, or the other one; it is started again."""
        now = self.lab.registry.find(sweep.id).owner
        front = next(one for one in self.fronts if (one.owner == now) is of_sweep)
        self.fronts.remove(front)
        front.kill()
        self.start()


@contextmanager
def fronts(machines: Machines) -> Iterator[Fronts]:
    store, database = f"s3://lab/{uuid.uuid4().hex}", machines.postgres.database()
    env = machines.outside.env | KEYS | {"AWS_ENDPOINT_URL": machines.s3.url, "GRIDCAST_STORE": store}
    home = machines.folder / uuid.uuid4().hex
    lab = Lab.open(Settings(home=home, database=database, store=store))
    both = Fronts(machines, lab, env | {"GRIDCAST_DATABASE": database})
    both.start()
    both.start()
    try:
        yield both
    finally:
        for front in both.fronts:
            front.kill()
        lab.registry.close()


@dataclass
class Swept:
    """How a sweep went."""

    seconds: float
    scores: dict[str, Any]  # of each part and of the sweep
    again: int  # parts that were begun a second time


def swept(both: Fronts, seeds: int, lose: Callable[[Run], None] = lambda _: None) -> Swept:
    """A sweep from its submission to its result; `lose` is called when LOST_AFTER parts are done."""
    request = request_in(both.lab, TICKERS, seeds)
    began = time.perf_counter()
    run_id = both.fronts[0].submit(request)
    starts, lost = {name: set[float]() for name in request.parts}, False
    while True:
        time.sleep(0.5)
        assert time.perf_counter() - began < PATIENCE_SECONDS, "the sweep has not ended"
        run, parts = both.lab.registry.find(run_id), both.lab.part_runs(request)
        for name, part in parts.items():
            starts[name] |= {part.started} if part.started else set()
        if not run.alive:
            break
        if not lost and sum(part.state is State.DONE for part in parts.values()) >= LOST_AFTER:
            lost = True
            lose(run)
    seconds = time.perf_counter() - began
    assert run.state is State.DONE, run.error
    return Swept(seconds, _scores(both.lab, request, run), sum(len(one) - 1 for one in starts.values() if one))


def _scores(lab: Lab, request: SweepRequest, run: Run) -> dict[str, Any]:
    """What the stored results say, read from the object store."""
    runs = {key_of(request): run} | {one.id: one for one in lab.part_runs(request).values()}
    return {run_id: lab.result(one).scores for run_id, one in runs.items() if one.state is State.DONE}


def _away(stop: Callable[[], None], start: Callable[[], None]) -> None:
    stop()
    time.sleep(AWAY_SECONDS)
    start()


def losses(both: Fronts) -> dict[str, Callable[[Run], None]]:
    """What is lost, by name."""
    machines = both.machines
    return {
        "a worker": lambda _: machines.outside.kill(machines.workers[0].process),
        "the other worker": lambda _: machines.outside.kill(machines.workers[1].process),
        "the scheduler": lambda _: machines.outside.kill(machines.scheduler.process),
        "the front that has the sweep": lambda run: both.kill(True, run),
        "the other front": lambda run: both.kill(False, run),
        "the database for 10 s": lambda _: _away(machines.postgres.stop, machines.postgres.start),
        "the object store for 10 s": lambda _: _away(machines.s3.stop, machines.s3.start),
    }


def measure(seeds: int = SEEDS, seeds_of_losses: int = SEEDS_OF_LOSSES) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, server() as postgres, object_store() as s3:
        machines = Machines(Path(folder), postgres, s3)
        try:
            machines.add_worker()
            with fronts(machines) as both:
                one = swept(both, seeds)
            machines.add_worker()
            with fronts(machines) as both:
                two = swept(both, seeds)
            assert one.scores == two.scores
            with fronts(machines) as both:
                calm = swept(both, seeds_of_losses)
            figures: dict[str, Any] = {
                "one_worker_s": one.seconds, "two_workers_s": two.seconds, "times_faster": one.seconds / two.seconds,
                "without_a_loss_s": calm.seconds, "lost": {},
            }  # fmt: skip
            for name in ("a worker", "the other worker", "the scheduler", "the front that has the sweep", "the other front",
                         "the database for 10 s", "the object store for 10 s"):  # fmt: skip
                with fronts(machines) as both:
                    after = swept(both, seeds_of_losses, losses(both)[name])
                assert len(after.scores) == 1 + len(TICKERS), name
                assert after.scores == calm.scores, name
                figures["lost"][name] = {"seconds": after.seconds, "computed_again": after.again, "right": len(TICKERS)}
                print(name, figures["lost"][name], flush=True)
        finally:
            machines.end()
    return figures
