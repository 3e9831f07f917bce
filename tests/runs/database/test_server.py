"""The connections to a real PostgreSQL server: how many, how long one waits, what is told meanwhile."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import peewee as pw
import psycopg
import pytest

from core.errors import DatabaseError
from core.runs.database import refusals, server
from core.runs.database.connections import alone
from core.runs.database.ledger import Trials
from core.runs.lab import Lab
from core.settings import Settings
from tests.postgres import PASSWORD, Postgres
from tests.runs.count import CountRequest
from tests.runs.survival import until

REQUEST = CountRequest(to=3)


@pytest.fixture
def database(postgres: Postgres) -> str:
    """Of every lab here."""
    return postgres.database()


@contextmanager
def others(url: str, number: int) -> Iterator[None]:
    """Other programs that hold so many connections."""
    held = [psycopg.connect(url) for _ in range(number)]
    try:
        yield
    finally:
        for connection in held:
            connection.close()


def sentence_of(ask: Callable[[], object]) -> str:
    with pytest.raises(DatabaseError) as told:
        ask()
    return str(told.value)


def test_sixty_readers_share_few_connections_and_wait_for_those_that_others_have(
    lab: Lab, postgres: Postgres, database: str
) -> None:
    run, _ = lab.claim(REQUEST)
    postgres.stop()
    postgres.start("-N10")
    try:
        until(lambda: postgres.ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(1,)])
        with others(database, 3), ThreadPoolExecutor(60) as readers:  # the server keeps 3, one has the lock, 3 are left
            assert set(readers.map(lab.registry.get, [run.id] * 600)) == {run}
        with ThreadPoolExecutor(60) as readers:
            assert set(readers.map(lab.registry.get, [run.id] * 600)) == {run}
        open_now = (
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"  # one closed goes a moment later
        )
        until(lambda: postgres.ask(open_now)[0][0] <= server.KEPT + 2)  # the lock's, and the one that asks
    finally:
        postgres.stop()
        postgres.start()


def test_a_server_that_grants_no_connection_for_too_long_is_told(
    lab: Lab, postgres: Postgres, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.registry._db._wait_timeout = 0.1
    monkeypatch.setattr(server, "WAIT_SECONDS", 0.1)
    postgres.stop()
    postgres.start("-N7")
    try:
        with others(database, 4):
            assert sentence_of(lab.runs) == refusals.TOO_MANY.sentence
            assert sentence_of(lambda: Lab.open(Settings(home=tmp_path, database=database))) == refusals.TOO_MANY.sentence
    finally:
        postgres.stop()
        postgres.start()
    assert lab.runs() == []  # that those of before are closed is seen without a question


def test_a_server_that_says_nothing_keeps_one_thread_waiting(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        options = {"host": "127.0.0.1", "port": silent.getsockname()[1], "connect_timeout": 2}
        monkeypatch.setattr(lab.registry._db, "connect_params", lab.registry._db.connect_params | options)
        lab.registry._db.close_idle()
        begun = time.monotonic()
        with ThreadPoolExecutor(20) as threads:
            told = set(threads.map(sentence_of, [lab.runs] * 20))
        assert told == {refusals.AWAY.sentence}
        assert time.monotonic() - begun < 20  # one after the other it would be 40


def test_a_table_that_another_program_keeps_locked_is_told(
    postgres: Postgres, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "ON_SERVER", "-c lock_timeout=100")
    lab = Lab.open(Settings(home=tmp_path, database=database))
    with psycopg.connect(database) as other:
        other.execute("LOCK TABLE run")
        assert sentence_of(lab.runs) == refusals.LOCKED.sentence
    assert lab.runs() == []
    lab.registry.close()


def test_the_server_ends_the_connections_of_a_machine_that_is_gone(
    lab: Lab, postgres: Postgres, database: str, tmp_path: Path
) -> None:
    """One that has lost its power or its network closes none."""
    with lab.registry._db.connection_context():
        for setting, value in (("tcp_keepalives_idle", "2"), ("tcp_user_timeout", "6000"), ("lock_timeout", "10s")):
            assert lab.registry._db.execute_sql(f"SHOW {setting}").fetchone() == (value,)
    by_socket = database.replace(f"127.0.0.1:{postgres.port}", "") + f"&host={postgres.folder.parent}&port={postgres.port}"
    near = Lab.open(Settings(home=tmp_path, database=by_socket))
    assert near.runs() == []
    near.registry.close()


def test_tables_that_are_dropped_are_made_anew(lab: Lab) -> None:
    with lab.registry._db.connection_context():
        lab.registry._db.execute_sql("DROP TABLE run, event")
    assert sentence_of(lab.runs) == refusals.NO_TABLES.sentence
    run, _ = lab.claim(REQUEST)
    assert (lab.runs(), lab.registry.numbers(run.id)) == ([run], [])


def test_many_who_open_an_empty_database_at_once_make_its_tables_once(postgres: Postgres, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database=postgres.database())
    with ThreadPoolExecutor(6) as threads:
        labs = list(threads.map(Lab.open, [settings] * 6))
    run, _ = labs[0].claim(REQUEST)
    assert [lab.runs() for lab in labs] == [[run]] * 6
    for lab in labs:
        lab.registry.close()


def test_the_rows_of_the_ledger_are_written_one_after_the_other(lab: Lab, open_lab: Callable[[], Lab]) -> None:
    """Else a row with a smaller number could come to light after it was read what had been tested until a larger one."""
    other = open_lab()
    writing = threading.Thread(target=other.registry.ledger.write, args=("b", 2.0, Trials(("model b",), ("data",))))
    database = lab.registry._db
    with database.connection_context(), alone(database, "ledger"):
        writing.start()
        waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        until(lambda: database.execute_sql(waits).fetchone() == (1,))
        assert lab.registry.ledger.tests_on(["data"]) == frozenset()
        assert lab.registry.ledger.write("a", 1.0, Trials(("model a",), ("data",)))
    writing.join()
    assert lab.registry.ledger.tests_until("a") == {"model a"}
    assert lab.registry.ledger.tests_until("b") == {"model a", "model b"}


def test_letters_that_postgresql_does_not_take_are_left_out(lab: Lab) -> None:
    run, _ = lab.claim(REQUEST)
    lab.registry.fail(run.id, "no \0 here")
    assert lab.registry.find(run.id).error == "no  here"


def test_what_is_wrong_with_an_address_is_told_without_the_password(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong, nowhere = postgres.url(password="geh/eim"), postgres.url().replace("/postgres", "/nowhere")
    assert sentence_of(lambda: Lab.open(Settings(home=tmp_path, database=wrong))) == refusals.REFUSED.sentence
    assert sentence_of(lambda: Lab.open(Settings(home=tmp_path, database=nowhere))) == refusals.NO_DATABASE.sentence
    for option in ("?unheard=of", "?sslmode=maybe"):
        settings = Settings(home=tmp_path, database=postgres.url(options=option))
        assert sentence_of(lambda: Lab.open(settings)) == refusals.NO_OPTION.sentence  # noqa: B023
    unsafe = Settings(home=tmp_path, database=postgres.url(options="?sslmode=require"))
    assert sentence_of(lambda: Lab.open(unsafe)) == refusals.NO_TLS.sentence
    postgres.ask("CREATE SCHEMA anothers")
    foreign = Settings(home=tmp_path, database=postgres.url(options="?options=-csearch_path%3Danothers"))
    assert sentence_of(lambda: Lab.open(foreign)) == refusals.NO_RIGHT.sentence
    monkeypatch.setattr(pw, "psycopg", None)
    assert sentence_of(lambda: Lab.open(Settings(home=tmp_path, database=wrong))) == refusals.NO_DRIVER.sentence
    sentences = {row.sentence for row in refusals.ROWS}
    assert not any(word in sentence for sentence in sentences for word in (PASSWORD, "geh/eim"))
