"""Engines: how many workers each owner of runs has, on which cluster, how fast they are; for other processes to read."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import peewee as pw

from core.runs.database.prepared import Prepared


@dataclass(frozen=True)
class EngineNote:
    """What is known of one engine."""

    owner: str
    cluster: str  # its address: several engines may share one
    workers: int
    kept: int  # workers that only short runs may have
    speed: float | None  # seconds that the work of `core.speed` took a worker; None: not measured yet
    noted: float
    trouble: str = ""  # why nothing can begin there now, a clause; "" where nothing is in the way
    shared: bool = False  # the cluster was started by somebody else, and goes on when the owner is gone


class Engines:
    """All engines of one lab, those of processes that are gone included."""

    def __init__(self, database: pw.Database, row: Any) -> None:
        self._db, self._row = database, row
        self._prepared = Prepared()

    def note(
        self, owner: str, cluster: str, workers: int, kept: int, trouble: str = "", shared: bool = False
    ) -> EngineNote:  # fmt: skip
        """Write down or change an owner's engine."""
        values = {
            "cluster": cluster, "workers": workers, "kept": kept, "trouble": trouble, "shared": shared, "noted": time.time(),
        }  # fmt: skip
        with self._db.connection_context():
            if not self._row.update(**values).where(self._row.owner == owner).execute():
                self._row.insert(owner=owner, **values).on_conflict_ignore().execute()
            return _value(self._row.get_by_id(owner))

    def measured(self, owner: str, speed: float) -> None:
        """Note how fast the workers of an owner are."""
        with self._db.connection_context():
            self._row.update(speed=speed).where(self._row.owner == owner).execute()

    def of(self, owner: str) -> EngineNote | None:
        return next((one for one in self.all() if one.owner == owner), None)

    def all(self) -> list[EngineNote]:
        """The latest first."""
        with self._db.connection_context():
            rows = list(self._prepared.ask("all", lambda: self._row.select().order_by(self._row.noted.desc())))
        return list(map(_value, rows))

    def forget(self, owner: str) -> None:
        """Of an engine that is closed, or whose process is gone."""
        with self._db.connection_context():
            self._row.delete().where(self._row.owner == owner).execute()


def _value(row: Any) -> EngineNote:
    values = {name: getattr(row, name) for name in EngineNote.__dataclass_fields__}
    return EngineNote(**values | {"trouble": row.trouble or "", "shared": bool(row.shared)})
