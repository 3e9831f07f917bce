"""Who owns a run, told by a lock of a real PostgreSQL server: real processes are killed, real connections and servers ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.errors import DatabaseError
from core.runs.database import server_owner
from core.runs.lab import Lab
from core.runs.recovery.orphans import adopt
from core.runs.registry import INTERRUPTED, State
from core.runs.request import key_of
from core.settings import Settings
from tests.postgres import Postgres
from tests.runs.count import CountRequest
from tests.runs.survival import until

WAITS, RAN, OTHER = CountRequest(to=2), CountRequest(to=3), CountRequest(to=4)
FRONT = """
import sys
from pathlib import Path
from core.runs.kinds import KINDS, Kind
from core.runs.lab import Lab
from core.settings import settings
from tests.runs.count import CountRequest
KINDS["count"] = Kind("count", "spatial", "Count", package="tests.runs.count")
lab = Lab.open(settings())
lab.claim(CountRequest(to=2))
lab.registry.start(lab.claim(CountRequest(to=3))[0].id)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def url(postgres: Postgres) -> str:
    return postgres.database()


@pytest.fixture
def open_front(tmp_path: Path, url: str) -> Iterator[Callable[[], Lab]]:
    """Each with a folder of its own, as on another machine."""
    labs: list[Lab] = []

    def make() -> Lab:
        labs.append(Lab.open(Settings(home=tmp_path / str(len(labs)), database=url)))
        return labs[-1]

    yield make
    for lab in labs:
        lab.registry.close()


@contextmanager
def front_elsewhere(home: Path, url: str) -> Iterator[subprocess.Popen[str]]:
    """A server's process, which has a run that waits and one that runs."""
    env = {**os.environ, "GRIDCAST_HOME": str(home), "GRIDCAST_DATABASE": url}
    with subprocess.Popen(
        [sys.executable, "-c", FRONT], env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as front:
        try:
            assert front.stdout
            assert front.stdout.readline() == "ready\n"
            yield front
        finally:
            front.kill()


def test_runs_of_a_front_that_is_killed_are_taken_over_and_nobody_elses(
    open_front: Callable[[], Lab], tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_owner, "RETURN_SECONDS", 1.0)
    one, two = open_front(), open_front()
    two.registry.start(two.claim(OTHER)[0].id)
    with front_elsewhere(tmp_path / "elsewhere", url) as front:
        assert [run.alive for run in one.runs()] == [True] * 3
        assert adopt(one.registry) == []
        front.send_signal(signal.SIGKILL)
        front.wait()
        until(lambda: one.look(key_of(RAN)).state is State.INTERRUPTED)  # type: ignore[union-attr]
    before = one.registry.several(map(key_of, (WAITS, RAN, OTHER)))
    assert one.runs()
    assert one.registry.several(map(key_of, (WAITS, RAN, OTHER))) == before  # a look changes nothing
    assert [run.id for run in adopt(one.registry)] == [key_of(WAITS)]
    assert adopt(two.registry) == []
    ran, other = one.registry.find(key_of(RAN)), one.registry.find(key_of(OTHER))
    assert (ran.state, ran.error) == (State.INTERRUPTED, INTERRUPTED)
    assert (other.state, other.owner) == (State.RUNNING, two.registry.owner.name)


def test_whoever_loses_the_connection_alone_takes_the_lock_again_and_is_not_taken_for_gone(
    open_front: Callable[[], Lab], postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_owner, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(server_owner, "LOOK_SECONDS", 0.05)
    one, two = open_front(), open_front()
    owner = two.registry.owner
    assert one.registry.owner.lives(owner.name)

    def holder() -> list[tuple[object, ...]]:
        key = server_owner._key(owner.name)
        return postgres.ask(
            f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint << 32 | objid::bigint = {key}"
        )

    [before] = holder()
    postgres.ask(f"SELECT pg_terminate_backend({before[0]})")
    until(lambda: before not in holder())
    assert one.registry.owner.lives(owner.name)
    until(holder)
    with monkeypatch.context() as at_once:
        at_once.setattr(server_owner, "RETURN_SECONDS", 0.0)
        assert one.registry.owner.lives(owner.name)
        owner.release()
        assert not one.registry.owner.lives(owner.name)


def test_nobody_counts_as_gone_because_the_server_was(
    open_front: Callable[[], Lab], postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_owner, "FRESH_SECONDS", 0.0)
    fronts = [open_front() for _ in range(3)]
    for number, lab in enumerate(fronts):
        lab.registry.start(lab.claim(CountRequest(to=10 + number))[0].id)
    asleep = fronts[-1].registry.owner  # comes back last
    monkeypatch.setattr(asleep, "_locked", lambda: int("not yet"))
    postgres.stop()
    for lab in fronts:
        with pytest.raises(DatabaseError, match="does not answer"):
            lab.runs()
    postgres.start()
    fresh = open_front()  # has seen nobody before
    ours = [key_of(CountRequest(to=10 + number)) for number in range(3)]
    assert {run.state for lab in (*fronts, fresh) for run in lab.several(ours).values()} == {State.RUNNING}
    assert [adopt(lab.registry) for lab in (*fronts, fresh)] == [[]] * 4
    until(lambda: postgres.ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(3,)])


def test_who_has_lost_the_own_lock_says_nothing_of_others(
    open_front: Callable[[], Lab], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as after the database has moved to another server, which knows no locks."""
    monkeypatch.setattr(server_owner, "RETURN_SECONDS", 0.0)
    owner = open_front().registry.owner
    assert not owner.lives("0" * 32)
    owner.release()
    owner._gone.clear()  # type: ignore[attr-defined]
    assert owner.lives("0" * 32)
