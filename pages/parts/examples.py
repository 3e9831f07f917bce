"""The finished runs that come with the lab, for screens without a run of the visitor's own."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any, Literal

import streamlit as st

from core.errors import InvalidRequest, RunFailed
from core.runs.bundle import examples_by_name
from core.runs.joint import Joint
from core.runs.lab import lab
from core.runs.registry import Run, State
from core.runs.request import Request
from core.runs.result import Result
from pages.parts.visitors.me import my_id

AGAIN_SECONDS = 10.0
BEGINNING = 8  # letters of an id, as lists show it: with fewer, anybody could go through the runs of all
_taken_in: list[float] = []  # when that was last done again


def _may_take_in_again() -> bool:
    """Not all the time, where the folder cannot be written."""
    now = time.monotonic()
    if _taken_in and now - _taken_in[-1] < AGAIN_SECONDS:
        return False
    _taken_in[:] = [now]
    return True


@st.cache_resource(max_entries=1)
def ids_by_name() -> dict[str, str]:
    """The ids of the shipped runs by name, "2-compare"; the first call adds them to the lab."""
    return {name: run.id for name, run in examples_by_name(lab()).items()}


def named(name: str) -> Run | None:
    """The run that an address names: by its id or a beginning of it that no other has or, where it came with the lab, by its
    file ("2-compare")."""
    run = lab().look(ids_by_name().get(name, name) if "-" in name else name)
    if run is None and len(name) >= BEGINNING:
        with suppress(InvalidRequest):
            return lab().look(lab().registry.find(name).id)
    return run


@st.cache_resource(max_entries=1)
def _kinds() -> dict[str, str]:
    """The kinds of the shipped runs by id."""
    return {run_id: run.kind for run_id, run in lab().several(shipped_ids()).items()}


def shipped_ids() -> list[str]:
    return list(ids_by_name().values())


def shipped(kind: str | None = None, most: int | None = None) -> list[tuple[Run, Result]]:
    """The shipped runs that are still here, with their results; those of one kind, and the first so many, if that is given."""
    return [(run, result) for run in shipped_runs(kind)[:most] if (result := _result(run))]


def shipped_runs(kind: str | None = None) -> list[Run]:
    """The shipped runs without their results; those of one kind if it is given. One that has lost its result is taken in again
    from the file that came with the lab."""
    wanted = [run_id for run_id in shipped_ids() if kind in (None, _kinds().get(run_id))]
    runs = lab().several(wanted)
    here = [run for run in runs.values() if run.result and run.result in lab().store]
    if len(here) < len(wanted) and _may_take_in_again():
        ids_by_name.clear()
        _kinds.clear()
        runs = lab().several(shipped_ids())
    return [run for run_id in wanted if (run := runs.get(run_id))]


def closest(kind: str, wanted: Mapping[str, Any]) -> tuple[Run, Result] | None:
    """The shipped run of a kind whose request has most of the wanted settings; the first of several such."""
    runs = sorted(shipped_runs(kind), key=lambda run: -_agreeing(run.request, wanted))
    return next(((run, result) for run in runs if (result := _result(run))), None)


def _agreeing(request: Request, wanted: Mapping[str, Any]) -> int:
    """How many of the wanted settings a request has; those of a joint run are its first part's."""
    asked = next(iter(request.parts.values())) if isinstance(request, Joint) else request
    return sum(getattr(asked, name, None) == value for name, value in wanted.items())


def latest(
    kind: str, bench: Literal["spatial", "recurrent"], wanted: Mapping[str, Any] = MappingProxyType({})
) -> tuple[Run, Result] | None:
    """The latest run of a kind of the visitors' own that has a result, or else the shipped one that is closest to what is
    wanted."""
    ours = shipped_ids()
    visible = lab().runs(bench, parts=False, kind=kind, seen_by=my_id())
    for run in sorted(visible, key=lambda run: run.created, reverse=True):  # a pinned one is no later than it is
        if run.id not in ours and run.state is State.DONE and (result := _result(run)):
            return run, result
    return closest(kind, wanted)


def _result(run: Run) -> Result | None:
    try:
        return lab().result(run)
    except RunFailed:  # cleared to make room
        return None
