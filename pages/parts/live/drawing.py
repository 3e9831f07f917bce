"""The live view of a run in one look: the words, the bar, and what the screen of its kind shows under them.

The list of runs has one as well, without anything to be seen: it says when the list has changed.
"""

from __future__ import annotations

import logging
import time

from core.runs.lab import lab
from core.runs.live.blocks import Look, View
from core.runs.live.frames import Drawn, drawn
from core.runs.live.snapshots import Snapshot
from pages.parts.live.words import LIST, list_state, progress_in_words, state_of
from pages.parts.progress import Rows
from pages.parts.screen import screen_of


def draw(run_id: str, look: Look) -> Drawn | None:
    """What is sent of a run, drawn once for every progress; None for a run that is not here."""
    began = time.time()
    if run_id == LIST:
        return drawn(View(list_state()), began)
    snapshot = lab().snapshots.of(run_id)
    if snapshot is None:
        return None
    if not snapshot.run.alive:
        return drawn(View(state_of(snapshot.run), ended=True), began)
    return snapshot.once(("live", look), lambda: drawn(_view(snapshot, look), began))


def _view(snapshot: Snapshot, look: Look) -> View:
    run = snapshot.run
    note = run.note if run.bench == "spatial" else None
    return View(state_of(run), progress_in_words(snapshot), run.fraction, note, _rows(snapshot, look))


def _rows(snapshot: Snapshot, look: Look) -> Rows:
    """What the screen of its kind shows; nothing where it has a defect: words, bar and the end are told all the same."""
    try:
        return screen_of(snapshot.run).live(snapshot, look)
    except Exception:
        logging.getLogger("gridcast").exception("the live view of run %s cannot be drawn", snapshot.run.id)
        return ()
