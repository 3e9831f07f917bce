"""The status and the counts of this process in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from core.watching.status import Status
from core.watching.tallies import Tallies


class _Metrics(Collector):
    """The metrics of one moment, each named gridcast_…"""

    def __init__(self, status: Status, tallies: Tallies) -> None:
        self._status, self._tallies = status, tallies

    def collect(self) -> Iterator[Metric]:
        status = self._status
        yield _one("memory_bytes", "Resident memory of the server", status.memory_mb * 1e6)
        yield _one("uptime_seconds", "Since the server started", status.uptime)
        yield _one("sessions", "Visitors with an open page", status.visitors or 0)
        yield _one("engine_up", "Whether the engine lives", float(status.engine == "lives"))
        yield _one("database_up", "Whether the database answers", float(not status.database_problem))
        yield _one("queue_length", "Runs that wait for a worker", status.waiting)
        yield _one("store_up", "Whether the store answers", float(not status.store_problem))
        yield _one("store_bytes", "Size of the store", status.store_mb * 1e6)
        yield _one("store_limit_bytes", "Size above which least recently used files are cleared", status.store_limit_mb * 1e6)
        yield _one("yahoo_wait", "Whether Yahoo has asked to wait", float(status.yahoo.waits_until is not None))
        yield from self._workers()
        yield from self._runs()
        yield from self._counts()

    def _workers(self) -> Iterator[Metric]:
        workers = GaugeMetricFamily("gridcast_workers", "Workers by what they do", labels=["state"])
        memory = GaugeMetricFamily("gridcast_worker_memory_bytes", "Memory of each worker", labels=["worker"])
        busy = sum(worker.run is not None for worker in self._status.workers)
        for state, count in (("busy", busy), ("free", len(self._status.workers) - busy)):
            workers.add_metric([state], count)
        for worker in self._status.workers:
            memory.add_metric([str(worker.number)], worker.memory_mb * 1e6)
        yield from (workers, memory)

    def _runs(self) -> Iterator[Metric]:
        runs = GaugeMetricFamily("gridcast_runs", "Runs of the lab by kind and state", labels=["kind", "state"])
        for kind, states in sorted(self._status.runs.items()):
            for state, count in sorted(states.items()):
                runs.add_metric([kind, state], count)
        yield runs

    def _counts(self) -> Iterator[Metric]:
        tallies = self._tallies
        ended = CounterMetricFamily("gridcast_runs_ended", "Runs that have ended, by kind and how", labels=["kind", "state"])
        for (kind, state), count in sorted(tallies.ended.items()):
            ended.add_metric([kind, state], count)
        seconds = HistogramMetricFamily("gridcast_run_seconds", "Seconds that finished runs took", labels=["kind"])
        for kind, durations in sorted(tallies.durations.items()):
            buckets = [(floatToGoString(bound), count) for bound, count in durations.cumulative]
            seconds.add_metric([kind], buckets, durations.seconds)
        yahoo = CounterMetricFamily("gridcast_yahoo_answers", "Requests to Yahoo by outcome", labels=["outcome"])
        for outcome, count in sorted(tallies.yahoo.items()):
            yahoo.add_metric([outcome], count)
        restarted = CounterMetricFamily("gridcast_workers_restarted", "Workers restarted because a run did not stop")
        restarted.add_metric([], tallies.restarted)
        yield from (ended, seconds, yahoo, restarted)


def _one(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"gridcast_{name}", words, value=value)


def metrics_of(status: Status, tallies: Tallies) -> bytes:
    """In the text format, version 0.0.4."""
    registry = CollectorRegistry()
    registry.register(_Metrics(status, tallies))
    return generate_latest(registry)
