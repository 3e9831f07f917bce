"""What is read from files: one object for all, the latest few kept for the next who asks."""

from __future__ import annotations

import gc

import pytest

from core.in_use import InUse


class Read:
    """What was read of a file."""


@pytest.fixture
def in_use() -> InUse[Read]:
    return InUse(most=2)


def test_the_latest_are_kept_and_beyond_them_those_in_use(in_use: InUse[Read]) -> None:
    held = in_use.keep("held", Read())
    for name in ("first", "second", "third"):
        in_use.keep(name, Read())
    gc.collect()
    assert in_use.get("held") is held
    assert [name for name in ("first", "second", "third") if in_use.get(name)] == ["second", "third"]


def test_asking_for_one_keeps_it_longer(in_use: InUse[Read]) -> None:
    for name in ("first", "second"):
        in_use.keep(name, Read())
    assert in_use.get("first")
    in_use.keep("third", Read())
    gc.collect()
    assert in_use.get("first")
    assert not in_use.get("second")


def test_in_a_pause_all_but_those_in_use_are_let_go(in_use: InUse[Read]) -> None:
    held = in_use.keep("held", Read())
    in_use.keep("left", Read())
    in_use.let_go()
    gc.collect()
    assert in_use.get("held") is held
    assert in_use.get("left") is None


def test_who_reads_the_same_at_the_same_time_uses_what_the_first_one_read(in_use: InUse[Read]) -> None:
    first, second = Read(), Read()
    assert in_use.keep("same", first) is first
    assert in_use.keep("same", second) is first
