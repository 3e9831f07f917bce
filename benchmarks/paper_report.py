"""docs/RESULTS.md: table 1 of the spatial transformer paper beside what `paper_table` has measured."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.stn.networks.classifiers import parameters_of
from core.stn.paper.table import PAPER, SETS, Row, SetName, named, spec_of, summary

_HEAD = """# Results: table 1 of the spatial transformer paper

Error in % on the 10,000 MNIST test digits under the paper's distortions: **ours** ± standard deviation over networks (seeds)
and test draws (every draw distorts the whole test set anew), beside Jaderberg et al. 2015, who trained 640 epochs. Written by
`python -m benchmarks.paper_table`; the recipe and what failed on the way stand in docs/LOG.md. With 10,000 digits an error of
0.7 % has a standard error of 0.08. All networks of a set have as many parameters as its affine ST-CNN. That one has 64 filters,
the most that the paper speaks of; under RTS 88, which make the 400,000 parameters that it speaks of too. Under RTS the paper
samples 42 x 42 points and pools them to 21 x 21; our transformer samples 28 x 28 and pools nothing, and learns from canvases
that are bent by 1 px besides. No test is.
"""


def entry(name: SetName, row: Row, seed: int, measured: dict[str, Any]) -> dict[str, Any]:
    """One trained network as it is kept: which cell, and what was measured."""
    spec = spec_of(name, *row)
    what = {"set": name, "model": row[0], "family": row[1], "seed": seed, "width": spec.width}
    return what | {"parameters": parameters_of(spec)} | measured


def report(entries: list[dict[str, Any]]) -> str:
    """docs/RESULTS.md: the table, and how every number came about."""
    table = summary(entries)
    lines = [_HEAD, "| model | " + " | ".join(SETS) + " |", "|---" * (len(SETS) + 1) + "|"]
    for model, family in PAPER:
        rows = table[(table.model == model) & (table.family == (family or ""))]
        lines.append(f"| {named(model, family)} | " + " | ".join(_cell(row) for row in rows.itertuples()) + " |")
    columns = ("set", "model", "seed", "parameters", "epochs", "minutes", "error % by test draw", "device", "commit")
    lines += ["", "## Every network", "", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    return "\n".join([*lines, *(_line(entry) for entry in entries)]) + "\n"


def _cell(row: Any) -> str:
    paper = "" if np.isnan(row.paper) else f"paper {row.paper:g}"
    if np.isnan(row.ours):
        return f"{paper or '–'}"
    spread = f" ± {row.sd:.2f}" if not np.isnan(row.sd) else ""
    return f"**{row.ours:.2f}**{spread}" + (f" ({paper})" if paper else "")


def _line(e: dict[str, Any]) -> str:
    errors = ", ".join(f"{error:.2f}" for error in e["errors"])
    words = (
        e["set"], named(e["model"], e["family"]), str(e["seed"]), f"{e['parameters']:,}", f"{e['epochs']:g}",
        f"{e['seconds'] / 60:.0f}", errors, e["device"], e["commit"],
    )  # fmt: skip
    return f"| {' | '.join(words)} |"
