"""Table 1 of Jaderberg et al. 2015 (and cluttered MNIST, section 4.1), beside what the networks of `digit_recipes` reach here.

Our runs are measured by `benchmarks/paper_table.py` and kept in `data/paper_table.json`, one entry a trained network.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.stn.geometry.families import FamilyName
from core.stn.learning.digit_recipes import recipe_for, reference_spec
from core.stn.networks.spec import TITLES, ModelName, Spec

SetName = Literal["R", "RTS", "P", "E", "TC"]
SETS: tuple[SetName, ...] = ("R", "RTS", "P", "E", "TC")
RUNS = Path(__file__).parents[1] / "data" / "paper_table.json"
Row = tuple[ModelName, FamilyName | None]
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


def spec_of(name: SetName, model: ModelName, family: FamilyName | None) -> Spec:
    """The network of one cell: as many parameters as the affine ST-CNN of the recipe for the same set."""
    from core.stn.networks.classifiers import matched  # here, so that the table loads without torch

    reference = reference_spec(recipe_for(name), name)
    return matched(replace(reference, model=model, family=family or "affine"), reference)


def runs(path: Path = RUNS) -> list[dict[str, Any]]:
    """All measured runs; none where nothing was measured yet."""
    return json.loads(path.read_text())["runs"] if path.exists() else []


def named(model: ModelName, family: str | None) -> str:
    """A row's name in words."""
    return f"{TITLES[model]} {family or ''}".strip()


def summary(entries: list[dict[str, Any]]) -> pd.DataFrame:
    """One row a cell: its errors in %, the paper's and ours, with the standard deviation over networks and test draws."""
    rows = []
    for (model, family), errors_of_paper in PAPER.items():
        for name in SETS:
            cell = [e for e in entries if (e["set"], e["model"], e["family"]) == (name, model, family)]
            errors = np.array([error for e in cell for error in e["errors"]])
            rows.append(
                {
                    "model": model,
                    "family": family or "",
                    "title": named(model, family),
                    "set": name,
                    "paper": errors_of_paper.get(name, np.nan),
                    "ours": errors.mean() if cell else np.nan,
                    "sd": errors.std(ddof=1) if len(errors) > 1 else np.nan,
                    "networks": len(cell),
                    "draws": len(errors),
                    "epochs": float(np.mean([e["epochs"] for e in cell])) if cell else np.nan,
                    "minutes": float(np.mean([e["seconds"] for e in cell])) / 60 if cell else np.nan,
                }
            )
    return pd.DataFrame(rows)
