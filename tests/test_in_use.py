"""What is read from files: one object for all, the latest kept for the next who asks, within bounds."""

from __future__ import annotations

import gc
import weakref

import pytest

from core.in_use import InUse


class Read:
    """What was read of a file."""


@pytest.fixture
def in_use() -> InUse[Read]:
    return InUse(most_bytes=10)


def test_the_latest_are_kept_up_to_a_number_of_bytes_and_those_in_use_beyond_it(in_use: InUse[Read]) -> None:
    held = in_use.keep("held", Read(), 4)
    for name in ("first", "second", "third"):
        in_use.keep(name, Read(), 4)
    gc.collect()
    assert in_use.get("held") is held
    assert [name for name in ("first", "second", "third") if in_use.get(name)] == ["second", "third"]


def test_asking_for_one_keeps_it_longer(in_use: InUse[Read]) -> None:
    for name in ("first", "second"):
        in_use.keep(name, Read(), 5)
    assert in_use.get("first")
    in_use.keep("third", Read(), 5)
    gc.collect()
    assert in_use.get("first")
    assert not in_use.get("second")


def test_one_that_is_larger_than_the_bound_is_there_while_it_is_in_use(in_use: InUse[Read]) -> None:
    large = in_use.keep("large", Read(), 11)
    assert in_use.get("large") is large
    gone = weakref.ref(large)
    del large
    gc.collect()
    assert gone() is None
    assert in_use.get("large") is None


def test_who_reads_the_same_at_the_same_time_uses_what_the_first_one_read(in_use: InUse[Read]) -> None:
    first, second = Read(), Read()
    assert in_use.keep("same", first, 1) is first
    assert in_use.keep("same", second, 1) is first
