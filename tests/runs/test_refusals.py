"""What a database refuses is told in one sentence: real files of SQLite for each cause, PostgreSQL's own words for the rest."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import peewee as pw
import pytest

from core.errors import DatabaseError, StoreError
from core.runs.database import connections, refusals
from core.runs.database.refusals import ROWS, sentence_of
from core.runs.lab import Lab
from core.settings import Settings
from tests.runs.count import CountRequest

SAID = {  # by libpq 15 and PostgreSQL 15, and peewee
    'connection to server at "h" (10.0.0.1), port 5432 failed: Connection refused\n\tIs the server running?': refusals.AWAY,
    "server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally": refusals.AWAY,
    'connection to server at "h", port 5432 failed: FATAL:  the database system is starting up': refusals.AWAY,
    "connection already closed": refusals.AWAY,
    'connection to server at "h", port 5432 failed: FATAL:  sorry, too many clients already': refusals.TOO_MANY,
    "FATAL:  remaining connection slots are reserved for non-replication superuser connections": refusals.TOO_MANY,
    'connection to server at "h" failed: FATAL:  password authentication failed for user "u"': refusals.REFUSED,
    'connection to server at "h", port 5432 failed: FATAL:  database "lab" does not exist': refusals.NO_DATABASE,
    'could not translate host name "h.invalid" to address: Name or service not known': refusals.NO_HOST,
    'relation "run" does not exist\nLINE 1: SELECT': refusals.NO_TABLES,
    'could not extend file "base/1/2": No space left on device': refusals.FULL,
    'connection to server at "h", port 5432 failed: root certificate file "/root.crt" does not exist': refusals.NO_TLS,
    'connection to server at "h", port 5432 failed: SSL error: certificate verify failed': refusals.NO_TLS,
    'connection to server at "h" failed: server certificate for "a" does not match host name "h"': refusals.NO_TLS,
    "SSL SYSCALL error: EOF detected": refusals.AWAY,
    "consuming input failed: SSL error: unexpected eof while reading": refusals.AWAY,
    "deadlock detected": refusals.LOCKED,
    'invalid dsn: invalid connection option "foo"': refusals.NO_OPTION,
    "Postgres driver not installed.": refusals.NO_DRIVER,
}


@pytest.mark.parametrize("words", SAID)
def test_what_postgresql_says_is_told_by_its_cause(words: str) -> None:
    assert sentence_of(pw.OperationalError(words)) == SAID[words].sentence


def test_no_sentence_repeats_what_the_driver_said() -> None:
    assert not any("{" in row.sentence or "/" in row.sentence for row in ROWS)
    told = sentence_of(pw.OperationalError("unheard of: /home/ann/lab, password=geheim"))
    assert told
    assert "geheim" not in told
    assert "/home" not in told


def test_a_query_that_cannot_be_right_stays_a_defect() -> None:
    assert sentence_of(pw.ProgrammingError('syntax error at or near "SELCT"')) is None
    assert sentence_of(pw.IntegrityError("UNIQUE constraint failed: run.id")) is None
    assert sentence_of(ValueError("is locked")) is None


def lose_tables(file: Path) -> None:
    with sqlite3.connect(file) as other:
        other.execute("drop table run")
    other.close()


def overwrite(file: Path) -> None:
    file.write_bytes(b"this is no database" * 500)


def spoil_pages(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))


@pytest.mark.parametrize(
    ("damage", "expected"),
    [(lose_tables, refusals.NO_TABLES), (overwrite, refusals.DAMAGED), (spoil_pages, refusals.DAMAGED)],
)
def test_a_damaged_file_is_told_when_the_lab_opens_it_and_when_it_is_in_use(
    lab: Lab, damage: Callable[[Path], None], expected: refusals.Refusal
) -> None:
    lab.claim(CountRequest(to=3))
    file = Path(lab.registry._db.database)
    connections.close(lab.registry._db)
    damage(file)
    with pytest.raises(DatabaseError) as told:
        lab.runs()
    assert str(told.value) == expected.sentence
    if expected is refusals.DAMAGED:
        with pytest.raises(StoreError, match="is damaged"):
            Lab.open(Settings(home=file.parent, database=None)).runs()


def test_a_locked_database_is_told_and_answers_again_when_it_is_free(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections.PRAGMAS, "busy_timeout", 1)
    lab = Lab.open(Settings(home=Path(lab.registry._db.database).parent, database=None))
    other = sqlite3.connect(lab.registry._db.database)
    other.execute("begin immediate")
    with pytest.raises(DatabaseError, match="another program keeps writing"):
        lab.claim(CountRequest(to=3))
    other.rollback()
    other.close()
    assert lab.claim(CountRequest(to=3))[1]
    lab.registry.close()


def test_a_full_disk_is_told_and_the_database_takes_more_when_there_is_room(lab: Lab) -> None:
    def bounded(pages: int) -> None:
        with lab.registry._db.connection_context():
            lab.registry._db.execute_sql(f"pragma max_page_count = {pages}")

    def fill() -> None:
        for to in range(1000):
            lab.claim(CountRequest(to=to))

    bounded(1)  # SQLite raises it to what is there already
    with pytest.raises(DatabaseError, match="its disk is full"):
        fill()
    connections.close(lab.registry._db)
    assert lab.claim(CountRequest(to=2000))[1]


def test_the_password_of_the_database_is_in_no_words(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database="postgresql://ann:geheim@127.0.0.1:1/lab")
    assert "geheim" not in repr(settings)
    assert "geheim" not in settings.model_dump_json()
    with pytest.raises(DatabaseError) as told:
        Lab.open(settings)  # no driver, or nobody at that port
    assert "geheim" not in str(told.value)
