"""The visitors of a lab who have asked for a run or chosen something: their names, and what they have chosen."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import peewee as pw

from core.runs.database.prepared import Prepared
from core.runs.database.tables import Tables
from core.runs.visitors.visitor import Visitor, clean_name, usual_name


class People:
    """A visitor without a row has the usual name and has chosen nothing."""

    def __init__(self, database: pw.Database, tables: Tables) -> None:
        self._db, self._visitor = database, tables.visitor
        self._prepared = Prepared()

    def get(self, visitor_id: str) -> Visitor:
        return self.several([visitor_id])[visitor_id]

    def several(self, visitor_ids: Iterable[str]) -> dict[str, Visitor]:
        """These visitors by id; whether one is a lecturer is not told here, see `key_mark`."""
        row, ids = self._visitor, tuple(set(visitor_ids))
        with self._db.connection_context():
            rows = self._prepared.ask("people", lambda ids: row.select().where(row.id.in_(ids)), ids)
            there = {one.id: one for one in rows}
        return {one: _value(one, there.get(one)) for one in ids}

    def rename(self, visitor_id: str, name: str) -> Visitor:
        """Give a visitor a name; the usual one where nothing of it may stay."""
        return self._set(visitor_id, name=clean_name(name))

    def keep_private(self, visitor_id: str, private: bool) -> Visitor:
        """Whether a visitor keeps all their runs out of the lists of others."""
        return self._set(visitor_id, private=private)

    def key_mark(self, visitor_id: str) -> str:
        """The mark of the key that a visitor has given; "" where there is none, or its time is over."""
        row = self._visitor
        with self._db.connection_context():
            there = row.get_or_none(row.id == visitor_id, row.key_until > time.time())
        return there.key_mark if there else ""

    def keep_key_mark(self, visitor_id: str, mark: str, seconds: float) -> None:
        self._set(visitor_id, key_mark=mark, key_until=time.time() + seconds)

    def _set(self, visitor_id: str, **values: Any) -> Visitor:
        row, seen = self._visitor, {"seen": time.time()}
        with self._db.connection_context():
            new = row.insert(id=visitor_id, **values, **seen)
            new.on_conflict(conflict_target=[row.id], update=values | seen).execute()
        return self.get(visitor_id)


def _value(visitor_id: str, row: Any) -> Visitor:
    if row is None:
        return Visitor(visitor_id, usual_name(visitor_id))
    return Visitor(visitor_id, row.name or usual_name(visitor_id), bool(row.private))
