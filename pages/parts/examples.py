"""The finished runs that come with the lab, for screens without a run of the visitor's own."""

from __future__ import annotations

import time
from typing import Literal

import streamlit as st

from core.errors import RunFailed
from core.runs.bundle import examples_by_name
from core.runs.lab import lab
from core.runs.registry import Run, State
from core.runs.result import Result
from pages.parts.visitors.me import my_id

AGAIN_SECONDS = 10.0
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


def latest(kind: str, bench: Literal["spatial", "recurrent"]) -> tuple[Run, Result] | None:
    """The latest run of a kind of the visitors' own that has a result, or else the first shipped one."""
    ours = shipped_ids()
    visible = lab().runs(bench, parts=False, kind=kind, seen_by=my_id())
    for run in sorted(visible, key=lambda run: run.created, reverse=True):  # a pinned one is no later than it is
        if run.id not in ours and run.state is State.DONE and (result := _result(run)):
            return run, result
    return next(iter(shipped(kind, 1)), None)


def _result(run: Run) -> Result | None:
    try:
        return lab().result(run)
    except RunFailed:  # cleared to make room
        return None
