"""The table of runs, as one visitor may see it."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import streamlit as st

from core.runs.lab import lab
from core.runs.queue.words import waiting
from core.runs.registry import Run, State
from core.runs.visitors import names
from core.runs.visitors.share import SharesOfRun
from core.runs.visitors.visitor import Visitor

COLUMNS = {
    "open": st.column_config.LinkColumn("Run", display_text=r"id=(\w{8})", width="small"),
    "what": st.column_config.TextColumn("What", width="large"),
    "state": st.column_config.TextColumn("State", width="small"),
    "outcome": st.column_config.TextColumn("Outcome", width="medium"),
    "whose": st.column_config.TextColumn("Whose", width="medium"),
    "asked": st.column_config.DatetimeColumn("Asked", format="distance", width=140),
    "seconds": st.column_config.NumberColumn("Time", format="%.1f s", width="small"),
}


def table(runs: list[Run], viewer: Visitor) -> pd.DataFrame:
    shares = lab().registry.shares.several(run.id for run in runs)
    people = lab().registry.people.several({holder for one in shares.values() for holder in one.holders})
    return pd.DataFrame(
        {
            "open": [f"./run?id={run.id}" for run in runs],  # relative: the lab may live below a path
            "what": [run.title for run in runs],
            "state": [_state(run, shares[run.id], viewer) for run in runs],
            "outcome": [_outcome(run) for run in runs],
            "whose": [names.whose(viewer.id, shares[run.id], people, lab().all_private) for run in runs],
            "asked": [datetime.fromtimestamp(run.created).astimezone() for run in runs],
            "seconds": [run.seconds for run in runs],
        }
    )


def _outcome(run: Run) -> str:
    """How it ended or, while it waits, where in the queue it stands."""
    return waiting(lab().line.place(run)) if run.state is State.QUEUED else run.headline or run.error


def _state(run: Run, shares: SharesOfRun, viewer: Visitor) -> str:
    """ "done, pinned"; "running, left by you" """
    left = run.alive and viewer.id in shares.left
    return ", ".join([run.state.value, *(["pinned"] if shares.pinned else []), *(["left by you"] if left else [])])
