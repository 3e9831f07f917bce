"""The page docs/SCALE.md, from what `benchmarks.scale` measured and simulated."""

from __future__ import annotations

import math
import os
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pages.parts.navigation import ROWS

PAGE = Path(__file__).parents[1] / "docs" / "SCALE.md"
TITLES = {row.file: row.title for row in ROWS}
NUMBERS = (100, 1_000, 100_000)  # of visitors
TICKERS = 10_000
YAHOO_A_MINUTE = 60  # requests that Yahoo lets one address send, from what others report; a ticker takes one
OPENINGS, UPDATES, RUNS = 1 / 60, 1 / 3, 1 / 134  # a second and visitor: screens opened, updates seen, runs asked for
REPORTS = 4.0  # of progress a second and run at work
RUN_SECONDS = 25.2  # of a run in the mean: 14 s four times of five, else 70 s
FULL = 0.7  # share of a processor from which waiting grows quickly


@dataclass(frozen=True)
class Demand:
    """What so many visitors need."""

    visitors: int
    front: float  # processors of the server
    workers: float  # processors of the workers
    memory_gb: float  # of the server
    network_mb: float  # sent a second
    reports: float  # rows written a second
    results_gb: float  # an hour

    @classmethod
    def of(cls, visitors: int, figures: dict[str, Any]) -> Demand:
        screens, update, runs = figures["screens"].values(), figures["update"], figures["runs"]
        opening_ms, opening_kb = (sum(one[name] for one in screens) / len(screens) for name in ("server_ms", "kB"))
        at_work = visitors * RUNS * RUN_SECONDS
        busy_ms = opening_ms * OPENINGS + update["server_ms_an_update"] * UPDATES + runs["claim_ms"] * RUNS
        return cls(
            visitors,
            front=(visitors * busy_ms + at_work * REPORTS * runs["report_ms"]) / 1e3,
            workers=at_work,
            memory_gb=update["memory_mb"] / 1e3 + visitors * figures["session"]["memory_mb"] / 1e3,
            network_mb=visitors * (opening_kb * OPENINGS + update["kB_an_update"] * UPDATES) / 1e3,
            reports=at_work * REPORTS,
            results_gb=visitors * RUNS * 3600 * figures["results"]["1-straighten"]["result_mb"] / 1e3,
        )

    @property
    def fill_a_server(self) -> float:
        """How many such visitors are as many as one server carries."""
        return self.visitors * FULL / self.front

    @property
    def row(self) -> tuple[str, ...]:
        units = (
            (self.front, "processors"), (self.workers, "processors"), (self.memory_gb, "GB"), (self.network_mb, "MB/s"),
            (self.reports, "a second"), (self.results_gb, "GB an hour"),
        )  # fmt: skip
        return f"{self.visitors:,}", *(f"{rounded(number)} {unit}" for number, unit in units)


def write_page(figures: dict[str, Any]) -> None:
    parts = (_costs, _demands, _tickers, _simulations, _ways)
    PAGE.write_text("\n\n".join([_HEAD, *(block for part in parts for block in part(figures))]) + "\n", encoding="utf-8")


def rounded(number: float) -> str:
    """To two digits: 640, 6.4, 0.64."""
    digits = 1 - math.floor(math.log10(number))
    return f"{round(number, digits):,.{max(0, digits)}f}"


def _text(words: str) -> str:
    """A paragraph, or an item of a list."""
    return textwrap.fill(" ".join(words.split()), 128, subsequent_indent="  " if words.startswith("- ") else "")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows))


_HEAD = f"""# What a visitor costs, and how far one machine carries

Measured on {datetime.now(UTC).date()} by `python -m benchmarks scale`, which writes this page, on {os.cpu_count()} processors.
What 100 followers cost comes from `python -m benchmarks load`. Milliseconds are the server's processor time."""


