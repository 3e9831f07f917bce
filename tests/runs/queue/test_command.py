"""What `python -m core queue` says."""

from __future__ import annotations

from core.runs.lab import Lab
from core.runs.queue.command import report, words
from core.speed import REFERENCE_SECONDS
from tests.runs.count import CountRequest


def test_without_an_engine_it_says_how_to_start_one(lab: Lab) -> None:
    assert report(lab) == {"engines": []}
    assert words(report(lab)) == "No engine runs here. The server starts one: make run"


def test_it_says_what_is_at_work_what_waits_and_how_fast_the_machine_is(lab: Lab) -> None:
    lab.registry.engines.note(owner := lab.registry.owner.name, "inproc", workers=1, kept=0)
    lab.registry.engines.measured(owner, 3 * REFERENCE_SECONDS)
    for to in (1, 2):
        run, _ = lab.claim(CountRequest(to=to))
        lab.registry.expect(run.id, 40.0 * to)
        if to == 1:
            lab.registry.start(run.id)
    [engine] = report(lab)["engines"]
    assert (engine["workers"], engine["kept"], engine["slowness"]) == (1, 0, 3.0)
    assert [one["title"] for one in engine["at_work"]] == ["Count to 1"]
    [waiting] = engine["waiting"]
    assert (waiting["run"], waiting["place"]) == (run.id, 1)
    assert 39 < waiting["seconds"] <= 40
    first, *lines = words(report(lab)).splitlines()
    assert first == "1 worker; 3.0 times slower than the machine on which the presets were chosen"
    assert [line.split()[0] for line in lines] == ["at", "waits"]
    assert "1. begins in about 40 s" in lines[1]


def test_it_says_that_a_worker_is_kept(lab: Lab) -> None:
    lab.registry.engines.note(lab.registry.owner.name, "inproc", workers=2, kept=1)
    assert words(report(lab)) == "2 workers, one of them for runs of at most 20 s"
