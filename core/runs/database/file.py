"""The file of an SQLite database: which one is open, and what it needs when it has been deleted meanwhile.

A connection goes on writing to a file that has been deleted or replaced, and nobody else ever sees that. A new connection makes
a new file, which has no tables.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from core.system.events import event

BESIDE = ("-wal", "-shm")  # what SQLite keeps beside the file; of a deleted one it must not be read into the next


class DatabaseFile:
    """Of one pool of connections, which holds its own lock while it asks."""

    def __init__(self) -> None:
        self._tables: list[str] = []  # as SQL
        self._open: tuple[int, int] | None = None

    def learn(self, connection: sqlite3.Connection) -> None:
        """Keep the tables that are there, to make them again."""
        rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
        self._tables = [sql for (sql,) in rows]

    def was_replaced(self, path: str) -> bool:
        """Whether the file is not the one that was opened."""
        now = _identity(path)
        if self._open is None or now == self._open:
            return False
        self._open = None
        if now is None:
            event("database made anew", {"reason": "its file has been deleted"}, logging.WARNING)
            for ending in BESIDE:
                with suppress(OSError):
                    Path(path + ending).unlink()
        return True

    def opened(self, path: str, connection: sqlite3.Connection) -> None:
        """After a connection was opened: a file without tables is given those that the deleted one had."""
        if self._open is not None:
            return
        if self._tables and connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone() == (0,):
            self._make(connection)
        self._open = _identity(path)

    def make_tables(self, path: str) -> None:
        """Make again the tables that are gone from the file."""
        event("tables made anew", {"reason": "they have been dropped"}, logging.WARNING)
        with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as connection:
            self._make(connection)

    def _make(self, connection: sqlite3.Connection) -> None:
        for sql in self._tables:
            with suppress(sqlite3.OperationalError):  # it is there, or another process makes the same
                connection.execute(sql)
        connection.commit()


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