def _costs(figures: dict[str, Any]) -> Iterable[str]:
    update, runs, ticker = figures["update"], figures["runs"], figures["ticker"]
    rows = [("a session that is open on Home", "–", f"{figures['session']['memory_mb']:.2f} MB of memory")]
    rows += [
        (f"to open {TITLES[file]}", f"{one['server_ms']:.0f} ms", f"{one['kB']:.0f} kB")
        for file, one in figures["screens"].items()
    ]
    rows += [
        (
            "an update of one of 100 who follow a run",
            f"{update['server_ms_an_update']:.1f} ms",
            f"{update['kB_an_update']:.1f} kB",
        ),
        ("to queue a run", f"{runs['claim_ms']:.1f} ms", "a row"),
        ("a report of its progress, at most four a second", f"{runs['report_ms']:.1f} ms", "a row until it ends"),
    ]
    rows += [
        (
            f"to read the result of the shipped run {name}",
            f"{one['open_ms']:.0f} ms",
            f"{one['result_mb']:.2f} MB, {one['inputs_mb']:.2f} MB of inputs",
        )
        for name, one in figures["results"].items()
    ]
    rows += [
        ("twenty years of a ticker's daily bars", "–", f"{ticker['prices_mb']:.2f} MB"),
        ("a ticker of a sweep (four variants, three seeds)", f"{ticker['worker_s']:.0f} s of a worker", "a result"),
    ]
    return "## What things cost", _table(("what", "server", "sent or kept"), rows)


def _demands(figures: dict[str, Any]) -> Iterable[str]:
    demands = [Demand.of(number, figures) for number in NUMBERS]
    head = ("visitors", "server", "workers", "server's memory", "network", "reports", "results")
    few, many = demands[0], demands[-1]
    return (
        "## What follows for many visitors",
        _text(f"""Everybody opens a screen once a minute, sees an update every three seconds, and asks for a run every two
        minutes, four of five of them of 14 s and the fifth of 70 s. The server is one Python process, which uses at most
        one processor; from {100 * FULL:.0f} % of it on waiting grows quickly."""),
        _table(head, [one.row for one in demands]),
        _text(f"""**The first bottleneck is the workers**: a run takes a processor for as long as it lasts, while its visitor
        costs the server {rounded(1e3 * few.front / few.visitors)} ms a second. The second is the server's one processor, which
        is full with about {rounded(few.fill_a_server)} such visitors; then more servers are needed. The third is the database:
        {many.visitors:,} visitors report {rounded(many.reports)} times a second, and a report a second instead of four would be
        the first thing to change."""),
    )


def _tickers(figures: dict[str, Any]) -> Iterable[str]:
    ticker, result_mb = figures["ticker"], figures["results"]["2-compare"]["result_mb"]
    hours = TICKERS * ticker["worker_s"] / 3600
    items = (
        f"""- **Prices**: Yahoo answers about {YAHOO_A_MINUTE} requests a minute from one address, so that a day's prices take
        {TICKERS / YAHOO_A_MINUTE / 60:.1f} hours; they fill {TICKERS * ticker["prices_mb"] / 1e3:.1f} GB. This is the first
        bottleneck: for more, another source is needed.""",
        f"- **Learning**: {hours:.0f} hours of a worker; with 64 workers {hours / 64:.1f} hours.",
        f"""- **Results**: {TICKERS * result_mb / 1e3:.0f} GB; the store's bound (`GRIDCAST_STORE_GB`, 5) must be raised.""",
    )
    return f"## {TICKERS:,} tickers", "\n".join(map(_text, items))


def _simulations(figures: dict[str, Any]) -> Iterable[str]:
    at_once = figures["at_once"]
    head = ("visitors and workers", "short runs: median", "95 %", "long runs: median", "95 %")
    rows = [
        (name, *(f"{one[f'{length}_p{share}_s']:,.0f} s" for length in ("short", "long") for share in (50, 95)))
        for name, one in figures["classes"].items()
    ]
    return (
        "## Checked by simulation",
        _text(f"""A hundred visitors open Home in the same moment. In line for one interpreter, each for as long as one opening
        costs, 95 of them would have it after {at_once["simulated"]["p95_s"]:.1f} s; measured were
        {at_once["measured"]["p95_s"]:.1f} s."""),
        _text("""Half an hour of classes that ask for runs as above, under the lab's own rule of which run is next (of two or
        more workers one takes short runs alone): from a question to the beginning of its run."""),
        _table(head, rows),
        "Equal questions are one run: a class that presses the same preset waits for one.",
    )


def _ways(figures: dict[str, Any]) -> Iterable[str]:
    most = rounded(Demand.of(NUMBERS[0], figures).fill_a_server)
    items = (
        """- **A class of thirty to a hundred**: one machine and `make run`. With two processors presets of 10 s, best the same
        for all; with as many workers as the table asks for, whatever they like.""",
        f"- **Up to about {most}**: one server, and a Dask cluster for the workers (`GRIDCAST_SCHEDULER`).",
        """- **More**: several servers behind a balancer that keeps a visitor on one of them
        ([Running it for others](DEPLOY.md)). Who follows the same run should land on the same server, which draws it once for
        all who look.""",
    )
    return "## What to run", "\n".join(map(_text, items))
