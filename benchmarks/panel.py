"""How long panels take by two workers: the twenty companies from 2010 on, five seeds, four variants and nine recipes.

What they find stands in docs/CASE_STUDY.md (`case_study`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from benchmarks.sweep import seconds_by_engine
from core.rnn.panel.request import panel_request
from core.rnn.prices.samples import COMPANIES, fetch

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
    """The seconds of one panel."""
    dated = settings | {"target": "volatility", "seeds": SEEDS, "start": START, "end": END}
    return seconds_by_engine(
        WORKERS, lambda lab: panel_request(COMPANIES, fetch, lambda prices: lab.store.put(prices.to_bytes()), dated)
    )
