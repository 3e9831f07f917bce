"""Table 1 of Jaderberg et al. 2015 (and cluttered MNIST, section 4.1), beside what the networks of `digit_recipes` reach here.

Our networks are measured by `benchmarks/paper_table.py` and kept in `data/paper_table.json`, one entry each; what they answered
lies beside it (`answers`). A cell is of one recipe and of one number of epochs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.stn.geometry.families import FamilyName
from core.stn.learning.digit_recipes import recipe_for, reference_spec
from core.stn.networks.spec import TITLES, ModelName, Spec
from core.stn.paper.answers import errors_of, length_of, network_of
from core.stn.paper.evidence import Paired, paired, spread_of

SetName = Literal["R", "RTS", "P", "E", "TC"]
SETS: tuple[SetName, ...] = ("R", "RTS", "P", "E", "TC")
RUNS = Path(__file__).parents[1] / "data" / "paper_table.json"
Row = tuple[ModelName, FamilyName | None]
Entry = dict[str, Any]  # one trained network: set, model, family, seed, recipe, epochs, errors by test draw, …
RECIPE = "2026-11-29"  # the one that is trained now
EPOCHS = 20.0  # of a network of the table, where nothing else is asked
RECIPES: dict[str, str] = {  # by the day on which it was settled
    RECIPE: "AdamW 6e-3, half of each batch drawn by how wrong the network was, both chosen on held-out digits; no set its own",
    "2026-11-23": "AdamW 4e-3, passes over all digits; under RTS 88 filters and bent canvases; chosen on test digits",
}
PAPER: dict[Row, dict[SetName, float]] = {  # error in %
    ("fcn", None): {"R": 2.1, "RTS": 5.2, "P": 3.1, "E": 3.2, "TC": 13.2},
    ("cnn", None): {"R": 1.2, "RTS": 0.8, "P": 1.5, "E": 1.4, "TC": 3.5},
    ("st-fcn", "affine"): {"R": 1.2, "RTS": 0.8, "P": 1.5, "E": 2.7, "TC": 2.0},
    ("st-fcn", "projective"): {"R": 1.3, "RTS": 0.9, "P": 1.4, "E": 2.6},
    ("st-fcn", "tps"): {"R": 1.1, "RTS": 0.8, "P": 1.4, "E": 2.4},
    ("st-cnn", "affine"): {"R": 0.7, "RTS": 0.5, "P": 0.8, "E": 1.2, "TC": 1.7},
    ("st-cnn", "projective"): {"R": 0.8, "RTS": 0.6, "P": 0.8, "E": 1.3},
    ("st-cnn", "tps"): {"R": 0.7, "RTS": 0.5, "P": 0.8, "E": 1.1},
    ("modern-cnn", None): {},  # not in the paper: the baseline of today
}
SPATIAL: Row = ("st-cnn", "affine")
RIVALS: tuple[Row, ...] = (("cnn", None), ("modern-cnn", None))


def spec_of(name: SetName, model: ModelName, family: FamilyName | None) -> Spec:
    """The network of one cell: as many parameters as the affine ST-CNN of the recipe for the same set."""
    from core.stn.networks.classifiers import matched  # here, so that the table loads without torch

    reference = reference_spec(recipe_for(name), name)
    return matched(replace(reference, model=model, family=family or "affine"), reference)


def runs(path: Path = RUNS) -> list[Entry]:
    """All measured runs; none where nothing was measured yet."""
    return json.loads(path.read_text())["runs"] if path.exists() else []


def named(model: ModelName, family: str | None) -> str:
    """A row's name in words."""
    return f"{TITLES[model]} {family or ''}".strip()


def training_of(entry: Entry) -> tuple[str, float, float]:
    """By which recipe and how long, in minutes or in epochs: networks are compared where this is equal."""
    minutes = entry.get("minutes") or 0.0
    return entry["recipe"], minutes, 0.0 if minutes else entry["epochs"]


def cell_of(entries: list[Entry], name: SetName, row: Row) -> list[Entry]:
    """The networks of one cell by their seeds: of the newest recipe those trained longest; empty where there is none."""
    there = [e for e in entries if (e["set"], e["model"], e["family"]) == (name, *row)]
    newest = max(map(training_of, there), default=None)
    return sorted((e for e in there if training_of(e) == newest), key=lambda e: e["seed"])


