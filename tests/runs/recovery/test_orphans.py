"""Runs whose process is gone: what a look shows, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner

from core import __main__ as shell
from core.runs.lab import Lab
from core.runs.recovery.orphans import adopt
from core.runs.registry import INTERRUPTED, State
from core.runs.request import key_of
from tests.runs.count import CountRequest

pytestmark = pytest.mark.databases

OpenLab = Callable[[], Lab]
WAITS, RAN = CountRequest(to=2), CountRequest(to=3)


@pytest.fixture
def left(open_lab: OpenLab) -> Lab:
    """A lab whose server was killed while one run waited and one ran."""
    gone = open_lab()
    gone.claim(WAITS)
    gone.registry.start(gone.claim(RAN)[0].id)
    gone.registry.close()  # what the system does to a killed process's lock
    return open_lab()


def test_looks_of_any_kind_change_nothing(left: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    before = left.registry.several(map(key_of, (WAITS, RAN)))
    monkeypatch.setattr(shell, "lab", lambda: left)
    monkeypatch.setattr("core.shell.lab", lambda: left)
    listed = CliRunner().invoke(shell.main, ["runs", "--json"]).stdout
    one = CliRunner().invoke(shell.main, ["runs", key_of(RAN), "--json"]).stdout
    left.snapshots.of(key_of(WAITS))
    assert '"state": "queued"' in listed
    assert '"state": "interrupted"' in one
    assert left.registry.several(map(key_of, (WAITS, RAN))) == before


def test_what_waits_says_that_no_server_is_there(left: Lab) -> None:
    assert left.trouble(left.registry.find(key_of(WAITS))) == "waits until the lab's server is started again"


def test_the_next_engine_lets_go_on_what_waits_and_only_one_of_two_does(left: Lab, open_lab: OpenLab) -> None:
    other = open_lab()
    assert [run.id for run in adopt(left.registry)] == [key_of(WAITS)]
    assert adopt(other.registry) == []
    run = left.registry.find(key_of(RAN))
    assert (run.state, run.error) == (State.INTERRUPTED, INTERRUPTED)


@pytest.mark.parametrize("request_", [WAITS, RAN])
def test_who_asks_again_has_it_done(left: Lab, request_: CountRequest) -> None:
    list(left.iterate(request_))
    run = left.registry.find(key_of(request_))
    assert (run.state, run.attempt) == (State.DONE, 2)
