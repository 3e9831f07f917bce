"""What a database says when it does not answer, told in one sentence: the cause, and what to do about it.

A row a cause, known by words of SQLite and PostgreSQL. No sentence holds a path, an address or a password: visitors see it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import peewee as pw
from playhouse.pool import MaxConnectionsExceeded

from core.errors import DatabaseError

PLACE, SETTING = "the lab's database", "GRIDCAST_DATABASE"


@dataclass(frozen=True)
class Refusal:
    """One cause: the words by which it is recognised, in lower case, and what is said of it."""

    words: tuple[str, ...]
    sentence: str


NO_DATABASE = Refusal(
    (r'database ".*" does not exist',),
    f"the server has no database of that name; create it with createdb, or correct {SETTING}",
)
NO_TABLES = Refusal(
    (r"no such table", r"no such column", r'(relation|column) ".*" does not exist'),
    f"{PLACE} has lost its tables: it was replaced or emptied while the lab ran; try again, or start the lab again",
)
LOCKED = Refusal(
    (r"is locked", r"deadlock detected", r"lock timeout", r"could not obtain lock"),
    f"{PLACE} is locked: another program keeps writing to it; end that program, or try again in a moment",
)
FULL = Refusal(
    (r"is full", r"no space left", r"could not extend file", r"disk full"),
    f"{PLACE} cannot grow, because its disk is full; make room there and try again",
)
DAMAGED = Refusal(
    (r"malformed", r"not a database", r"file is encrypted", r"invalid page", r"unsupported file format"),
    f"{PLACE} is damaged; put back a copy of gridcast.db, or move the file away and start the lab again with an empty one",
)
DISK = Refusal(
    (r"disk i/o error", r"input/output error"), f"the disk of {PLACE} reports an error; check it, then start the lab again"
)
READ_ONLY = Refusal(
    (r"readonly database", r"read-only", r"permission denied"),
    f"{PLACE} cannot be written to; give this account the right to write there, or set GRIDCAST_HOME to another folder",
)
NO_RIGHT = Refusal(
    (r"permission denied for", r"read-only transaction", r"no schema has been selected"),
    f"the user of {SETTING} may not write to that database; make it the owner there, on a server that takes writes",
)
NOT_OPENED = Refusal(
    (r"unable to open database",),
    f"the file of {PLACE} cannot be opened; see that its folder exists and that this account may write there",
)
REFUSED = Refusal(
    (r"authentication failed", r"no password supplied", r'role ".*" does not exist', r"no pg_hba\.conf entry"),
    f"the database server refuses the user or the password of {SETTING}; correct them",
)
TOO_MANY = Refusal(
    (r"too many (clients|connections)", r"remaining connection slots", r"max(imum)? connections"),
    f"{PLACE} has no connection left for this server; try again in a moment, or let it have more (max_connections)",
)
NO_HOST = Refusal(
    (r"could not translate host", r"name or service not known", r"name resolution"),
    f"there is no host of the name that {SETTING} gives; correct it",
)
NO_DRIVER = Refusal(
    (r"not installed", r"no module named", r"driver not found"),
    f'the database of {SETTING} needs a driver that is not installed: pip install "psycopg[binary]"',
)
NO_OPTION = Refusal(
    (r"invalid (dsn|connection option|uri)", r"invalid sslmode"),
    f"{SETTING} has an option that PostgreSQL does not know; correct what follows the question mark",
)
NO_TLS = Refusal(
    (
        r"does not support ssl",
        r"root certificate file",
        r"certificate verify failed",
        r"server certificate for .* does not match",
    ),
    f"the database server has no certificate that {SETTING} accepts; give it one, name its authority (sslrootcert), or "
    "correct sslmode",
)
AWAY = Refusal(
    (
        r"connection refused", r"could not connect", r"connection to server .* failed", r"no route to host", r"timeout expired",
        r"unreachable", r"server closed the connection", r"terminating connection", r"connection reset", r"broken pipe",
        r"starting up", r"shutting down", r"recovery mode", r"(connection|cursor) already closed", r"closed database",
        r"connection has been closed", r"no such file or directory", r"ssl syscall error", r"unexpected eof",
    ),
    f"{PLACE} does not answer; start its server again, or correct {SETTING}",
)  # fmt: skip

ROWS = (  # the first that fits counts
    NO_DATABASE, NO_TABLES, LOCKED, DAMAGED, REFUSED, TOO_MANY, NO_HOST, NO_OPTION, NO_DRIVER, NO_TLS, NO_RIGHT, READ_ONLY,
    NOT_OPENED, DISK, AWAY, FULL,
)  # fmt: skip


def refusal_of(error: BaseException) -> Refusal | None:
    """The row of what a driver has raised; None where it is none of them."""
    text = str(error).lower()
    return next((row for row in ROWS if any(re.search(words, text) for words in row.words)), None)


def sentence_of(error: BaseException) -> str | None:
    """What is said of an error out of a block that queries; None for what is not the database's doing, such as a defect."""
    if not _of_driver(error) or isinstance(error, (pw.IntegrityError, pw.DataError)):
        return None
    row = refusal_of(error)
    if row is None and isinstance(error, (pw.ProgrammingError, sqlite3.ProgrammingError)):
        return None  # a query that cannot be right: a defect
    return row.sentence if row else f"{PLACE} does not answer ({type(error).__name__}); try again, or start the lab again"


@contextmanager
def told() -> Iterator[None]:
    """DatabaseError with its sentence where what is done inside falls to a database that does not answer."""
    try:
        yield
    except Exception as error:
        if (sentence := sentence_of(error)) is None:
            raise
        raise DatabaseError(sentence) from error


def _of_driver(error: BaseException) -> bool:
    known = isinstance(error, (pw.PeeweeException, sqlite3.Error, MaxConnectionsExceeded))
    return known or type(error).__module__.partition(".")[0] in ("psycopg", "psycopg2")
