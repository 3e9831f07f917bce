"""Whether a server can serve visitors, for a load balancer that asks every few seconds. Starts nothing, loads nothing heavy."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from core.errors import StoreError
from core.runs.lab import Lab

OF_ENGINE = {"starting": "the engine is starting", "lives": "the engine lives", "ended": "the engine has ended"}


@dataclass(frozen=True)
class Health:
    """Whether visitors can be served, and why in one sentence."""

    serves: bool
    sentence: str


def engine_state() -> str:
    """As `core.runs.engine` says it: starting, lives, ended. That module is not loaded for it, because it loads Dask."""
    module = sys.modules.get("core.runs.engine")
    state: str = getattr(module, "engine_state", lambda: "starting")()  # it may be half imported, too
    return state


def health_of(lab: Lab) -> Health:
    """Of a lab whose engine, if there is one, is this process's."""
    try:
        lab.registry.check()
    except StoreError as error:
        return Health(False, str(error))
    state = engine_state()
    return Health(state != "ended", f"the database answers, {OF_ENGINE[state]}")
