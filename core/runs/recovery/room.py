"""Room: what is cleared from a lab's folder when it is above its bound, and what is not."""

from __future__ import annotations

import time

from core.runs.registry import ALIVE, Registry
from core.runs.store import Store

CLEARED = "Its result was cleared to make room"
UNCLAIMED_SECONDS = 900.0  # for which an upload is kept that no run has asked for yet


def awaited(registry: Registry) -> set[str]:
    """What runs that are alive need: their inputs, what they can go on from, and the results of their parts."""
    alive = registry.runs(limit=10_000, states=ALIVE)
    inputs = {digest for run in alive for digest in run.request.inputs}
    return inputs | {run.checkpoint for run in alive if run.checkpoint} | registry.awaited()


def needed(registry: Registry, store: Store) -> set[str]:
    """The digests that stay however full the store is: what is awaited, what was put there lately for a run that is about to be
    asked for, and the runs that come with the lab."""
    fresh = store.used_since(time.time() - UNCLAIMED_SECONDS) - registry.results()
    return awaited(registry) | fresh | registry.shipped()


def make_room(registry: Registry, store: Store) -> list[str]:
    """Bring the store below its bound; the digests that are gone. Runs whose results these were can be run again."""
    if not store.is_full():
        return []
    gone = store.clear_room(keep=needed(registry, store))
    if gone:
        registry.evict(gone, CLEARED)
    return gone
