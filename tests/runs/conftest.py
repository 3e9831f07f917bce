from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.runs.lab import Lab
from core.runs.request import EXPERIMENTS
from core.settings import Settings


@pytest.fixture(autouse=True)
def _counting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXPERIMENTS, "count", "tests.runs.count:CountRequest")
    monkeypatch.setitem(EXPERIMENTS, "counts", "tests.runs.count:CountsRequest")


@pytest.fixture
def open_lab(tmp_path: Path) -> Iterator[Callable[[], Lab]]:
    """Open the same folder as often as you like: each is another process's view."""
    labs: list[Lab] = []

    def make() -> Lab:
        labs.append(Lab.open(Settings(home=tmp_path / "home", database=None)))
        return labs[-1]

    yield make
    for lab in labs:
        lab.registry.close()


@pytest.fixture
def lab(open_lab: Callable[[], Lab]) -> Lab:
    return open_lab()
