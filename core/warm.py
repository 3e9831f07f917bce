"""What a worker does before its first run, as a Dask preload: import every experiment, make a first optimizer."""

from __future__ import annotations

from typing import Any

from core.runs.kinds import KINDS


def dask_setup(worker: Any) -> None:
    """Warm a worker: import every experiment, make a first optimizer."""
    from core.training import warm_up  # here, because the parent needs no torch

    for kind in KINDS.values():
        kind.load()
    warm_up()
