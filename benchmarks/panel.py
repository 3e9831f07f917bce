"""How long panels take by two workers: the twenty companies from 2010 on, five seeds, four variants and nine recipes.

What they find stands in docs/CASE_STUDY.md (`case_study`).
"""

from __future__ import annotations

import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from core.rnn.panel.request import panel_request
from core.rnn.prices.samples import COMPANIES, fetch
from core.runs.engine import connect
from core.runs.lab import Lab
from core.runs.registry import State
from core.settings import Settings

WORKERS, SEEDS = 2, 5
START, END = date(2010, 1, 1), date(2022, 12, 31)
SETTINGS: dict[str, dict[str, Any]] = {
    "four_variants_s": {"cells": ("rnn", "birnn", "lstm", "gru"), "trees": False},
    "nine_recipes_s": {"cells": ("gru",), "recipes": "nine"},
}


def measure() -> dict[str, Any]:
    """Seconds of both settings."""
    return {name: run(settings) for name, settings in SETTINGS.items()}


def run(settings: dict[str, Any]) -> float:
    """One panel in a lab of its own: the seconds from its submission to its result, the workers being there and warm."""
    with tempfile.TemporaryDirectory() as home:
        lab = Lab.open(Settings(home=Path(home)))
        engine = connect(lab, None, WORKERS, memory="2GiB")
        engine._client.wait_for_workers(WORKERS, timeout=120)
        dated = settings | {"target": "volatility", "seeds": SEEDS, "start": START, "end": END}
        request = panel_request(COMPANIES, fetch, lambda prices: lab.store.put(prices.to_bytes()), dated)
        began = time.perf_counter()
        queued = engine.submit(request)
        while (now := lab.look(queued.id)) and now.alive:
            time.sleep(0.25)  # as often as a page looks
        passed = time.perf_counter() - began
        assert now, "the run was deleted"
        assert now.state is State.DONE, now.error
        engine.close()
        lab.registry.close()
    return passed
