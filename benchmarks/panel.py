"""Panels of the sample tickers by two workers: nine recipes of five seeds in three periods and on the factor funds.

The last quarter of each period is the test. Nothing was tuned on it; the funds were looked at by nobody before.
"""

from __future__ import annotations

import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any, cast

from core.rnn.panel.request import panel_request
from core.rnn.panel.result import PanelResult
from core.rnn.prices.samples import COMPANIES, FUNDS, fetch
from core.runs.engine import connect
from core.runs.lab import Lab
from core.runs.registry import State
from core.settings import Settings

WORKERS, SEEDS = 2, 5
PERIODS = {
    "1990-1999": (tuple(COMPANIES), date(1990, 1, 1), date(1999, 12, 31)),
    "2000-2009": (tuple(COMPANIES), date(2000, 1, 1), date(2009, 12, 31)),
    "2010-2022": (tuple(COMPANIES), date(2010, 1, 1), date(2022, 12, 31)),
    "funds 2014-2022": (tuple(FUNDS), date(2014, 1, 1), date(2022, 12, 31)),
}
NINE: dict[str, Any] = {"recipes": "nine", "cells": ("gru",), "seeds": SEEDS}
FOUR_VARIANTS: dict[str, Any] = {"cells": ("rnn", "birnn", "lstm", "gru"), "seeds": SEEDS, "trees": False}
TARGETS = ("return", "volatility")


def measure() -> dict[str, Any]:
    """Seconds of both settings, and what the nine recipes gain in each period and on the funds."""
    _, seconds = run(PERIODS["2010-2022"], FOUR_VARIANTS | {"target": "volatility"})
    figures: dict[str, Any] = {"four_variants_s": seconds}
    for target in TARGETS:
        for name, period in PERIODS.items():
            result, seconds = run(period, NINE | {"target": target})
            figures[f"{target} {name}"] = {"seconds": seconds, "verdict": result.verdict.text, "skill": _skills(result)}
    return figures


def run(period: tuple[tuple[str, ...], date, date], settings: dict[str, Any]) -> tuple[PanelResult, float]:
    """One panel in a lab of its own, and the seconds from its submission to its result, the workers being there and warm."""
    symbols, start, end = period
    with tempfile.TemporaryDirectory() as home:
        lab = Lab.open(Settings(home=Path(home)))
        engine = connect(lab, None, WORKERS, memory="2GiB")
        engine._client.wait_for_workers(WORKERS, timeout=120)
        dated = settings | {"start": start, "end": end}
        request = panel_request(symbols, fetch, lambda prices: lab.store.put(prices.to_bytes()), dated)
        began = time.perf_counter()
        queued = engine.submit(request)
        while (now := lab.look(queued.id)) and now.alive:
            time.sleep(0.25)  # as often as a page looks
        passed = time.perf_counter() - began
        assert now, "the run was deleted"
        assert now.state is State.DONE, now.error
        result = cast("PanelResult", lab.result(now))
        engine.close()
        lab.registry.close()
    return result, passed


def _skills(result: PanelResult) -> dict[str, list[float]]:
    """By model against the target's reference: 100 × skill, p, and on how many tickers it is better."""
    table = result.comparisons
    mine = table[(table["reference"] == result.verdict.reference) & (table["loss"] == result.verdict.loss)]
    rows = zip(mine["model"], 100 * mine["skill"], mine["p"], mine["better_on"], strict=True)
    return {str(model): [round(float(skill), 3), round(float(p), 4), int(better)] for model, skill, p, better in rows}
