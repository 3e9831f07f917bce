"""The registry's three tables, in peewee's words."""

from __future__ import annotations

from typing import Any

import peewee as pw


def tables_of(database: pw.Database) -> tuple[Any, Any, Any]:
    """The three tables, bound to one database."""

    class Table(pw.Model):
        class Meta:
            pass

    class RunRow(Table):
        id = pw.CharField(primary_key=True, max_length=16)
        kind = pw.CharField(max_length=32)
        bench = pw.CharField(max_length=16)
        title = pw.TextField()
        request_json = pw.TextField()
        state = pw.CharField(max_length=16, index=True)
        attempt = pw.IntegerField(default=1)
        created = pw.DoubleField(index=True)
        started = pw.DoubleField(null=True)
        finished = pw.DoubleField(null=True)
        seconds = pw.DoubleField(null=True)
        result = pw.CharField(max_length=64, null=True)
        headline = pw.TextField(default="")
        scores_json = pw.TextField(default="")
        error = pw.TextField(default="")
        phase = pw.TextField(default="")
        step = pw.IntegerField(default=0)
        total = pw.IntegerField(default=0)
        seconds_left = pw.DoubleField(null=True)
        owner = pw.CharField(max_length=32, default="")

        class Meta:
            table_name = "run"

    class EventRow(Table):
        """The numbers of one Progress; kept while the run is alive, for live curves."""

        run = pw.CharField(max_length=16, index=True)
        step = pw.IntegerField()
        phase = pw.TextField()
        numbers = pw.TextField()

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

    tables = (RunRow, EventRow, PictureRow)
    database.bind(tables, bind_refs=False, bind_backrefs=False)
    return tables
