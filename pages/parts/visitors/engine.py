"""This server's engine, for what a visitor asks of it. Dask is loaded when it is needed, not when a screen is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.runs.engine import Engine


def engine() -> Engine:
    """Started at the first call and again after it died."""
    from core.runs.engine import engine as start

    return start()
