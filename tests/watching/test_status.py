from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.drive import returned
from core.rnn.prices import yahoo_limits
from core.rnn.prices.yahoo_limits import RateLimiter
from core.runs import engine as engines
from core.runs.cluster.worker_state import WorkerState
from core.runs.lab import Lab
from core.watching import status as watched
from core.watching.status import status_of
from core.watching.tallies import Tallies
from tests.runs.count import CountRequest


def test_runs_are_counted_by_kind_and_state(lab: Lab) -> None:
    for request in (CountRequest(to=1), CountRequest(to=2), CountRequest(to=3, mood="diverges")):
        returned(lab.iterate(request))
    lab.claim(CountRequest(to=4))
    status = status_of(lab)
    assert status.runs == {"count": {"done": 2, "failed": 1, "queued": 1}}
    assert (status.running, status.waiting) == (0, 1)


def test_the_store_is_measured(lab: Lab) -> None:
    for content in (b"1" * 700_000, b"2" * 400_000):
        lab.store.put(content)
    status = status_of(lab)
    assert (status.store_files, status.store_mb, status.store_limit_mb) == (2, 1.1, 5_000)


def test_workers_are_those_of_this_processs_engine(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    states = (WorkerState(1, "1a2b", 300.0, 2_000.0), WorkerState(2, None, 250.0, None))
    monkeypatch.setattr(engines, "_engines", [SimpleNamespace(lives=True, answers=True, worker_states=lambda: states)])
    status = status_of(lab, visitors=7)
    assert (status.engine, status.workers, status.visitors) == ("lives", states, 7)


def test_without_an_engine_there_are_no_workers(lab: Lab) -> None:
    assert (status_of(lab).engine, status_of(lab).workers, status_of(lab).visitors) == ("starting", (), None)


def test_yahoos_state_is_what_it_answered_last_and_until_when_it_asks_to_wait(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    tallies, limiter = Tallies(), RateLimiter()
    monkeypatch.setattr(watched, "TALLIES", tallies)
    monkeypatch.setattr(watched, "LIMITER", limiter)
    assert status_of(lab).yahoo.waits_until is status_of(lab).yahoo.last is None
    for outcome in ("answered", "answered", "RateLimited"):
        tallies.hear("yahoo", {"outcome": outcome, "seconds": 0.5})
    until = limiter.slow_down(datetime.now(UTC))
    yahoo = status_of(lab).yahoo
    assert (yahoo.asked, yahoo.outcome) == ({"answered": 2, "RateLimited": 1}, "RateLimited")
    assert yahoo.waits_until == until.timestamp()
    assert yahoo_limits.LIMITER is not limiter


def test_a_database_that_does_not_answer_is_part_of_the_answer(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.registry._run._meta.table_name = lab.registry._run._meta.table.__name__ = "gone"
    lab.registry._run._meta.set_table_name("gone")
    status = status_of(lab)
    assert status.runs == {}
    assert "has lost its tables" in status.database_problem


def test_as_json_it_names_no_path_and_nobody(lab: Lab, tmp_path: Path) -> None:
    returned(lab.iterate(CountRequest(to=1)))
    text = json.dumps(status_of(lab).plain, allow_nan=False)
    assert str(tmp_path) not in text
    assert str(Path.home()) not in text
    assert lab.registry.owner.name not in text


def test_the_commit_is_that_of_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "ROOT", tmp_path)
    assert watched._commit() is None
    (tmp_path / ".git" / "refs" / "heads").mkdir(parents=True)
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    assert watched._commit() is None
    (tmp_path / ".git" / "refs" / "heads" / "main").write_text("0123456789abcdef" * 2 + "01234567\n")
    assert watched._commit() == "0123456789ab"
    (tmp_path / ".git" / "HEAD").write_text("f" * 40)
    assert watched._commit() == "f" * 12
