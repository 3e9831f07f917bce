"""What the server keeps of a visitor who looked at a finished run and left: Streamlit holds a session for 15 minutes."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import pytest
from streamlit.runtime.fragment import MemoryFragmentStorage

from core.runs.lab import Lab
from core.runs.result import Result
from pages.parts.examples import ids_by_name
from pages.parts.serving.fragments import fragment
from pages.parts.serving.served import collect_when_quiet, page_served
from tests.pages.conftest import OpenPage

MOST = 200_000  # bytes
SHIPPED = ("1-straighten", "8-panel", "10-memory")  # what is largest: pictures, tables, networks


def held_by(roots: Iterable[Any], seen: set[int]) -> int:
    """Bytes of all that is reached from some objects and not in `seen`, without code: modules, classes, functions' globals."""
    size, waiting = 0, list(roots)
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, ModuleType | type | BuiltinFunctionType):
            continue
        seen.add(id(one))
        if isinstance(one, FunctionType):
            waiting += [cell.cell_contents for cell in one.__closure__ or () if cell.cell_contents is not None]
            waiting += [*(one.__defaults__ or ()), *(one.__kwdefaults__ or {}).values()]
            continue
        size += one.nbytes if isinstance(one, np.ndarray) and one.base is None else sys.getsizeof(one)
        waiting += [one.__func__, one.__self__] if isinstance(one, MethodType) else gc.get_referents(one)
    return size


@dataclass
class Session:
    """What Streamlit keeps of one visitor."""

    fragments: dict[str, Any]
    state: Any

    @property
    def roots(self) -> list[Any]:
        return [*self.fragments.values(), self.state]


@pytest.fixture
def visit(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Session]:
    """Somebody opens a run by its name and leaves."""
    register, fragments = MemoryFragmentStorage.register, dict[str, Any]()

    def registering(storage: MemoryFragmentStorage, key: str, fragment: Any, **options: Any) -> None:
        fragments[key] = fragment
        register(storage, key, fragment, **options)

    monkeypatch.setattr(MemoryFragmentStorage, "register", registering)

    def visited(name: str) -> Session:
        opened = open_page("run", id=name)
        assert not opened.exception
        session = Session(dict(fragments), opened.session_state)
        fragments.clear()
        return session

    return visited


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_a_visitor_of_a_finished_run_leaves_next_to_nothing_behind(
    name: str, home: Lab, visit: Callable[[str], Session]
) -> None:
    first, second = visit(name), visit(name)
    shared: set[int] = set()
    held_by(first.roots, shared)
    assert 0 < held_by(second.roots, shared) < MOST
    assert let_go(home, name)


def test_a_part_of_a_screen_draws_a_result_again_that_nobody_has_held_since(home: Lab) -> None:
    run, drawn = home.look(ids_by_name()["4-align"]), list[Result]()
    assert run
    kept: list[Callable[[], None]] = []

    def keeping(part: Callable[..., None]) -> Callable[..., None]:
        return lambda *given: kept.append(lambda: part(*given))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("streamlit.fragment", keeping)
        part = fragment(lambda run, result: drawn.append(result))
    part(run, home.result(run))
    assert let_go(home, "4-align")
    kept[0]()
    assert drawn[0].headline == run.headline


def let_go(home: Lab, name: str) -> bool:
    """Whether a result goes in a pause, although there are sessions that have shown it."""
    run, gone = home.look(ids_by_name()[name]), list[str]()
    assert run
    weakref.finalize(home.result(run), gone.append, "gone")
    page_served()
    assert collect_when_quiet(home.opened.let_go, 0.0)
    return gone == ["gone"]


def nothing() -> None:
    """What is let go of."""


class Ring:
    """Holds itself, so that only a collection can free it."""

    def __init__(self) -> None:
        self.itself = self


def test_garbage_that_was_frozen_while_it_was_in_use_is_collected_when_nobody_is_served() -> None:
    gone: list[str] = []
    ring = Ring()
    weakref.finalize(ring, gone.append, "gone")
    gc.freeze()
    del ring
    gc.collect()
    assert gone == []
    page_served()
    assert not collect_when_quiet(nothing, 3_600.0)
    assert collect_when_quiet(nothing, 0.0)
    assert gone == ["gone"]
    assert not collect_when_quiet(nothing, 0.0)  # once


def test_garbage_made_after_the_start_is_collected_by_python_itself() -> None:
    page_served()
    collect_when_quiet(nothing, 0.0)
    gone: list[str] = []
    weakref.finalize(Ring(), gone.append, "gone")
    kept: list[list[int]] = []
    while not gone and len(kept) < 1_000_000:
        kept.append([])
    assert len(kept) < 1_000_000


def test_pixels_that_a_session_holds_would_be_counted() -> None:
    pixels = np.zeros((500, 500), np.uint8)
    shared: set[int] = set()
    assert 250_000 <= held_by([lambda: pixels], shared) < 300_000
    assert held_by([[pixels]], shared) < 1_000
