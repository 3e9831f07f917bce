"""What is said of a run that is alive, and of the list of runs."""

from __future__ import annotations

from hashlib import blake2b

import humanize

from core.runs.lab import lab
from core.runs.live.snapshots import Snapshot
from core.runs.queue.words import waiting
from core.runs.registry import Run, State

LIST = "list"  # stands for the list of runs where a run's id would


def progress_in_words(snapshot: Snapshot) -> str:
    """The phase of a run, the share done, the time left."""
    run = snapshot.run
    if snapshot.trouble:
        return snapshot.trouble
    if run.state is State.QUEUED:
        return waiting(snapshot.place)
    # one that stops has another end than its estimate
    left = f", about {humanize.naturaldelta(run.seconds_left)} left" if run.seconds_left and not run.stopping else ""
    doing = "stopping, then testing" if run.stopping else run.phase or "starting"
    return f"{doing} · {100 * run.fraction:.0f} %{left}"


def state_of(run: Run) -> str:
    """In one word what decides which buttons and results the page has; the live view tells the page when it changes."""
    return "stopping" if run.stopping and run.state is State.RUNNING else run.state.value


def list_state() -> str:
    """A digest that changes when a run comes, goes, begins or ends, and with every tenth of one that runs."""
    number, alive = lab().registry.alive()
    runs = lab().several(run_id for run_id, _ in alive)  # one whose process is gone ends with that
    tenths = [int(10 * run.fraction) for run in runs.values()]
    return blake2b(repr((number, alive, tenths)).encode(), digest_size=8).hexdigest()
