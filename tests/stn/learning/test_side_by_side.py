from __future__ import annotations

from collections.abc import Generator

import pytest

from core.runs.request import Progress, Wish
from core.stn.learning.side_by_side import Interleaved, interleave
from core.training import History
from tests.drive import played


class Clock:
    """A clock that only the work of a training moves on."""

    now = 0

    def monotonic(self) -> int:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("core.stn.learning.side_by_side.time", clock)
    return clock


def training(clock: Clock, name: str, pause: int, total: int, log: list[str]) -> Generator[Progress, None, History]:
    """Works `pause` ticks a step until `total` ticks have passed since it began."""
    began, steps = clock.now, 0
    while clock.now - began < total:
        clock.now += pause
        steps += 1
        log.append(name)
        yield Progress(phase="own", step=steps, numbers={"loss": 1 / steps})
    return History(steps=steps)


def run(trainings: dict[str, Generator[Progress, None, History]]) -> tuple[list[Progress], Interleaved[str]]:
    return played(interleave(trainings, "learning"))


def test_a_slow_training_has_as_much_time_as_a_fast_one(clock: Clock) -> None:
    log: list[str] = []
    _, interleaved = run({name: training(clock, name, pause, 80, log) for name, pause in (("slow", 4), ("fast", 1))})
    assert interleaved.seconds["slow"] == pytest.approx(interleaved.seconds["fast"], abs=4)
    assert interleaved.histories["fast"].steps == pytest.approx(4 * interleaved.histories["slow"].steps, abs=4)
    assert interleaved.histories["fast"].steps == log.count("fast")


@pytest.mark.parametrize("last", ["one", "other"])
def test_histories_come_in_the_order_of_the_trainings_whichever_ends_first(clock: Clock, last: str) -> None:
    _, interleaved = run({name: training(clock, name, 1, 9 if name == last else 3, []) for name in ("one", "other")})
    assert list(interleaved.histories) == ["one", "other"]


def test_progress_holds_the_latest_loss_of_every_training(clock: Clock) -> None:
    steps, _ = run({name: training(clock, name, 1, 15, []) for name in ("a", "b")})
    assert {step.phase for step in steps} == {"learning"}
    last = steps[-1].numbers
    assert last["loss a"] == pytest.approx(1 / last["step a"])
    assert last["loss b"] == pytest.approx(1 / last["step b"])


def test_a_training_that_ends_at_once_does_not_stop_the_others(clock: Clock) -> None:
    log: list[str] = []
    _, interleaved = run({"a": training(clock, "a", 0, 0, log), "b": training(clock, "b", 1, 10, log)})
    assert interleaved.histories["a"].steps == 0
    assert interleaved.histories["b"].steps == 10


def test_what_is_wished_is_wished_of_each_training_that_has_begun() -> None:
    def stoppable(total: int) -> Generator[Progress, Wish | None, History]:
        for steps in range(1, total):
            if (yield Progress(phase="own", step=steps)) is Wish.STOP:
                return History(steps=steps, stopped=True)
        return History(steps=total)

    running = interleave({"a": stoppable(50), "b": stoppable(50)}, "learning")
    for _ in range(4):
        next(running)
    with pytest.raises(StopIteration) as end:
        running.send(Wish.STOP)
    assert {name: history.stopped for name, history in end.value.value.histories.items()} == {"a": True, "b": True}
