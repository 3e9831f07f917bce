"""The time that is left does not climb: from what was expected to what is measured."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core.runs.lab import Lab
from core.runs.queue import left
from core.runs.queue.left import TimeLeft, seconds_left
from core.runs.request import Progress
from tests.runs.count import CountRequest


def test_it_begins_with_what_was_expected_and_ends_with_nothing() -> None:
    assert seconds_left(0.0, 20.0, 0.0) == 20
    assert seconds_left(1.0, 20.0, 35.0) == 0
    assert seconds_left(0.5, 20.0, 10.0) == 10  # as expected


@pytest.mark.parametrize("whole", [5.0, 20.0, 39.0])
def test_it_falls_all_the_time_also_where_a_run_takes_a_quarter_of_it_or_nearly_twice_as_long(whole: float) -> None:
    told = [seconds_left(share / 50, 20.0, whole * share / 50) for share in range(51)]
    assert told == sorted(told, reverse=True)


@pytest.mark.parametrize("pace", [[0.01, 0.02, 0.03, 0.5, 1.0], [0.5, 0.51, 0.52, 0.53, 1.0]])
def test_what_a_run_says_does_not_climb_whatever_its_own_progress_says(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, pace: list[float]
) -> None:
    run, _ = lab.claim(CountRequest(to=100))
    clock = iter([0.0, *range(0, 1000, 7)])
    monkeypatch.setattr(left, "time", SimpleNamespace(monotonic=lambda: float(next(clock))))
    of_run = TimeLeft(lab.registry.get, lambda request: 10.0)
    told = []
    for share in [0.0, *pace]:
        progress = Progress(phase="", step=round(1000 * share), total=1000, seconds_left=1e6 * share)
        told.append(of_run.with_time_left(run.id, progress).seconds_left)
    said = [seconds for seconds in told if seconds is not None]
    assert said == sorted(said, reverse=True)
    assert (told[0], told[-1]) == (10.0, 0.0)
    assert None in told  # it takes many times as long as expected: then nothing is said in place of what is wrong
