"""What Prometheus reads, read by its own parser."""

from __future__ import annotations

from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from core.runs.cluster.worker_state import WorkerState
from core.runs.lab import Lab
from core.watching.metrics import metrics_of
from core.watching.status import Status, status_of
from core.watching.tallies import Tallies
from tests.runs.count import CountRequest

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(status: Status, tallies: Tallies) -> Samples:
    families = text_string_to_metric_families(metrics_of(status, tallies).decode())
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


@pytest.fixture
def status(lab: Lab) -> Status:
    lab.claim(CountRequest(to=1))
    workers = (WorkerState(1, "1a2b", 300.0, 2_000.0), WorkerState(2, None, 250.0, None))
    return replace(status_of(lab, visitors=3), workers=workers, engine="lives")


def test_the_status_is_there_in_base_units(status: Status) -> None:
    found = samples(status, Tallies())
    assert found["gridcast_sessions", ()] == 3
    assert found["gridcast_queue_length", ()] == 1
    assert found["gridcast_runs", (("kind", "count"), ("state", "queued"))] == 1
    assert found["gridcast_memory_bytes", ()] == pytest.approx(status.memory_mb * 1e6)
    assert found["gridcast_workers", (("state", "busy"),)] == found["gridcast_workers", (("state", "free"),)] == 1
    assert found["gridcast_worker_memory_bytes", (("worker", "2"),)] == 250e6
    assert found["gridcast_engine_up", ()] == found["gridcast_database_up", ()] == 1


def test_a_dead_engine_and_a_silent_database_are_zero(status: Status) -> None:
    found = samples(replace(status, engine="ended", database_problem="it does not answer"), Tallies())
    assert found["gridcast_engine_up", ()] == found["gridcast_database_up", ()] == 0


def test_seconds_of_runs_are_a_histogram_that_counts_upwards(status: Status) -> None:
    tallies = Tallies()
    for seconds in (0.5, 3.0, 3.1, 90.0, 100_000.0):
        tallies.hear("done", {"run": "1", "kind": "count", "seconds": seconds, "reason": ""})
    found = samples(status, tallies)

    def at_most(bound: str) -> float:
        return found["gridcast_run_seconds_bucket", (("kind", "count"), ("le", bound))]

    assert [at_most(bound) for bound in ("1.0", "3.0", "10.0", "60.0", "120.0", "3600.0", "+Inf")] == [1, 2, 3, 3, 4, 4, 5]
    assert found["gridcast_run_seconds_count", (("kind", "count"),)] == 5
    assert found["gridcast_run_seconds_sum", (("kind", "count"),)] == pytest.approx(100_096.6)


def test_ends_of_runs_and_answers_of_yahoo_are_counted(status: Status) -> None:
    tallies = Tallies()
    for name in ("queued", "running", "failed", "cancelled", "cancelled"):
        tallies.hear(name, {"run": "1", "kind": "count", "seconds": None, "reason": ""})
    for outcome in ("answered", "RateLimited", "answered"):
        tallies.hear("yahoo", {"outcome": outcome, "seconds": 1.0})
    tallies.hear("worker restarted", {"run": "1", "reason": "it did not stop"})
    found = samples(status, tallies)
    assert found["gridcast_runs_ended_total", (("kind", "count"), ("state", "cancelled"))] == 2
    assert found["gridcast_runs_ended_total", (("kind", "count"), ("state", "failed"))] == 1
    assert ("gridcast_runs_ended_total", (("kind", "count"), ("state", "queued"))) not in found
    assert found["gridcast_yahoo_answers_total", (("outcome", "answered"),)] == 2
    assert found["gridcast_workers_restarted_total", ()] == 1
