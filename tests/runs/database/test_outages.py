"""A run goes on while its database does not answer, and how it ended is told when it answers again: a real server that is
stopped at once and started, a real file that another program locks."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.errors import DatabaseError
from core.runs.database import connections
from core.runs.database.refusals import AWAY, LOCKED, Refusal
from core.runs.lab import Lab
from core.runs.recovery.outages import patiently
from core.runs.registry import State
from core.runs.request import key_of
from tests.postgres import Postgres
from tests.runs.count import CountRequest
from tests.runs.survival import until

REQUEST = CountRequest(to=4, pause=0.2)
TRIES = 4  # to write down that it began, which was done, and how it ended, all in vain


@contextmanager
def stopped(server: Postgres) -> Iterator[Refusal]:
    server.stop()
    try:
        yield AWAY
    finally:
        server.start()


@contextmanager
def locked(file: Path) -> Iterator[Refusal]:
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield LOCKED
    finally:
        other.execute("ROLLBACK")
        other.close()


@pytest.fixture
def away(
    database: str | None, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], AbstractContextManager[Refusal]]:
    """Takes the lab's database away for a while, and says what is told meanwhile."""
    if database is not None:
        return lambda: stopped(request.getfixturevalue("postgres"))
    monkeypatch.setitem(connections.PRAGMAS, "busy_timeout", 100)
    return lambda: locked(tmp_path / "home" / "gridcast.db")


@pytest.mark.databases
def test_a_run_whose_last_words_fall_into_an_outage_is_done_when_it_is_over(
    away: Callable[[], AbstractContextManager[Refusal]], open_lab: Callable[[], Lab], monkeypatch: pytest.MonkeyPatch
) -> None:
    lab, other = open_lab(), open_lab()
    begun, tries = threading.Event(), list[object]()

    def counted(do: Callable[[], object], *words: Any, **more: Any) -> object:
        return patiently(lambda: (tries.append(do), do())[1], *words, **more)

    monkeypatch.setattr("core.runs.lab.patiently", counted)
    running = threading.Thread(target=lambda: [begun.set() for _ in lab.iterate(REQUEST)])
    running.start()
    assert begun.wait(30)
    with away() as refusal:
        with pytest.raises(DatabaseError) as told:
            other.claim(CountRequest(to=5))
        assert str(told.value) == refusal.sentence
        until(lambda: len(tries) > TRIES, tries)
    running.join(30)
    done = other.registry.find(key_of(REQUEST))
    assert (done.state, done.attempt, done.scores) == (State.DONE, 1, {"total": 4})
    assert other.look(done.id) == done
    assert done.result in other.store
