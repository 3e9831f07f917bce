from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pages.parts.serving.turns import turn

LONG = 60.0  # seconds, which no test lasts


def test_scripts_run_one_after_the_other() -> None:
    running, most = list[int](), list[int]()

    def script(number: int) -> None:
        with turn(LONG):
            running.append(number)
            most.append(len(running))
            running.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(script, range(200)))
    assert most == [1] * 200


def test_one_waits_until_the_one_before_has_ended() -> None:
    inside, go_on, came = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with turn(LONG):
            inside.set()
            go_on.wait(LONG)

    def second() -> None:
        with turn(LONG):
            came.set()

    with ThreadPoolExecutor(2) as pool:
        pool.submit(first)
        inside.wait(LONG)
        pool.submit(second)
        assert not came.wait(0.05)
        go_on.set()
        assert came.wait(LONG)


def test_a_script_that_takes_long_holds_up_nobody() -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with turn(0.01):
            inside.set()
            go_on.wait(LONG)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(slow)
        inside.wait(LONG)
        for _ in range(3):
            with turn(0.01):
                assert not go_on.is_set()
        go_on.set()


def test_a_script_that_fails_gives_its_turn_back() -> None:
    with pytest.raises(ZeroDivisionError), turn(LONG):
        _ = 1 / 0
    with turn(LONG):
        pass
