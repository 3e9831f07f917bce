from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from core.errors import DatabaseError
from core.runs.database import connections
from core.runs.lab import Lab
from core.settings import Settings
from tests.runs.count import CountRequest


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[sqlite3.Connection]:
    """Every connection that is opened from now on."""
    made: list[sqlite3.Connection] = []
    plain = sqlite3.connect

    def counted(*words: object, **options: object) -> sqlite3.Connection:
        made.append(plain(*words, **options))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr("peewee.sqlite3.connect", counted)
    return made


def is_open(connection: sqlite3.Connection) -> bool:
    try:
        return connection.execute("select 1").fetchone() == (1,)
    except sqlite3.ProgrammingError:
        return False


def test_one_connection_serves_query_after_query_whatever_thread_asks(lab: Lab, opened: list[sqlite3.Connection]) -> None:
    run, _ = lab.claim(CountRequest(to=3))
    before = len(opened)
    for _ in range(20):
        with ThreadPoolExecutor(1) as thread:  # a new one every time, as for every look of a visitor
            assert thread.submit(lab.look, run.id).result() == run
    assert len(opened) == before


def test_more_threads_than_connections_wait_for_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST", 2)
    lab = Lab.open(Settings(home=tmp_path, database=None))
    run, _ = lab.claim(CountRequest(to=3))
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(lab.registry.get, [run.id] * 100)) == {run}
    lab.registry.close()


def test_a_closed_registry_keeps_no_connection_open(tmp_path: Path, opened: list[sqlite3.Connection]) -> None:
    lab = Lab.open(Settings(home=tmp_path, database=None))
    lab.claim(CountRequest(to=3))
    assert any(map(is_open, opened))
    lab.registry.close()
    assert not any(map(is_open, opened))


def test_a_database_named_by_its_url_is_used_the_same_way(tmp_path: Path, opened: list[sqlite3.Connection]) -> None:
    lab = Lab.open(Settings(home=tmp_path, database=f"sqlite:///{tmp_path}/other.db"))
    run, _ = lab.claim(CountRequest(to=3))
    before = len(opened)
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(lab.look, run.id).result() == run
    assert len(opened) == before
    lab.registry.close()


@pytest.mark.parametrize("also", [(), ("-wal", "-shm")])
def test_a_database_that_is_deleted_is_made_anew_with_its_tables(lab: Lab, tmp_path: Path, also: tuple[str, ...]) -> None:
    lab.claim(CountRequest(to=3))
    for ending in ("", *also):
        (tmp_path / "home" / f"gridcast.db{ending}").unlink()
    assert lab.runs() == []
    run, _ = lab.claim(CountRequest(to=4))
    assert Lab.open(Settings(home=tmp_path / "home", database=None)).runs() == [run]  # another process sees the same


@pytest.mark.parametrize("table", ["run", "event", "engine"])
def test_a_table_that_is_dropped_is_made_anew(lab: Lab, tmp_path: Path, table: str) -> None:
    lab.registry._db.execute_sql(f"DROP TABLE {table}")
    for look in (lab.runs, lab.registry.engines.all, partial(lab.registry.numbers, "a")):
        with suppress(DatabaseError):  # whoever comes first
            look()
    run, _ = lab.claim(CountRequest(to=4))
    assert lab.runs() == [run]
    assert (lab.registry.engines.all(), lab.registry.numbers(run.id)) == ([], [])
