from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.runs import engine as engines
from core.runs.kinds import KINDS, Kind
from core.runs.lab import Lab
from core.settings import Settings


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    opened = Lab.open(Settings(home=tmp_path))
    yield opened
    opened.registry.close()


@pytest.fixture(autouse=True)
def _counting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "count", Kind("count", "spatial", "Count", package="tests.runs.count"))


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_engines", [])
    monkeypatch.setattr(engines, "_refused", [])
