"""The labels of all runs: what each visitor has called and noted them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import peewee as pw

from core.runs.database.prepared import Prepared
from core.runs.database.tables import Tables
from core.runs.visitors.label import Label


class Labels:
    """Of one lab."""

    def __init__(self, database: pw.Database, tables: Tables) -> None:
        self._db, self._label = database, tables.label
        self._prepared = Prepared()

    def of(self, run_id: str, visitor_id: str) -> Label:
        return self.several([run_id], visitor_id)[run_id]

    def several(self, run_ids: Iterable[str], visitor_id: str) -> dict[str, Label]:
        """A visitor's labels of these runs, by id; an empty one where there is none."""
        row, ids = self._label, tuple(run_ids)

        def query(visitor: Any, ids: Any) -> Any:
            return row.select().where(row.visitor == visitor, row.run.in_(ids))

        with self._db.connection_context():
            rows = self._prepared.ask("own", query, visitor_id, ids)
            there = {one.run: Label(one.name, one.note, one.pinned) for one in rows}
        return {one: there.get(one, Label()) for one in ids}

    def pinned(self, visitor_id: str) -> tuple[str, ...]:
        """The runs that a visitor has put first in their own lists."""
        row = self._label
        with self._db.connection_context():
            rows = row.select(row.run).where(row.visitor == visitor_id, row.pinned == True)  # noqa: E712
            return tuple(run for (run,) in rows.order_by(row.run).tuples())

    def write(self, run_id: str, visitor_id: str, label: Label) -> None:
        """Put a label in the place of the one before; an empty one takes it away."""
        row, values = self._label, {"name": label.name, "note": label.note, "pinned": label.pinned}
        with self._db.connection_context():
            if label == Label():
                row.delete().where(row.run == run_id, row.visitor == visitor_id).execute()
                return
            new = row.insert(run=run_id, visitor=visitor_id, **values)
            new.on_conflict(conflict_target=[row.run, row.visitor], update=values).execute()

    def forget(self, run_id: str) -> None:
        """Drop all labels of a run that is gone."""
        with self._db.connection_context():
            self._label.delete().where(self._label.run == run_id).execute()
