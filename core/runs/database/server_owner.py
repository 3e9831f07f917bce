"""An owner that holds an advisory lock of a PostgreSQL server: it ends with its connection, so with its process or its machine.

Who looks for the lock reads the server's list of locks, which changes nothing. A lock is lost while the server is away, or the
network between, so that whoever held it is looked for again, for some seconds, before it counts as gone.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from contextlib import suppress
from typing import Any

from core.runs.database.refusals import sentence_of
from core.runs.database.server import SILENT_SECONDS, Server
from core.system.events import LOGGER, event

RETURN_SECONDS = 10.0  # for which an owner is expected back whose lock is gone
LOOK_SECONDS = 1.0  # between two looks at one's own connection
FRESH_SECONDS = 0.5  # for which an answer about another owner is believed
# The server finds out, too, that a process has lost its machine or its network: then no connection is closed.
KEEPALIVE = f"""
    SET tcp_keepalives_idle = 2; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 2;
    SET tcp_user_timeout = {1000 * SILENT_SECONDS}"""
TAKE = "SELECT pg_try_advisory_lock(%s)"
SEEK = """
    WITH locks AS (
        SELECT classid::bigint << 32 | objid::bigint AS key FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1
        AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
    SELECT %s IN (SELECT key FROM locks), %s IN (SELECT key FROM locks),
        extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float"""


def _key(name: str) -> int:
    """Of an owner's lock: a bigint."""
    return int.from_bytes(bytes.fromhex(name)[:8], signed=True)


class ServerOwner:
    """Of one process. Its connection is one beside the pool's, used by a thread of its own alone."""

    def __init__(self, database: Server) -> None:
        self.name = uuid.uuid4().hex
        self._database = database
        self._connection = self._locked()
        self._answers: dict[str, tuple[float, bool]] = {}  # by name: when it was asked for, and whether it lives
        self._seen: dict[str, float] = {}  # by name: when it held its lock
        self._returned = time.monotonic() - RETURN_SECONDS  # when this process had its own lock again after an outage
        self._released = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="owner", daemon=True)
        self._thread.start()

    def release(self) -> None:
        self._released.set()
        self._thread.join(2 * LOOK_SECONDS)  # longer only where the server does not answer: it will notice

    def lives(self, name: str) -> bool:
        """DatabaseError where the server does not answer."""
        if name == self.name:
            return not self._released.is_set()
        if not name:
            return False
        now = time.monotonic()
        asked, answer = self._answers.get(name, (now - FRESH_SECONDS, False))
        if now - asked >= FRESH_SECONDS:
            answer = self._seek(name, now)
            self._answers[name] = now, answer
        return answer

    def _seek(self, name: str, now: float) -> bool:
        with self._database.connection_context():
            held, own, up_seconds = self._database.execute_sql(SEEK, (_key(name), _key(self.name))).fetchone()
        if held:
            self._seen[name] = now
        if held or not own:  # a server that has lost our lock, too, says nothing about the others
            return True
        lost = min(up_seconds, now - self._returned, now - self._seen.get(name, now - RETURN_SECONDS))
        return lost < RETURN_SECONDS

    def _locked(self) -> Any:
        """A connection that holds this name's lock."""
        connection = self._database.connection_alone()
        try:
            connection.execute(KEEPALIVE)
            if not connection.execute(TAKE, (_key(self.name),)).fetchone()[0]:
                raise TimeoutError("the server still holds the lock for the connection that was lost")
        except BaseException:
            connection.close()
            raise
        return connection

    def _keep(self) -> None:
        """Hold the lock until it is released; taken again whenever the connection is lost."""
        lost: float | None = None
        while not self._released.wait(LOOK_SECONDS):
            try:
                if lost is None:
                    self._connection.execute("SELECT 1")
                else:
                    self._connection = self._locked()
                    event("database is back", {"seconds": time.monotonic() - lost})
                    lost, self._returned = None, time.monotonic()
            except Exception as error:  # of any kind: whoever stops trying is taken for gone
                if lost is None:
                    lost = time.monotonic()
                    self._connection.close()
                    event("database is away", {"reason": sentence_of(error) or type(error).__name__}, logging.WARNING)
                    LOGGER.debug("the owner's connection is lost", exc_info=error)
        with suppress(Exception):
            self._connection.execute("SELECT pg_advisory_unlock_all()")  # at once: a closed connection takes a moment
        self._connection.close()
