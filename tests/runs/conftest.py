from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.runs.kinds import KINDS, Kind
from core.runs.lab import Lab
from core.settings import Settings


@pytest.fixture(autouse=True, scope="module")
def _cold_workers() -> Iterator[None]:
    """Workers that only count need no torch, which each would load at its start and after each time it is killed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDCAST_WARM", "false")
        yield


@pytest.fixture(autouse=True)
def _counting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "count", Kind("count", "spatial", "Count", package="tests.runs.count"))
    monkeypatch.setitem(KINDS, "counts", Kind("counts", "spatial", "Counts", package="tests.runs.counts"))


@pytest.fixture
def open_lab(tmp_path: Path, database: str | None) -> Iterator[Callable[[], Lab]]:
    """Open the same folder and database as often as you like: each is another process's view."""
    labs: list[Lab] = []

    def make() -> Lab:
        labs.append(Lab.open(Settings(home=tmp_path / "home", database=database)))
        return labs[-1]

    yield make
    for lab in labs:
        lab.registry.close()


@pytest.fixture
def lab(open_lab: Callable[[], Lab]) -> Lab:
    return open_lab()
