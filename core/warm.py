"""A Dask preload for workers: what would slow down a first run is done before it."""

from __future__ import annotations

import sys
from typing import Any

import core.runs.cluster.steady_clock  # noqa: F401 - for its effect
from core.runs.kinds import KINDS
from core.settings import settings
from core.system.events import write_events


def dask_setup(worker: Any) -> None:
    """Import every experiment and create a first optimizer, unless settings say not to; Dask calls this by its name."""
    write_events(sys.stderr, settings().log)
    if not settings().warm:
        return
    from core.training import warm_up  # here, because the parent needs no torch

    for kind in KINDS.values():
        kind.load()
    warm_up()
