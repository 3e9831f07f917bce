"""PostgreSQL answers as SQLite does: everything that is ever asked of a lab's database, asked of both, at the same moments."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.runs.database.ledger import Trials
from core.runs.lab import Lab
from core.runs.registry import Registry, State
from core.runs.request import Progress, key_of
from core.runs.visitors.visitor import LAB
from core.runs.work import Outcome
from core.settings import Settings
from tests.postgres import Postgres
from tests.runs.count import CountRequest
from tests.runs.counts import CountsRequest

ADA, BOB = "a" * 20, "b" * 20
ASKED_EVERY = 3  # changes
ONE, TWO, PART = CountRequest(to=1, image="0f" * 32), CountRequest(to=2), CountRequest(to=3)
WHOLE = CountsRequest(counts=(PART,))
IDS = [key_of(request) for request in (ONE, TWO, PART, WHOLE)]


def everything(registry: Registry) -> Iterator[Any]:
    """The answers to every question."""
    shares, ledger, people = registry.shares, registry.ledger, registry.people
    yield [registry.get(one) for one in (*IDS, "none")]
    yield registry.several(IDS), registry.several([f"{one:016}" for one in range(40)] + IDS)
    for whose in (None, shares.whose(), shares.whose(own=ADA), shares.whose(seen_by=BOB), shares.whose("", BOB, True)):
        yield [run.id for run in registry.runs(parts=False, whose=whose)]
        yield [run.id for run in registry.runs(2, "spatial", (State.DONE, State.QUEUED), whose=whose, kind="count")]
    yield registry.counts(), registry.alive(), sorted(registry.own()), len(registry.owners())
    yield [(registry.numbers(one), registry.last_report(one), registry.pictures(one)) for one in IDS]
    yield sorted(run.id for run in registry.begun_since(0.0)), registry.wholes_of(IDS), registry.durations("count")
    yield [(registry.wish(one), shares.of(one), shares.askers(one)) for one in IDS]
    yield registry.holds("d1"), registry.results(), registry.shipped(), registry.digests(), registry.awaited()
    yield [run.id for run in registry.without_entry()]
    yield shares.several(IDS), shares.awaited_by(ADA), shares.deletions(ADA, 0.0), shares.overdue(1.0)
    yield people.several([ADA, BOB, "c" * 20]), people.key_mark(ADA), people.key_mark(BOB)
    yield [ledger.tests_until(one) for one in IDS], ledger.tests_on(["data"], ["abc"]), ledger.runs_on_data_of(IDS[0])
    yield registry.engines.all()


def changes(registry: Registry) -> list[Callable[[], Any]]:
    """Everything that is ever written down, one thing a second; each gives what the writing says."""
    one, two, part, whole = IDS
    shares, people, engines, me = registry.shares, registry.people, registry.engines, registry.owner.name
    result = Outcome(1.5, b"", "headline", {"total": 1}, ("data",))

    def report(step: int) -> Progress:
        pictures = {"dot": b"\0\xff%d" % step}
        return Progress(phase="p", step=step, total=3, numbers={"n": step}, pictures=pictures, note="\0 well")

    return [
        lambda: registry.claim(ONE, visitor=ADA),
        lambda: registry.claim(ONE, visitor=BOB),
        lambda: registry.claim(WHOLE, visitor=ADA),
        lambda: registry.claim(PART, whole=whole),
        lambda: (registry.expect(one, 3.0), registry.find(one[:8]).id),
        lambda: [registry.start(one, attempt) for attempt in (2, 1, None)],
        lambda: registry.progress(one, report(1), 1),
        lambda: registry.progress(one, report(2), 1),
        lambda: registry.checkpoint(one, "c1"),
        lambda: (registry.stop(one), registry.wait_again(one, 1), registry.start(one)),
        lambda: registry.finish(one, "d1", result),
        lambda: registry.fail(one, "late"),
        lambda: registry.ledger.write(one, 5.0, Trials(("a", "b"), ("data",), ("abc",))),
        lambda: registry.ledger.write(one, 6.0, Trials(("c",), ("data",))),
        lambda: registry.ledger.write("another", 6.0, Trials(("c",), ("data",))),
        lambda: registry.claim(ONE, visitor=BOB),
        lambda: registry.claim(TWO, visitor=ADA),
        lambda: [shares.leave(two, ADA) for _ in range(2)],
        lambda: registry.cancel(two, unless_awaited=True, why="left by all"),
        lambda: registry.claim(TWO, visitor=BOB),
        lambda: [registry.interrupt(two, "gone", owner, 2) for owner in ("another", me)],
        lambda: registry.claim(TWO, visitor=LAB),
        lambda: registry.finish(two, "d2", Outcome(1.0, b"")),
        lambda: registry.evict(["d2"], "Cleared"),
        lambda: (registry.cancel(part, unless_awaited=True), registry.take_over(part, "another")),
        lambda: people.rename(ADA, "Ada \0 Lovelace"),
        lambda: people.keep_private(ADA, True),
        lambda: people.keep_key_mark(ADA, "m" * 64, 1e9),
        lambda: shares.pin(one),
        lambda: shares.delete([one, part], BOB),
        lambda: shares.undo(BOB, shares.deletions(BOB, 0.0)[0].at),
        lambda: shares.unpin(one, ADA),
        lambda: shares.delete([one], ADA, everybodys=True),
        lambda: engines.note(me, "tcp://1", 2, 1),
        lambda: engines.measured(me, 0.5),
        lambda: engines.note(me, "tcp://2", 1, 0, "no workers"),
        lambda: registry.delete(one, unless_held=True),
        lambda: registry.fail(part, "broken", 1),
        lambda: registry.delete(part),
        lambda: shares.forget(whole),
        lambda: shares.overdue(1e12),
        lambda: engines.forget(me),
    ]


def without_owner(value: Any) -> Any:
    """Of which every lab has its own."""
    if hasattr(value, "owner"):
        return replace(value, owner="")
    if isinstance(value, (tuple, list)):
        return [without_owner(one) for one in value]
    return {name: without_owner(one) for name, one in value.items()} if isinstance(value, dict) else value


def test_all_questions_have_the_same_answers(postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stories: list[list[Any]] = []
    for home, url in (("one", None), ("two", postgres.database())):
        registry = Lab.open(Settings(home=tmp_path / home, database=url)).registry
        story = []
        for second, change in enumerate(changes(registry)):
            monkeypatch.setattr(time, "time", lambda now=1.8e9 + second: now)
            asked = everything(registry) if second % ASKED_EVERY == 0 else ()
            story += map(without_owner, (change(), *asked))
        registry.close()
        stories.append(story)
    monkeypatch.undo()
    for one, two in zip(*stories, strict=True):
        assert one == two
