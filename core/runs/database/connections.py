"""The database of a lab, its connections kept for the next query: opening one costs five times what most queries do.

Threads come and go with every look of a visitor, so connections are kept by the lab and lent to a thread for one query. Every
query is asked inside `connection_context`, which tells what the database refuses in one sentence (`refusals`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import peewee as pw
from playhouse.db_url import parse, schemes
from playhouse.pool import MaxConnectionsExceeded, PooledDatabase, PooledSqliteDatabase

from core.errors import DatabaseError
from core.runs.database.file import DatabaseFile
from core.runs.database.refusals import NO_TABLES, TOO_MANY, refusal_of, told

PRAGMAS = {"journal_mode": "wal", "busy_timeout": 10_000, "synchronous": "normal"}
MOST = 32  # connections at once; a thread that finds none free waits
WAIT_SECONDS = 30
CONNECT_SECONDS = 10  # for a server that says nothing
STALE_SECONDS = 300  # after which one is opened anew: a server of databases closes those that rest


@cache
def _answering(kind: type[pw.Database]) -> type[pw.Database]:
    """A kind of peewee's pools whose `connection_context` raises DatabaseError where the database does not answer. A file that
    is deleted while the lab runs is made anew, with its tables, and so are tables that are dropped."""
    sqlite = issubclass(kind, pw.SqliteDatabase)

    class Answering(kind):  # type: ignore[misc, valid-type]
        def __init__(self, *words: Any, **options: Any) -> None:
            self.file = DatabaseFile()
            super().__init__(*words, **options)

        def _connect(self) -> Any:
            try:
                return self._connected_to_file() if sqlite else super()._connect()
            except Exception as error:
                if refusal_of(error) is TOO_MANY:  # other programs have the rest: wait as for one of our own
                    raise MaxConnectionsExceeded(str(error)) from error
                raise

        def _connected_to_file(self) -> Any:
            with self._pool_lock:
                if self.file.was_replaced(self.database):
                    self.close_idle()  # they go on writing to a file that nobody else sees
                connection = super()._connect()
                self.file.opened(self.database, connection)
                return connection

        @contextmanager
        def connection_context(self) -> Iterator[None]:
            try:
                with told(), super().connection_context():
                    yield
            except DatabaseError as error:
                self.close_idle()  # after an outage all of them are dead
                if sqlite and refusal_of(error.__cause__ or error) is NO_TABLES:
                    self.file.make_tables(self.database)
                raise

    return Answering


def database(folder: Path, url: str | None = None) -> pw.Database:
    """SQLite in the lab's folder, or what a database URL names ("postgresql://…"). Nothing is opened before the first query."""
    lent: dict[str, Any] = {"max_connections": MOST, "timeout": WAIT_SECONDS, "stale_timeout": STALE_SECONDS}
    of_any_thread = {"check_same_thread": False}
    if url is None:
        return _answering(PooledSqliteDatabase)(str(folder / "gridcast.db"), pragmas=PRAGMAS, **of_any_thread, **lent)
    scheme = url.partition("://")[0]
    own = of_any_thread if scheme == "sqlite" else {"connect_timeout": CONNECT_SECONDS}
    options = own | parse(url, unquote_password=True, unquote_user=True) | lent
    return _answering(schemes[f"{scheme}+pool"])(**options)


def learn_tables(database: pw.Database) -> None:
    """Keep what tables there are, within a connection: for a file that is deleted while the lab runs."""
    if isinstance(file := getattr(database, "file", None), DatabaseFile) and isinstance(database, pw.SqliteDatabase):
        file.learn(database.connection())


def close(database: pw.Database) -> None:
    """Release every connection; the next query opens one anew."""
    if isinstance(database, PooledDatabase):
        database.close_all()
    else:
        database.close()
