"""Orphans: runs that are alive in the registry, and whose process is gone.

What is shown of one is what will be written down by whoever is asked to do something about it: an engine, or a visitor who asks
for it again. To look changes nothing.
"""

from __future__ import annotations

from dataclasses import replace

from core.runs.database.state import ALIVE, State
from core.runs.registry import INTERRUPTED, Registry, Run


def is_orphan(registry: Registry, run: Run) -> bool:
    return run.alive and not registry.owner.lives(run.owner)


def shown(run: Run) -> Run:
    """An orphan as screens see it: what waits by itself goes on waiting for the next engine, the others are interrupted."""
    if run.state is State.QUEUED and run.direct:
        return run
    return replace(run, state=State.INTERRUPTED, error=INTERRUPTED, seconds_left=None)


def adopt(registry: Registry) -> list[Run]:
    """Take over the orphans that wait by themselves, and give them back; the others are marked interrupted. Of several engines
    that try one takes each."""
    owners = {owner for owner in registry.owners() if not registry.owner.lives(owner)}
    waiting = []
    for run in registry.runs(limit=10_000, states=ALIVE) if owners else ():
        if run.owner not in owners:
            continue
        if shown(run) is not run:
            registry.interrupt(run.id, INTERRUPTED, run.owner)
        elif registry.take_over(run.id, run.owner):
            waiting.append(run)
    return waiting
