"""Orphans: runs that are alive in the registry, and whose process is gone.

What is shown of one is what will be written down by whoever is asked to do something about it: an engine, or a visitor who asks
for it again. To look changes nothing. No orphans are the runs of a cluster that goes on when the process is gone which has sent
them: the next engine there takes them over.
"""

from __future__ import annotations

from dataclasses import replace

from core.runs.database.state import ALIVE, State
from core.runs.registry import INTERRUPTED, Registry, Run


def is_orphan(registry: Registry, run: Run) -> bool:
    if not run.alive or registry.owner.lives(run.owner):
        return False
    engine = registry.engines.of(run.owner)
    return not (engine and engine.shared)


def shown(run: Run) -> Run:
    """An orphan as screens see it: what waits by itself goes on waiting for the next engine, the others are interrupted."""
    if run.state is State.QUEUED and run.direct:
        return run
    return replace(run, state=State.INTERRUPTED, error=INTERRUPTED, seconds_left=None)


def adopt(registry: Registry, cluster: str = "") -> list[Run]:
    """Take over what waits by itself of owners that are gone, and give it back; the others are marked interrupted, unless they
    are of the shared `cluster` and go on there: those are taken over too. Of several engines that try one takes each."""
    gone = {owner for owner in registry.owners() if not registry.owner.lives(owner)}
    if not gone:
        return []
    go_on = {one.owner for one in registry.engines.all() if one.shared and one.cluster == cluster}
    ours = []
    for run in registry.runs(limit=10_000, states=ALIVE):
        if run.owner not in gone:
            continue
        if run.owner not in go_on and shown(run) is not run:
            registry.interrupt(run.id, INTERRUPTED, run.owner)
        elif registry.take_over(run.id, run.owner):
            ours.append(run)
    return ours
