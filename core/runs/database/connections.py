"""The database of a lab, its connections kept for the next query: opening one costs five times what most queries do.

Threads come and go with every look of a visitor, so connections are kept by the lab and lent to a thread for one query.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import peewee as pw
from playhouse.db_url import connect, schemes
from playhouse.pool import PooledDatabase, PooledSqliteDatabase

PRAGMAS = {"journal_mode": "wal", "busy_timeout": 10_000, "synchronous": "normal"}
MOST = 32  # connections at once; a thread that finds none free waits
WAIT_SECONDS = 30
STALE_SECONDS = 300  # after which one is opened anew: a server of databases closes those that rest


def database(folder: Path, url: str | None = None) -> pw.Database:
    """SQLite in the lab's folder, or what a database URL names ("postgresql://…"). Nothing is opened before the first query."""
    lent: dict[str, Any] = {"max_connections": MOST, "timeout": WAIT_SECONDS, "stale_timeout": STALE_SECONDS}
    of_any_thread = {"check_same_thread": False}
    if url is None:
        return PooledSqliteDatabase(str(folder / "gridcast.db"), pragmas=PRAGMAS, **of_any_thread, **lent)
    scheme, _, rest = url.partition("://")
    if not issubclass(schemes.get(f"{scheme}+pool", object), PooledDatabase):
        return connect(url)
    return connect(f"{scheme}+pool://{rest}", **lent, **(of_any_thread if scheme == "sqlite" else {}))


def close(database: pw.Database) -> None:
    """Release every connection; the next query opens one anew."""
    if isinstance(database, PooledDatabase):
        database.close_all()
    else:
        database.close()
