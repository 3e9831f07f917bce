"""docs/CASE_STUDY.md: which forecaster beats which, on all sample tickers, by `python -m core panel`.

Two tables. The case study of the lecture: volatility, in three periods of the twenty companies and on the factor funds, with
all recipes. And every sample × every model × three targets × two periods, with fewer seeds. Each is one command, whose JSON
answer is kept; the page is written from the answers alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.case_study_page import write_page
from core.rnn.dataset.target import first_measures
from core.rnn.models import CLASSICAL, NETWORKS
from core.rnn.prices.samples import COMPANIES, FUNDS, INDICES

WORKERS = "2"
KEPT = ("verdict", "comparisons", "models", "regimes", "unseen", "notes", "failed", "seconds")


@dataclass(frozen=True)
class Study:
    """One panel: which tickers, which days, which models."""

    table: str  # "recipes" or "models"
    group: str
    tickers: tuple[str, ...]
    start: str
    end: str
    target: str
    options: tuple[str, ...]

    @property
    def command(self) -> list[str]:
        """What is typed after `python -m core`."""
        days = ("--start", self.start, "--end", self.end)
        return ["panel", *self.tickers, "--source", "sample", "--target", self.target, *days, *self.options]

    @property
    def about(self) -> dict[str, Any]:
        return {"table": self.table, "group": self.group, "start": self.start, "end": self.end, "target": self.target}


RECIPES = ("--recipes", "nine", "--seeds", "5", "--cells", "rnn,lstm,gru", "--own-series", "--per-ticker", "gru")
RECIPES_CLASSICAL = "mean,ewma,ar,har,har-leverage,har-qlike,garch,gjr"
ALL_MODELS = ("--seeds", "1", "--cells", ",".join(NETWORKS), "--per-ticker", "gru")
PERIODS = {
    "companies": (tuple(COMPANIES), (("2000-01-01", "2009-12-31"), ("2010-01-01", "2022-12-31"))),
    "indices": (tuple(INDICES), (("1999-01-01", "2008-12-31"), ("2009-01-01", "2018-12-31"))),
    "factor funds": (tuple(FUNDS), (("2014-01-01", "2018-06-30"), ("2018-07-01", "2022-12-31"))),
}


def studies() -> Iterator[Study]:
    """Every panel of the page."""
    options = (*RECIPES, "--classical", RECIPES_CLASSICAL)
    for start, end in (("1990-01-01", "1999-12-31"), ("2000-01-01", "2009-12-31"), ("2010-01-01", "2022-12-31")):
        yield Study("recipes", "companies", tuple(COMPANIES), start, end, "volatility", options)
    yield Study("recipes", "factor funds", tuple(FUNDS), "2014-01-01", "2022-12-31", "volatility", options)
    for target in first_measures():
        classical = ",".join(name for name, model in CLASSICAL.items() if not model.unsuited(target) and not model.needs_extras)
        for group, (tickers, periods) in PERIODS.items():
            for start, end in periods:
                yield Study("models", group, tickers, start, end, target.name, (*ALL_MODELS, "--classical", classical))


def measure() -> dict[str, Any]:
    """Run every panel in a lab of its own; writes the page."""
    with tempfile.TemporaryDirectory() as home:
        answers = [_answer(study, home) for study in studies()]
    write_page(answers)
    return {"panels": answers}


def _answer(study: Study, home: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "core", *study.command, "--workers", WORKERS, "--json"]
    done = subprocess.run(command, env=os.environ | {"GRIDCAST_HOME": home}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(study.command)}: {done.stderr[-500:]}")
    answer = json.loads(done.stdout)
    print(study.about, answer["verdict"]["text"], f"{answer['seconds']:.0f} s", file=sys.stderr, flush=True)
    return study.about | {"command": study.command} | {name: answer.get(name) for name in KEPT}
