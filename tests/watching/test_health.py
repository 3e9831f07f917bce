from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.errors import RunFailed
from core.runs import engine as engines
from core.runs.lab import Lab
from core.watching.health import health_of


def test_a_server_whose_engine_starts_or_lives_serves(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    assert health_of(lab).serves
    assert "starting" in health_of(lab).sentence
    monkeypatch.setattr(engines, "_engines", [SimpleNamespace(lives=True, answers=True)])
    assert health_of(lab).serves
    assert "lives" in health_of(lab).sentence


def test_one_whose_engine_has_ended_does_not(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_engines", [SimpleNamespace(lives=False)])
    assert not health_of(lab).serves


def test_one_whose_engine_could_not_be_started_does_not(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_refused", [RunFailed("no engine answers")])
    assert not health_of(lab).serves


def test_one_whose_database_does_not_answer_does_not(lab: Lab, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "gridcast.db")) as other:
        for (table,) in other.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'run%'").fetchall():
            other.execute(f"DROP TABLE {table}")
    health = health_of(lab)
    assert not health.serves
    assert str(tmp_path) not in health.sentence
