"""What every pool of connections does when a query inside `connection_context` falls to a database that does not answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.errors import DatabaseError
from core.runs.database.refusals import NO_TABLES, refusal_of, told


class Pool:
    """To stand before playhouse's pool of a driver in the bases of a class."""

    close_idle: Callable[[], None]

    def make_missing(self) -> None:
        """Make the tables that are missing, once they have been lost."""
        raise NotImplementedError

    @contextmanager
    def connection_context(self) -> Iterator[None]:
        """A connection for one query; DatabaseError with a sentence where the database does not answer it."""
        try:
            with told(), super().connection_context():  # type: ignore[misc]
                yield
        except DatabaseError as error:
            self.close_idle()  # after an outage all of them are dead, and of a file that is gone they serve nobody
            if refusal_of(error.__cause__ or error) is NO_TABLES:
                self.make_missing()
            raise
