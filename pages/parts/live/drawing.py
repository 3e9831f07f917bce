"""The live view of a run in one look: the words, the bar, and what the screen of its kind shows under them.

The list of runs has one as well, without anything to be seen: it says when the list has changed.
"""

from __future__ import annotations

import time

from core.runs.lab import lab
from core.runs.live.blocks import Look, View
from core.runs.live.frames import Drawn, drawn
from core.runs.live.snapshots import Snapshot
from pages.parts.live.words import LIST, list_state, progress_in_words, state_of
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
    rows = screen_of(run).live(snapshot, look)
    return View(state_of(run), progress_in_words(snapshot), run.fraction, note, rows)
