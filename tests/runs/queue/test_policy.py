"""Which run begins next, on queues that are small enough to be judged by hand."""

from __future__ import annotations

from typing import Any

import pytest

from core.runs.queue.policy import PATIENCE_SECONDS, SHORT_SECONDS, AtWork, Queue, Served, Waiting, Workers, next_run

LONG = 10 * SHORT_SECONDS


def waits(run: str, visitor: str, seconds: float = 10.0, asked: float = 0.0, direct: bool = True) -> Waiting:
    return Waiting(run, seconds, asked, frozenset(visitor.split()), direct)


def works(visitor: str, seconds: float = 10.0) -> AtWork:
    return AtWork(f"of {visitor}", seconds, seconds, frozenset({visitor}))


def begins(*waiting: Waiting, at_work: tuple[AtWork, ...] = (), workers: int = 3, now: float = 1.0, **more: Any) -> str | None:
    chosen = next_run(Queue(waiting, at_work, Workers.keeping(workers), **more), now)
    return chosen.run if chosen else None


def test_nothing_begins_where_nothing_waits() -> None:
    assert begins() is None


def test_nothing_begins_while_no_worker_is_free() -> None:
    assert begins(waits("a", "x"), at_work=(works("y"), works("y")), workers=2) is None


def test_nothing_begins_without_a_worker() -> None:
    assert begins(waits("a", "x"), workers=0) is None


def test_who_asked_first_is_first() -> None:
    assert begins(waits("b", "y", asked=0.5), waits("a", "x", asked=0.2)) == "a"


def test_whoever_has_fewest_at_work_is_first() -> None:
    assert begins(waits("a", "x", asked=0.1), waits("b", "y", asked=0.9), at_work=(works("x"),)) == "b"


def test_whoever_was_given_least_lately_is_first() -> None:
    served = {"x": Served(30.0, 0.0), "y": Served(20.0, 0.0)}
    assert begins(waits("a", "x", asked=0.1), waits("b", "y", asked=0.9), served=served) == "b"


def test_a_run_of_several_visitors_has_the_turn_of_the_one_who_is_first() -> None:
    busy = (works("x"),)
    assert begins(waits("a", "x z", asked=0.1), waits("b", "y", asked=0.9), at_work=busy) == "a"


def test_a_long_run_never_takes_the_last_worker_of_several() -> None:
    assert begins(waits("a", "x", LONG), at_work=(works("y", LONG),), workers=2) is None
    assert begins(waits("a", "x", LONG), waits("b", "z"), at_work=(works("y", LONG),), workers=2) == "b"
    assert begins(waits("a", "x", LONG), at_work=(works("y"),), workers=2) == "a"


def test_a_short_run_may_take_every_worker() -> None:
    assert begins(waits("a", "x"), at_work=(works("y", LONG), works("z")), workers=3) == "a"


def test_a_run_is_short_up_to_twenty_seconds() -> None:
    long_at_work = (works("y", LONG),)
    assert begins(waits("a", "x", SHORT_SECONDS), at_work=long_at_work, workers=2) == "a"
    assert begins(waits("a", "x", SHORT_SECONDS + 0.1), at_work=long_at_work, workers=2) is None


def test_a_single_worker_takes_the_shortest_of_those_whose_turn_it_is() -> None:
    assert begins(waits("a", "x", LONG, 0.1), waits("b", "y", 5.0, 0.9), workers=1) == "b"
    assert begins(waits("a", "x", LONG, 0.1), waits("b", "y", 5.0, 0.9), workers=1, served={"y": Served(5.0)}) == "a"


def test_parts_wait_behind_runs_that_were_asked_for_by_themselves() -> None:
    assert begins(waits("part", "x", asked=0.1, direct=False), waits("a", "y", asked=0.9), at_work=(works("y"),)) == "a"


def test_a_sweep_of_many_parts_does_not_keep_another_sweep_waiting() -> None:
    many = [waits(f"x{n}", "x", asked=0.1, direct=False) for n in range(50)]
    assert begins(*many, waits("y0", "y", asked=0.9, direct=False), at_work=(works("x"),)) == "y0"


@pytest.mark.parametrize("workers", [1, 3])
def test_whoever_has_waited_out_everybody_elses_turns_is_next(workers: int) -> None:
    late = waits("part", "x", LONG, 0.0, direct=False)
    fresh = waits("a", "y", 1.0, PATIENCE_SECONDS)
    assert begins(late, fresh, workers=workers, now=PATIENCE_SECONDS - 1) == "a"
    assert begins(late, fresh, workers=workers, now=PATIENCE_SECONDS + 1) == "part"


def test_of_a_visitor_who_was_served_meanwhile_no_run_has_waited_long() -> None:
    served = {"x": Served(10.0, last=PATIENCE_SECONDS - 5)}
    assert begins(waits("a", "x", asked=0.0), waits("b", "y", asked=100.0), served=served, now=PATIENCE_SECONDS + 1) == "b"


def test_runs_of_nobody_known_are_one_visitors() -> None:
    nobody = AtWork("old", 10.0, 10.0)
    assert begins(Waiting("a", 10.0, 0.1), waits("b", "y", asked=0.9), at_work=(nobody,)) == "b"


def test_an_engine_of_ones_own_keeps_no_worker() -> None:
    queue = Queue((waits("a", "x", LONG),), (works("x", LONG),), Workers(2))
    assert next_run(queue, 1.0) is not None
