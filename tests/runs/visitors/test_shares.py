from __future__ import annotations

from collections.abc import Callable

import pytest

from core.runs.lab import Lab
from core.runs.registry import State
from core.runs.request import key_of
from core.runs.visitors.visitor import COMMAND_LINE, LAB
from tests.runs.count import CountRequest
from tests.runs.counts import CountsRequest

pytestmark = pytest.mark.databases

ADA, BOB = "a" * 20, "b" * 20
REQUEST = CountRequest(to=3)
RUN = key_of(REQUEST)


def test_a_run_has_the_visitors_who_asked_for_it(lab: Lab) -> None:
    for visitor in (ADA, BOB, ADA):
        lab.claim(REQUEST, visitor=visitor)
    assert lab.registry.shares.askers(RUN) == {ADA, BOB}
    assert lab.registry.shares.awaited_by(ADA) == {RUN}
    lab.claim(CountRequest(to=4))
    assert lab.registry.shares.askers(key_of(CountRequest(to=4))) == {COMMAND_LINE}


def test_a_run_ends_when_the_last_who_asked_for_it_has_left(lab: Lab) -> None:
    shares = lab.registry.shares
    for visitor in (ADA, BOB):
        lab.claim(REQUEST, visitor=visitor)
    assert shares.leave(RUN, ADA)
    assert not shares.leave(RUN, ADA)
    assert not lab.cancel(RUN, unless_awaited=True)
    assert shares.askers(RUN) == {BOB}
    shares.leave(RUN, BOB)
    assert lab.cancel(RUN, unless_awaited=True, why="nobody is left")
    run = lab.look(RUN)
    assert run
    assert (run.state, run.error) == (State.CANCELLED, "nobody is left")


def test_whoever_left_may_come_back(lab: Lab) -> None:
    shares = lab.registry.shares
    lab.claim(REQUEST, visitor=ADA)
    shares.leave(RUN, ADA)
    lab.claim(REQUEST, visitor=ADA)
    assert shares.askers(RUN) == {ADA}
    assert not lab.cancel(RUN, unless_awaited=True)


@pytest.mark.parametrize("end", ["cancel", "fail", "interrupt"])
def test_a_run_that_ended_and_is_asked_for_again_is_not_done_for_those_who_asked_before(lab: Lab, end: str) -> None:
    shares = lab.registry.shares
    for visitor in (ADA, BOB):
        lab.claim(REQUEST, visitor=visitor)
    lab.cancel(RUN, why="by the lecturer") if end == "cancel" else getattr(lab.registry, end)(RUN, "a reason")
    lab.claim(REQUEST, visitor=BOB)
    assert (shares.askers(RUN), shares.of(RUN).holders) == ({BOB}, {ADA, BOB})
    lab.claim(REQUEST, visitor=ADA)
    assert shares.askers(RUN) == {ADA, BOB}


def test_a_run_that_all_left_goes_on_while_a_joint_run_waits_for_it(lab: Lab) -> None:
    shares, request = lab.registry.shares, CountsRequest(counts=(REQUEST, CountRequest(to=4)))
    lab.claim(REQUEST, visitor=ADA)
    whole, _ = lab.claim(request, visitor=BOB)
    lab.claim(REQUEST, whole=whole.id)
    assert shares.askers(RUN) == {ADA, BOB}  # Bob through the whole
    assert shares.of(RUN).askers == {ADA}
    shares.leave(RUN, ADA)
    assert not lab.cancel(RUN, unless_awaited=True)
    assert lab.cancel(whole.id)
    assert lab.cancel(RUN, unless_awaited=True)


def test_a_shipped_run_is_the_labs_own(lab: Lab) -> None:
    lab.claim(REQUEST, visitor=LAB)
    lab.claim(REQUEST, visitor=ADA)
    shares = lab.registry.shares
    shares.delete([RUN], by=ADA)
    shares.delete([RUN], by=COMMAND_LINE, everybodys=True)
    assert shares.of(RUN).holders == {LAB}
    assert shares.of(RUN).shipped


@pytest.mark.parametrize("table", ["share", "visitor"])
def test_an_older_lab_has_no_such_table_and_opens(lab: Lab, open_lab: Callable[[], Lab], table: str) -> None:
    lab.claim(REQUEST)
    with lab.registry._db.connection_context():
        lab.registry._db.execute_sql(f"drop table {table}")
    older = open_lab()
    assert older.look(RUN)
    assert older.registry.shares.askers(RUN) == (set() if table == "share" else {COMMAND_LINE})
    assert older.registry.people.get(ADA).name.startswith("Guest ")


def test_a_command_that_is_left_ends_its_run_but_not_for_a_visitor_who_waits_for_it(lab: Lab) -> None:
    for others, state in (((), State.CANCELLED), ((ADA,), State.INTERRUPTED)):
        doing = lab.iterate(CountRequest(to=1000))
        next(doing)
        for visitor in others:
            lab.claim(CountRequest(to=1000), visitor=visitor)
        doing.close()
        run = lab.look(key_of(CountRequest(to=1000)))
        assert run
        assert run.state is state
