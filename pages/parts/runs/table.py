"""The table of runs, as one visitor may see it: a row a run, or a row for all that differ in their seed alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from core.projector import LARGER
from core.runs.beside.beside import standing
from core.runs.beside.seeds import seed_of, spread
from core.runs.lab import lab
from core.runs.queue.words import waiting
from core.runs.registry import Run, State
from core.runs.visitors import names
from core.runs.visitors.label import Label
from core.runs.visitors.share import SharesOfRun
from core.runs.visitors.visitor import Visitor
from pages.parts.toolbar import projecting

OPEN = "open-run"  # the key under which a session has the row whose button was pressed
ROW, HEAD = 66, 38  # pixels: from four times the size of its letters on, a row wraps its words
MOST_SHOWN = 8  # rows; the rest is scrolled
PINNED, LEFT = "pinned", "left by you"
COLOURS = {
    State.QUEUED.value: "gray", State.RUNNING.value: "blue", State.DONE.value: "green", State.FAILED.value: "red",
    State.CANCELLED.value: "gray", State.INTERRUPTED.value: "orange", PINNED: "violet", LEFT: "gray",
}  # fmt: skip
Group = Sequence[Run]


def columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "open": column.ButtonColumn("Run", key=OPEN, type="tertiary", width=88, help="Open it here"),
        "what": column.TextColumn("What", width=280),
        "state": column.MultiselectColumn("State", options=list(COLOURS), color=list(COLOURS.values()), width=112),
        "progress": column.ProgressColumn("Progress", format="percent", min_value=0.0, max_value=1.0, width="small"),
        "outcome": column.TextColumn("Outcome", width=316),
        "error": column.TextColumn("Error", width="medium", help="Of all seeds that are done: mean and range"),
        "seeds": column.TextColumn("Seeds", width="small"),
        "note": column.TextColumn("Note", width="medium"),
        "whose": column.TextColumn("Whose", width=100),
        "asked": column.DatetimeColumn("Asked", format="distance", width=104),
        "seconds": column.NumberColumn("Time", format="%.1f s", width=76),
    }


def row_height() -> int:
    """In pixels; of letters that are larger for a lecture hall more."""
    return round(ROW * (LARGER if projecting() else 1))


def height(rows: int) -> int:
    """Of the table, in pixels."""
    return min(rows, MOST_SHOWN) * row_height() + HEAD


def table(groups: Sequence[Group], viewer: Visitor, labels: dict[str, Label], together: bool) -> pd.DataFrame:
    """A row a group; without `together` each is one run. Columns that would be empty are left out."""
    shares = lab().registry.shares.several(run.id for group in groups for run in group)
    people = lab().registry.people.several({holder for one in shares.values() for holder in one.holders})
    rows = [
        {
            "open": run.id[:8],
            "what": labels[run.id].called(run.title),
            "state": _states(run, shares[run.id], labels[run.id], viewer),
            "progress": run.fraction if run.state is State.RUNNING else None,
            "outcome": _outcome(run),
            **(_of_seeds(group) if together else {}),
            "note": labels[run.id].note,
            "whose": names.whose(viewer.id, shares[run.id], people, lab().all_private),
            "asked": datetime.fromtimestamp(run.created).astimezone(),
            "seconds": run.seconds,
        }
        for group in groups
        for run in group[:1]
    ]
    shown = pd.DataFrame(rows)
    empty = [name for name in ("progress", "note") if not any(row[name] for row in rows)]
    return shown.drop(columns=empty)


def _of_seeds(group: Group) -> dict[str, str]:
    """What the errors of a group come to, and its seeds."""
    seeds = [str(seed) for run in group if (seed := seed_of(run)) is not None]
    errors = spread([one for run in group if (one := standing(lab(), run))])
    return {"error": errors.text if errors else "", "seeds": ", ".join(seeds)}


def _outcome(run: Run) -> str:
    """How it ended or, while it waits, where in the queue it stands."""
    if run.state is State.QUEUED:
        return waiting(lab().line.place(run))
    return run.phase if run.state is State.RUNNING else run.headline or run.error


def _states(run: Run, shares: SharesOfRun, label: Label, viewer: Visitor) -> list[str]:
    """ "done", "pinned" """
    pinned = [PINNED] if shares.pinned or label.pinned else []
    return [run.state.value, *pinned, *([LEFT] if run.alive and viewer.id in shares.left else [])]


def holds(run: Run, label: Label, words: str) -> bool:
    """Whether all these words are in what the list says of a run."""
    said = " ".join((run.id, run.kind, run.title, run.state.value, run.headline, run.error, label.name, label.note)).casefold()
    return all(word in said for word in words.casefold().split())
