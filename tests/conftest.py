"""One thread per process, before torch is imported: two threads on busy cores cost a factor of ten."""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.postgres import Postgres

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from hypothesis import settings  # noqa: E402

settings.register_profile("any machine", deadline=None)  # a busy one takes its time
settings.load_profile("any machine")


def pytest_configure(config: pytest.Config) -> None:
    """Not in pyproject.toml: pytest would load pandas for it, and NumPy with all its threads, before it reads this file."""
    config.addinivalue_line("filterwarnings", "ignore::pandas.errors.Pandas4Warning")


@pytest.hookimpl(tryfirst=True)
def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Whole files are not names: an archive holds the second it was made, and two processes must agree on the names."""
    return argname if isinstance(val, bytes) and len(val) > 40 else None


WAITING = ("tests/runs/", "tests/pages/test_stopping.py", "tests/test_compose.py")  # mostly for other processes


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole files in an order that keeps two cores busy: those that wait run beside the browser's tests, then the largest."""
    sizes = Counter(item.path for item in items)
    items.sort(key=lambda item: (not item.nodeid.startswith(WAITING), -sizes[item.path]))


def pytest_collection_finish() -> None:
    """What all modules hold stays: every collection of garbage would look through it again, for most of a second."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server that the tests of this process share."""
    from tests.missing import missing
    from tests.postgres import missing as lacking
    from tests.postgres import server

    if reason := lacking():
        missing(reason)
    with server() as running:
        yield running


@pytest.fixture
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """The URL of an empty database, None: SQLite in the lab's folder. Both where a test or its file is marked `databases`."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return None
    monkeypatch.setattr("core.runs.database.server_owner.RETURN_SECONDS", 0.0)  # who is gone is gone at once
    monkeypatch.setattr("core.runs.database.server_owner.FRESH_SECONDS", 0.0)
    server: Postgres = request.getfixturevalue("postgres")
    return server.database()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames and metafunc.definition.get_closest_marker("databases"):
        metafunc.parametrize("database", ["sqlite", "postgresql"], indirect=True)
