"""An owner that holds an advisory lock of a PostgreSQL server: it ends with its connection, so with its process or its machine.

Who looks for the lock reads the server's list of locks, which changes nothing. A lock is lost, too, while the server is away or
the network between, so an owner that held it a moment ago is given some seconds to take it again before it counts as gone.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
import uuid
from contextlib import suppress
from typing import Any

from core.runs.database.refusals import sentence_of
from core.runs.database.server import Server
from core.system.events import LOGGER, event

RETURN_SECONDS = 10.0  # for which an owner is expected back whose lock is gone
LOOK_SECONDS = 1.0  # between two looks at the locks that are held
FRESH_SECONDS = 0.5  # for which it is believed that an owner is gone
TAKE = "SELECT pg_try_advisory_lock(%s)"
HELD = """
    SELECT classid::bigint << 32 | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
UP_SECONDS = "SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float"


def _key(name: str) -> int:
    """Of an owner's lock: a bigint."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


class ServerOwner:
    """Of one process. Its connection is one beside the pool's, used by a thread of its own alone."""

    def __init__(self, database: Server) -> None:
        self.name = uuid.uuid4().hex
        self._database = database
        self._connection = self._locked()
        self._seen: dict[int, float] = {}  # when a lock was held, by its key
        self._gone: dict[str, float] = {}  # when an owner was gone, by name
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
        if now - self._seen.get(_key(name), now - RETURN_SECONDS) < RETURN_SECONDS:
            return True
        if now - self._gone.get(name, now - FRESH_SECONDS) < FRESH_SECONDS:
            return False
        if not self._is_gone(name, now):
            return True
        self._gone = {one: then for one, then in self._gone.items() if now - then < FRESH_SECONDS} | {name: now}
        return False

    def _is_gone(self, name: str, now: float) -> bool:
        with self._database.connection_context():
            held = {key for (key,) in self._database.execute_sql(HELD)}
            [up_seconds] = self._database.execute_sql(UP_SECONDS).fetchone()
        if _key(self.name) not in held:
            return False  # a server that has lost our own lock, too, says nothing about the others
        return _key(name) not in held and min(up_seconds, now - self._returned) >= RETURN_SECONDS

    def _locked(self) -> Any:
        """A connection that holds this name's lock."""
        connection = self._database.connection_alone()
        try:
            if not connection.execute(TAKE, (_key(self.name),)).fetchone()[0]:
                raise TimeoutError("the server still holds the lock for the connection that was lost")
        except BaseException:
            connection.close()
            raise
        return connection

    def _look(self) -> None:
        keys, now = [key for (key,) in self._connection.execute(HELD)], time.monotonic()
        lately = {key: seen for key, seen in self._seen.items() if now - seen < RETURN_SECONDS}
        self._seen = lately | dict.fromkeys(keys, now)

    def _keep(self) -> None:
        """Hold the lock until it is released; taken again whenever the connection is lost."""
        lost: float | None = None
        while not self._released.wait(LOOK_SECONDS):
            try:
                if lost is None:
                    self._look()
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
