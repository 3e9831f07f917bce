"""A PostgreSQL server: a bounded pool of connections to it, and what every connection expects of the network.

Connections are few, because a query takes milliseconds and all processes of a lab share what the server grants. One that the
server has closed is noticed before it is lent. While the server does not answer, one thread at a time tries to reach it.
"""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Callable
from typing import Any

import peewee as pw
from playhouse.db_url import parse
from playhouse.pool import MaxConnectionsExceeded, PooledDatabase, PooledPostgresqlDatabase

from core.errors import DatabaseError
from core.runs.database.pool import Pool
from core.runs.database.refusals import NO_DRIVER, TOO_MANY, refusal_of

MOST = 8  # connections of a process at once, beside the one of its owner's lock; a thread that finds none free waits
KEPT = 2  # of those, so many stay open while nobody needs them: other processes may
WAIT_SECONDS = 30
PAUSE_SECONDS = 0.2  # between two tries for a connection that other programs have; for another thread's try
STALE_SECONDS = 300  # after which one is opened anew: a firewall closes those that rest
SILENT_SECONDS = 6  # after which what was sent and not acknowledged is given up
LOCKED_SECONDS = 10  # after which a query gives up that another program keeps waiting
OPTIONS = {
    "application_name": "gridcast",  # in the server's own lists
    "connect_timeout": 5, "tcp_user_timeout": 1000 * SILENT_SECONDS,
    "keepalives_idle": 2, "keepalives_interval": 2, "keepalives_count": 2,
}  # fmt: skip
# The server finds out, too, that a process has lost its machine or its network: then no connection is closed.
ON_SERVER = (
    f"-c lock_timeout={1000 * LOCKED_SECONDS} -c tcp_user_timeout={1000 * SILENT_SECONDS} "
    "-c tcp_keepalives_idle=2 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=2"
)


class Server(Pool, PooledPostgresqlDatabase):  # type: ignore[misc]
    """Every query is asked inside `connection_context`, which raises DatabaseError where the database does not answer."""

    def __init__(self, url: str) -> None:
        """`url` as GRIDCAST_DATABASE gives it. Nothing is opened before the first query."""
        if pw.psycopg is None:  # type: ignore[attr-defined]
            raise DatabaseError(NO_DRIVER.sentence)
        self.make_tables: Callable[[], object] = lambda: None  # those that have been dropped
        self._failure, self._failures = "", 0  # why the latest attempt to open a connection failed; how many have
        self._refused_until = 0.0  # when the server is asked for a further connection again
        self._trying = threading.Lock()  # after one that has
        self._before = threading.local()  # how many had when this thread began to wait
        options = OPTIONS | parse(url, unquote_password=True, unquote_user=True)
        options["options"] = " ".join(filter(None, (ON_SERVER, options.get("options"))))
        lent = {"max_connections": MOST, "timeout": WAIT_SECONDS, "stale_timeout": STALE_SECONDS}
        super().__init__(**options, **lent, prefer_psycopg3=True)

    def connection_alone(self) -> Any:
        """A connection of psycopg's own, outside the pool; waited for where the server has none left."""
        until = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                return super(PooledDatabase, self)._connect()  # type: ignore[misc]
            except Exception as error:
                if refusal_of(error) is not TOO_MANY or time.monotonic() > until:
                    raise
                time.sleep(PAUSE_SECONDS)

    def connect(self, reuse_if_open: bool = False) -> bool:
        self._before.failures = self._failures
        if not self._failure:
            return bool(super().connect(reuse_if_open))
        if not self._trying.acquire(timeout=PAUSE_SECONDS):
            raise pw.OperationalError(self._failure)  # who looks while another thread tries is not kept waiting
        try:
            return bool(super().connect(reuse_if_open))
        finally:
            self._trying.release()

    def _connect(self) -> Any:
        if self._failure and self._failures != self._before.failures:
            raise pw.OperationalError(self._failure)  # what failed while this thread waited
        if time.monotonic() < self._refused_until and self._in_use and not self._connections:
            raise MaxConnectionsExceeded  # one of our own will be free before the server grants another
        try:
            connection = super()._connect()
        except MaxConnectionsExceeded:
            raise
        except Exception as error:
            if refusal_of(error) is TOO_MANY:  # other programs have the rest: wait as for one of our own
                self._failure, self._refused_until = "", time.monotonic() + PAUSE_SECONDS
                raise MaxConnectionsExceeded(str(error)) from error
            self._failure, self._failures = str(error), self._failures + 1
            raise
        self._failure = ""
        return connection

    def _is_closed(self, connection: Any) -> bool:
        """Without a question: nothing may be there to read on a connection that has asked nothing but that it is closed."""
        if not connection.closed:
            looking = select.poll()
            looking.register(connection.fileno(), select.POLLIN)
            if not looking.poll(0):
                return False
        connection.close()  # the pool only drops it
        return True

    def _can_reuse(self, connection: Any) -> bool:
        return len(self._connections) < KEPT and super()._can_reuse(connection)

    def make_missing(self) -> None:
        if self.is_closed():
            self.make_tables()
