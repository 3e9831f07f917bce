"""Six visitors with one question, on the real server: one training, which goes on when half of them leave."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.classroom import ask, ended, leave, listen
from benchmarks.visitor import visitors
from core.runs.lab import Lab
from core.runs.registry import Run, State
from core.settings import Settings
from tests.e2e.server import Server

VISITORS, LEAVING = 6, 3


@pytest.fixture
def lab(server: Server) -> Iterator[Lab]:
    opened = Lab.open(Settings(home=server.home))
    yield opened
    opened.registry.close()


async def visit(server: Server, lab: Lab) -> tuple[set[str], list[bool], Run]:
    """The runs that they have; whether those who stay saw progress and its end; how it ended."""
    async with visitors(server.url, VISITORS) as all_of_them:
        await asyncio.gather(*(ask(one, angle=65, preset="1 min") for one in all_of_them))
        runs = {one.parameter("run") for one in all_of_them}
        await asyncio.gather(*(leave(one) for one in all_of_them[:LEAVING]))
        watching = [asyncio.create_task(listen(one)) for one in all_of_them[LEAVING:]]
        [run_id] = runs
        while not lab.registry.stop(run_id):  # as soon as it runs; the minute is not waited for
            await asyncio.sleep(0.05)
        seen = await asyncio.gather(*watching)
        [run] = await ended(lab, [run_id])
        return runs, seen, run


def test_six_who_press_the_same_have_one_training_and_those_who_stay_see_it_end_well(server: Server, lab: Lab) -> None:
    with ThreadPoolExecutor(1) as own:  # there is a loop in this thread already, where a browser has been started
        runs, seen, run = own.submit(asyncio.run, visit(server, lab)).result()
    assert len(runs) == 1
    assert run.state is State.DONE
    assert seen == [True] * (VISITORS - LEAVING)
    assert len(lab.registry.shares.of(run.id).left) == LEAVING
