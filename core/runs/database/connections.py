"""The database of a lab, its connections kept for the next query: opening one costs five times what most queries do.

Threads come and go with every look of a visitor, so connections are kept by the lab and lent to a thread for one query. Every
query is asked inside `connection_context`, which tells what the database refuses in one sentence (`refusals`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import peewee as pw
from playhouse.db_url import parse
from playhouse.pool import PooledDatabase, PooledSqliteDatabase

from core.runs.database.file import DatabaseFile
from core.runs.database.pool import Pool
from core.runs.database.server import Server

PRAGMAS = {"journal_mode": "wal", "busy_timeout": 10_000, "synchronous": "normal"}
MOST = 32  # connections at once; a thread that finds none free waits
WAIT_SECONDS = 30


class _File(Pool, PooledSqliteDatabase):  # type: ignore[misc]
    """An SQLite file. One that is deleted while the lab runs is made anew, with its tables; so are tables that are dropped."""

    def __init__(self, path: str, **options: Any) -> None:
        self.file = DatabaseFile()
        super().__init__(path, check_same_thread=False, max_connections=MOST, timeout=WAIT_SECONDS, **options)

    def _connect(self) -> Any:
        with self._pool_lock:
            if self.file.was_replaced(self.database):
                self.close_idle()  # they go on writing to a file that nobody else sees
            connection = super()._connect()
            self.file.opened(self.database, connection)
            return connection

    def make_missing(self) -> None:
        self.file.make_tables(self.database)


def database(folder: Path, url: str | None = None) -> pw.Database:
    """SQLite in the lab's folder, or what a database URL names ("postgresql://…"). Nothing is opened before the first query."""
    if url is None:
        return _File(str(folder / "gridcast.db"), pragmas=PRAGMAS)
    if url.partition("://")[0] == "sqlite":
        return _File(parse(url)["database"])
    return Server(url)


def learn_tables(database: pw.Database, make_tables: Callable[[], object]) -> None:
    """Within a connection, once all tables are there: what is lost while the lab runs is made again."""
    if isinstance(database, _File):
        database.file.learn(database.connection())
    elif isinstance(database, Server):
        database.make_tables = make_tables


@contextmanager
def alone(database: pw.Database, what: str) -> Iterator[None]:
    """Nobody else does the same at the same time, as a transaction of a server; SQLite lets one write at a time anyway."""
    if not isinstance(database, Server):
        yield
        return
    with database.atomic():
        database.execute_sql("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"gridcast {what}",))
        yield


def close(database: pw.Database) -> None:
    """Release every connection; the next query opens one anew."""
    if isinstance(database, PooledDatabase):
        database.close_all()
    else:
        database.close()
