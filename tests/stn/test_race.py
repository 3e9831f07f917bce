from __future__ import annotations

import time
from collections.abc import Generator

import pytest

from core.runs.request import Progress
from core.stn.race import Finish, race
from core.training import History


def runner(name: str, pause: float, total: float, log: list[str]) -> Generator[Progress, None, History]:
    """Works `pause` seconds a step until `total` seconds have passed since it began."""
    began, steps = time.monotonic(), 0
    while time.monotonic() - began < total:
        time.sleep(pause)
        steps += 1
        log.append(name)
        yield Progress(phase="own", step=steps, numbers={"loss": 1 / steps})
    return History(steps=steps)


def run(runners: dict[str, Generator[Progress, None, History]]) -> tuple[list[Progress], Finish[str]]:
    racing, seen = race(runners, "learning"), []
    while True:
        try:
            seen.append(next(racing))
        except StopIteration as end:
            return seen, end.value


def test_a_slow_runner_has_as_much_time_as_a_fast_one() -> None:
    log: list[str] = []
    _, finish = run({name: runner(name, pause, 0.4, log) for name, pause in (("slow", 0.02), ("fast", 0.005))})
    assert finish.seconds["slow"] == pytest.approx(finish.seconds["fast"], abs=0.06)
    assert finish.histories["fast"].steps > 1.5 * finish.histories["slow"].steps
    assert finish.histories["fast"].steps == log.count("fast")


def test_progress_holds_the_latest_loss_of_every_runner() -> None:
    seen, _ = run({name: runner(name, 0.002, 0.03, []) for name in ("a", "b")})
    assert {step.phase for step in seen} == {"learning"}
    last = seen[-1].numbers
    assert last["loss a"] == pytest.approx(1 / last["step a"])
    assert last["loss b"] == pytest.approx(1 / last["step b"])


def test_a_runner_that_ends_at_once_does_not_stop_the_others() -> None:
    log: list[str] = []
    _, finish = run({"a": runner("a", 0, 0, log), "b": runner("b", 0.002, 0.02, log)})
    assert finish.histories["a"].steps == 0
    assert finish.histories["b"].steps > 1
