"""The ledger: which tests were made on which data. A finished run adds a row; none is ever changed or deleted.

Of a hundred models tried on the same data some seem to work by chance, so what a run concludes is corrected for all tests that
had been made on its data when it ended. Later tests do not change what was concluded before, and deleting a run hides none.

A test is a text that is the same for the same model and setting. Data are digests, such as of each month's returns: two runs
that share one are about the same data, whatever it was called. Where data cannot be had any more, their names stand for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import peewee as pw

from core.runs.database.connections import alone

_AT_ONCE = 300  # rows of one insertion


@dataclass(frozen=True)
class Trials:
    """What one run tested."""

    tests: tuple[str, ...]  # of a model and setting each; none of a run that tests nothing
    data: tuple[str, ...]  # digests of what it was tested on
    names: tuple[str, ...] = ()  # what the data was called, such as a ticker


class Ledger:
    """All rows of one lab, in the order in which runs ended."""

    def __init__(self, database: pw.Database, entry: Any, datum: Any) -> None:
        self._db, self._entry, self._datum = database, entry, datum

    def write(self, run_id: str, finished: float, trials: Trials) -> bool:
        """Add the row of a run that ended; False where it has one, which stays as it is."""
        texts = {name: json.dumps(sorted(set(values))) for name, values in (("tests", trials.tests), ("names", trials.names))}
        data = trials.data or tuple(map(_by_name, trials.names))
        try:
            with self._db.connection_context(), self._db.atomic(), alone(self._db, "ledger"):  # numbers are in order
                number = self._entry.insert(run=run_id, finished=finished, **texts).execute()
                rows = [{"entry": number, "digest": digest} for digest in dict.fromkeys(data)]
                for first in range(0, len(rows), _AT_ONCE):
                    self._datum.insert_many(rows[first : first + _AT_ONCE]).execute()
        except pw.IntegrityError:
            return False
        return True

    @property
    def runs(self) -> Any:
        """The ids of all runs that have a row, as a query."""
        return self._entry.select(self._entry.run)

    def tests_until(self, run_id: str) -> frozenset[str]:
        """Every test that had been made on a run's data when it ended, its own included; none where the run has no row."""
        entry = self._entry
        with self._db.connection_context():
            own = entry.get_or_none(entry.run == run_id)
            if own is None:
                return frozenset()
            sharing = entry.select(entry.tests).where(entry.id <= own.id, entry.id.in_(self._about(own)))
            return _united(text for (text,) in sharing.tuples())

    def tests_on(self, data: Iterable[str], names: Iterable[str] = ()) -> frozenset[str]:
        """Every test that was ever made on these data."""
        keys = [*data, *map(_by_name, names)]
        with self._db.connection_context():
            entries = self._datum.select(self._datum.entry).where(self._datum.digest.in_(keys))
            sharing = self._entry.select(self._entry.tests).where(self._entry.id.in_(entries))
            return _united(text for (text,) in sharing.tuples())

    def runs_on_data_of(self, run_id: str) -> list[str]:
        """The runs that tested something on a run's data, in the order in which they ended; some may have been deleted."""
        entry = self._entry
        with self._db.connection_context():
            own = entry.get_or_none(entry.run == run_id)
            if own is None:
                return []
            return [run for (run,) in entry.select(entry.run).where(entry.id.in_(self._about(own))).order_by(entry.id).tuples()]

    def _about(self, own: Any) -> Any:
        """The numbers of the rows that are about the data of a row, its own included."""
        datum, shared = self._datum, self._datum.alias()
        data = shared.select(shared.digest).where(shared.entry == own.id)
        names = [_by_name(name) for name in json.loads(own.names)]
        return datum.select(datum.entry).where(datum.digest.in_(data) | datum.digest.in_(names))


def _by_name(name: str) -> str:
    return f"name:{name.upper()}"


def _united(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(test for text in texts for test in json.loads(text))
