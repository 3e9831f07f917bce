"""Runs that differ in their seed alone, and what their errors come to: a mean, and from the least to the largest."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

from core.runs.registry import Run
from core.runs.standing import Standing

SEED = "seed"


def seed_of(run: Run) -> int | None:
    """The seed that a run was asked for with; None where its kind has none."""
    seed = json.loads(run.request_json).get(SEED)
    return seed if isinstance(seed, int) else None


def grouped(runs: Iterable[Run]) -> list[list[Run]]:
    """Runs that are equal but for the seed, together: a group stands where its first run does, its seeds in order."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        fields = json.loads(run.request_json)
        alike = run.id if fields.pop(SEED, None) is None else json.dumps([run.kind, fields], sort_keys=True)
        groups.setdefault(alike, []).append(run)
    return [sorted(group, key=lambda run: seed_of(run) or 0) for group in groups.values()]


@dataclass(frozen=True)
class Spread:
    """The errors of several runs."""

    mean: float
    least: float
    largest: float
    runs: int

    @property
    def text(self) -> str:
        """ "1.3, from 0.9 to 2.1 in 3 runs" """
        if self.runs == 1:
            return f"{self.mean:.3g}"
        return f"{self.mean:.3g}, from {self.least:.3g} to {self.largest:.3g} in {self.runs} runs"


def spread(standings: Sequence[Standing]) -> Spread | None:
    """Of runs that have ended with an error; None of none."""
    errors = [one.error for one in standings if math.isfinite(one.error)]
    return Spread(statistics.fmean(errors), min(errors), max(errors), len(errors)) if errors else None


def next_seed(runs: Iterable[Run], seed: int) -> int:
    """The first seed after this one, and after all networks of a run that trains several, that none of the runs, which differ
    in their seed alone, has."""
    runs = list(runs)
    used = {seed_of(run) for run in runs}
    several = [json.loads(run.request_json).get("seeds", 1) for run in runs]
    step = max([number for number in several if isinstance(number, int)], default=1)
    return next(number for number in count(seed + step, step) if number not in used)