def trained_alike(entries: list[Entry]) -> list[list[Entry]]:
    """The networks of the newest recipe by how long they were trained: first those that fill most cells, which are the table,
    then the others, the longest first."""
    newest = max((e["recipe"] for e in entries), default="")
    groups: dict[tuple[str, float, float], list[Entry]] = {}
    for e in entries:
        if e["recipe"] == newest:
            groups.setdefault(training_of(e), []).append(e)
    longest = [groups[key] for key in sorted(groups, reverse=True)]
    fullest = max(longest, key=filled, default=[])
    return sorted(longest, key=lambda group: group is not fullest)


def filled(entries: list[Entry]) -> int:
    """How many cells of the table have a network."""
    return len({(e["set"], e["model"], e["family"]) for e in entries})


def errors_in(cell: list[Entry], answers: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """Errors (networks, draws, digits) of 0 and 1 of a cell whose answers were kept, else None."""
    names = [network_of(e) for e in cell]
    if not cell or any(name not in answers for name in names):
        return None
    draws = max(len(e["errors"]) for e in cell)
    drawn = [errors_of(answers[name], draws) for name in names]
    return np.stack(drawn)[:, : min(len(e["errors"]) for e in cell)]  # those draws that all of them were tested on


@dataclass(frozen=True)
class Contest:
    """The affine ST-CNN of a set against another row of it, where both were trained alike and their answers were kept."""

    name: SetName
    against: Row
    networks: tuple[int, int]
    length: str
    paired: Paired

    @property
    def sentence(self) -> str:
        """The difference in words, with its standard error by digits and by networks."""
        gap, p, by_digits = self.paired.difference, self.paired.p, 100 * self.paired.by_digits
        word, (own, others) = "fewer" if gap < 0 else "more", self.networks
        spread = f", ± {100 * self.paired.by_networks:.2f} by networks" if np.isfinite(self.paired.by_networks) else ""
        shown = "p < 0.001" if p < 1e-3 else f"p = {p:.3f}"
        return (
            f"The {named(*SPATIAL)} misreads {100 * abs(gap):.2f} ± {by_digits:.2f} points {word} than the "
            f"{named(*self.against)}{spread} ({own} and {others} networks, {self.length}; paired by digit, {shown})."
        )


def contests(entries: list[Entry], answers: Mapping[str, np.ndarray]) -> list[Contest]:
    """All that can be told: the ST-CNN against the CNN and against the modern one, set by set."""
    found = []
    for name in SETS:
        own = cell_of(entries, name, SPATIAL)
        errors = errors_in(own, answers)
        for row in RIVALS:
            other = cell_of(entries, name, row)
            others = errors_in(other, answers)
            if errors is None or others is None or training_of(own[0]) != training_of(other[0]):
                continue
            found.append(Contest(name, row, (len(own), len(other)), length_of(own[0]), paired(errors, others)))
    return found


def summary(entries: list[Entry], answers: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """One row a cell, errors in %: the paper's, ours with its standard error (NaN where no answers were kept), the recipe."""
    rows = []
    for row, errors_of_paper in PAPER.items():
        for name in SETS:
            cell = cell_of(entries, name, row)
            errors = errors_in(cell, answers)
            rows.append(
                {
                    "model": row[0],
                    "family": row[1] or "",
                    "title": named(*row),
                    "set": name,
                    "paper": errors_of_paper.get(name, np.nan),
                    "ours": float(np.mean([e["errors"] for e in cell])) if cell else np.nan,
                    "se": np.nan if errors is None else 100 * spread_of(errors).se,
                    "networks": len(cell),
                    "draws": sum(len(e["errors"]) for e in cell),
                    "epochs": cell[0]["epochs"] if cell else np.nan,
                    "length": length_of(cell[0]) if cell else "",
                    "minutes": float(np.mean([e["seconds"] for e in cell])) / 60 if cell else np.nan,
                    "recipe": cell[0]["recipe"] if cell else "",
                }
            )
    return pd.DataFrame(rows)
