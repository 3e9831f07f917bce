"""The registry's tables as peewee models."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import peewee as pw
from playhouse.migrate import SchemaMigrator, migrate


class Words(pw.TextField):
    """Text, without the NUL characters that PostgreSQL does not take."""

    def db_value(self, value: Any) -> Any:
        return super().db_value(value.replace("\0", "") if isinstance(value, str) else value)


@dataclass(frozen=True)
class Tables:
    """All of them, bound to one database."""

    run: Any
    event: Any
    picture: Any
    part: Any
    entry: Any
    datum: Any
    share: Any
    visitor: Any
    engine: Any
    label: Any

    @property
    def all(self) -> tuple[Any, ...]:
        return tuple(getattr(self, one.name) for one in fields(self))


def tables_of(database: pw.Database) -> Tables:
    """The tables of a lab, bound to its database."""

    class Table(pw.Model):
        class Meta:
            pass

    class RunRow(Table):
        id = pw.CharField(primary_key=True, max_length=16)
        kind = pw.CharField(max_length=32)
        bench = pw.CharField(max_length=16)
        title = Words()
        request_json = Words()
        state = pw.CharField(max_length=16, index=True)
        attempt = pw.IntegerField(default=1)
        created = pw.DoubleField(index=True)
        started = pw.DoubleField(null=True)
        finished = pw.DoubleField(null=True)
        seconds = pw.DoubleField(null=True)
        result = pw.CharField(max_length=64, null=True)
        headline = Words(default="")
        scores_json = Words(default="")
        error = Words(default="")
        phase = Words(default="")
        step = pw.IntegerField(default=0)
        total = pw.IntegerField(default=0)
        seconds_left = pw.DoubleField(null=True)
        owner = pw.CharField(max_length=32, default="")
        note = Words(null=True)  # null from here on: these columns were added later
        stopping = pw.BooleanField(null=True)
        checkpoint = pw.CharField(max_length=64, null=True)
        direct = pw.BooleanField(null=True)
        expected = pw.DoubleField(null=True)
        busy = pw.DoubleField(null=True)

        class Meta:
            table_name = "run"

    class EventRow(Table):
        """The numbers of one Progress; kept while the run is alive, for live curves."""

        run = pw.CharField(max_length=16, index=True)
        step = pw.IntegerField()
        phase = Words()
        numbers = Words()

        class Meta:
            table_name = "event"

    class PictureRow(Table):
        """The latest small pictures of a run that is alive."""

        run = pw.CharField(max_length=16)
        name = pw.CharField(max_length=64)
        content = pw.BlobField()

        class Meta:
            table_name = "picture"
            primary_key = pw.CompositeKey("run", "name")

    class PartRow(Table):
        """A joint run and another run that it consists of; kept when both have ended, to know whose a part is."""

        whole = pw.CharField(max_length=16)
        part = pw.CharField(max_length=16, index=True)

        class Meta:
            table_name = "part"
            primary_key = pw.CompositeKey("whole", "part")

    class EntryRow(Table):
        """A run that ended and tested something, see `ledger`; its rows stay when the run is deleted."""

        id = pw.AutoField()
        run = pw.CharField(max_length=16, unique=True)
        finished = pw.DoubleField()
        tests = Words()  # JSON, a list
        names = Words()  # JSON, a list

        class Meta:
            table_name = "ledger"

    class DatumRow(Table):
        """What an entry of the ledger was tested on."""

        entry = pw.IntegerField()
        digest = pw.CharField(max_length=64, index=True)

        class Meta:
            table_name = "ledger_datum"
            primary_key = pw.CompositeKey("entry", "digest")

    class EngineRow(Table):
        """An owner's engine, see `engines`."""

        owner = pw.CharField(primary_key=True, max_length=32)
        cluster = Words()
        workers = pw.IntegerField()
        kept = pw.IntegerField()
        speed = pw.DoubleField(null=True)
        noted = pw.DoubleField()
        trouble = Words(null=True)  # added later, like the next
        shared = pw.BooleanField(null=True)

        class Meta:
            table_name = "engine"

    class ShareRow(Table):
        """One visitor's part in one run, see `core.runs.visitors.share`."""

        run = pw.CharField(max_length=16)
        visitor = pw.CharField(max_length=32, index=True)
        asked = pw.DoubleField()
        left = pw.DoubleField(null=True)
        deleted = pw.DoubleField(null=True, index=True)
        deleted_by = pw.CharField(max_length=32, null=True)

        class Meta:
            table_name = "share"
            primary_key = pw.CompositeKey("run", "visitor")

    class VisitorRow(Table):
        """Somebody who has asked for a run, or has chosen a name."""

        id = pw.CharField(primary_key=True, max_length=32)
        name = pw.CharField(max_length=64, default="")  # "": the usual one
        private = pw.BooleanField(default=False)
        key_mark = pw.CharField(max_length=64, default="")  # of the lecturer's key that they gave, see `visitors.key`
        key_until = pw.DoubleField(default=0.0)
        seen = pw.DoubleField()

        class Meta:
            table_name = "visitor"

    class LabelRow(Table):
        """What one visitor calls one run, see `core.runs.visitors.label`."""

        run = pw.CharField(max_length=16)
        visitor = pw.CharField(max_length=32)
        name = Words(default="")
        note = Words(default="")
        pinned = pw.BooleanField(default=False)

        class Meta:
            table_name = "label"
            primary_key = pw.CompositeKey("run", "visitor")

    tables = Tables(RunRow, EventRow, PictureRow, PartRow, EntryRow, DatumRow, ShareRow, VisitorRow, EngineRow, LabelRow)
    database.bind(tables.all, bind_refs=False, bind_backrefs=False)
    return tables


def _add_column(migrator: SchemaMigrator, table: str, name: str, field: pw.Field) -> None:
    try:
        migrate(migrator.add_column(table, name, field))
    except (pw.OperationalError, pw.ProgrammingError) as error:  # another process has added it meanwhile
        if "duplicate" not in str(error).lower() and "already exists" not in str(error).lower():
            raise


def create(database: pw.Database, tables: Tables) -> None:
    """Make the tables that are missing; to those of an older lab, add the columns that they lack."""
    database.create_tables(tables.all, safe=True)
    migrator = SchemaMigrator.from_database(database)
    for table in tables.all:
        name_of_table = table._meta.table_name
        there = {column[0] for column in database.execute_sql(f'SELECT * FROM "{name_of_table}" LIMIT 0').description}
        for name, field in table._meta.fields.items():
            if name not in there:
                _add_column(migrator, name_of_table, name, field)
