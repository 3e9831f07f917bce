"""docs/RESULTS.md: table 1 of the spatial transformer paper beside what `paper_table` has measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from core.rnn.evaluation.significance import holm
from core.stn.networks.classifiers import parameters_of
from core.stn.paper.answers import length_of
from core.stn.paper.evidence import spread_of
from core.stn.paper.table import (
    PAPER,
    RECIPE,
    RECIPES,
    SETS,
    Entry,
    Row,
    SetName,
    cell_of,
    contests,
    errors_in,
    filled,
    named,
    spec_of,
    trained_alike,
)

Answers = Mapping[str, np.ndarray]

_HEAD = """# Results: table 1 of the spatial transformer paper

Error in % on the 10,000 MNIST test digits under the paper's distortions: **ours** ± its standard error, beside Jaderberg et al.
2015, who trained 640 epochs. The standard error counts other trainings, other test digits and other distortions of these; the
paper gives none, and that of its digits alone is 0.08 at 0.7 %. Written by `python -m benchmarks.paper_table`; the recipe and
what failed on the way stand in docs/LOG.md. All networks of a set have as many parameters as its affine ST-CNN with 64 filters,
the most that the paper speaks of. Under RTS the paper samples 42 x 42 points and pools them to 21 x 21; our transformer samples
28 x 28 and pools nothing.
"""
_P = """P is read from the paper's words: "stretching each corner by an amount", normal with a standard deviation of 5 pixels.
A stretch, unlike the *perturbing* of control points under E, goes in or out, and *an amount* is one number a corner: so x and y
move together, by as many pixels each, as an image does that is stretched by 5 pixels. Whether the 5 pixels are meant along the
sides or along the diagonal, the words do not say; along the diagonal the set is easier, and with x and y drawn apart, which the
words do not suggest, much harder (docs/LOG.md). So our networks can be compared with each other under P, and with the paper's
only with this doubt.
"""
_SPREADS = """Standard deviations in points of error, from variance components: *networks*, another training of the same
network; *draws*, other distortions of the same 10,000 digits, once; *digits*, other 10,000 digits. The last column is the ± of
the table.
"""
_CONTESTS = """Two networks see the same digits under the same distortions. *Difference*: error of the ST-CNN less that of the
other, in points, ± its standard error by digits (those of one digit are one observation) and by networks. *p*: two-sided, by
digits, for these networks; *Holm*: corrected for all lines. *McNemar*: of each pair of equal seeds, in the first draw, how many
digits only the ST-CNN and only the other misreads, and the exact test's mid-p.
"""


def entry(name: SetName, row: Row, seed: int, measured: dict[str, Any]) -> Entry:
    """One trained network as it is kept: which cell, by which recipe, and what was measured."""
    spec = spec_of(name, *row)
    what = {"set": name, "model": row[0], "family": row[1], "seed": seed, "recipe": RECIPE, "width": spec.width}
    return what | {"parameters": parameters_of(spec)} | measured


def report(entries: list[Entry], answers: Answers) -> str:
    """docs/RESULTS.md: the table, how sure it is, and how every number came about."""
    now, *others = trained_alike([e for e in entries if e["recipe"] == RECIPE]) or [[]]
    before = [e for e in entries if e["recipe"] != RECIPE]
    told = f"Recipe {RECIPE}: {RECIPES[RECIPE]}; {length_of(now[0]) if now else 'not trained yet'}."
    count = f"{filled(now)} of {len(PAPER) * len(SETS)} cells are filled."
    parts = [
        _HEAD,
        f"{told}\n{count}\n",
        _table(PAPER, now, answers),
        "\n" + _P,
        "## How sure a cell is\n",
        _spreads(now, answers),
        "## Paired tests\n",
        _contests(now, answers),
    ]
    parts += ["## Trained for another time\n"] if others else []
    for other in others:
        parts += [
            f"The same recipe, {length_of(other[0])}.\n",
            _table(_trained(other), other, answers),
            "",
            _spreads(other, answers),
            _contests(other, answers),
        ]
    for recipe in RECIPES:
        own = [e for e in before if e["recipe"] == recipe]
        if own:
            words = f"Recipe {recipe}: {RECIPES[recipe]}.\nOne network a cell, mean of its test draws; answers were not kept.\n"
            parts += ["## By an earlier recipe\n", words, _table(_trained(own), own, answers), ""]
    return "\n".join([*parts, "## Every network\n", _networks(entries)]) + "\n"


def _trained(entries: list[Entry]) -> list[Row]:
    """The rows of the table that have a network."""
    return [row for row in PAPER if row in {(e["model"], e["family"]) for e in entries}]


def _rows(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (columns, *rows)]
    return "\n".join([lines[0], "|---" * len(columns) + "|", *lines[1:]])


def _table(shown: Iterable[Row], entries: list[Entry], answers: Answers) -> str:
    rows = [(named(*row), *(_cell(entries, name, row, answers) for name in SETS)) for row in shown]
    return _rows(("model", *SETS), rows)


def _cell(entries: list[Entry], name: SetName, row: Row, answers: Answers) -> str:
    cell, paper = cell_of(entries, name, row), PAPER[row].get(name)
    beside = [] if paper is None else [f"paper {paper:g}"]
    if not cell:
        return f"not filled ({beside[0]})" if beside else "not filled"
    errors = errors_in(cell, answers)
    spread = "" if errors is None else f" ± {100 * spread_of(errors).se:.2f}"
    count = [f"{len(cell)} network{'s' if len(cell) > 1 else ''}"]
    return f"**{np.mean([e['errors'] for e in cell]):.2f}**{spread} ({', '.join(count + beside)})"


def _points(share: float) -> str:
    return "–" if np.isnan(share) else f"{100 * share:.2f}"


def _spreads(entries: list[Entry], answers: Answers) -> str:
    rows = []
    for row in PAPER:
        for name in SETS:
            cell = cell_of(entries, name, row)
            errors = errors_in(cell, answers)
            if errors is not None:
                spread = spread_of(errors)
                size = f"{errors.shape[0]} × {errors.shape[1]}"
                numbers = (errors.mean(), spread.networks, spread.draws, spread.digits, spread.se)
                rows.append((name, named(*row), size, *map(_points, numbers)))
    columns = ("set", "model", "networks × draws", "error", "networks", "draws", "digits", "± of the mean")
    return f"{_SPREADS}\n{_rows(columns, rows)}\n" if rows else "No answers were kept yet.\n"


def _contests(entries: list[Entry], answers: Answers) -> str:
    found = contests(entries, answers)
    if not found:
        return "None yet: a test needs both networks of a set, trained equally long by one recipe.\n"
    corrected = holm(np.array([one.paired.p for one in found]))
    rows = []
    for one, p_holm in zip(found, corrected, strict=True):
        pair = one.paired
        counts = zip(pair.only_first, pair.only_second, pair.mid_p, strict=True)
        rows.append(
            (
                one.name,
                named(*one.against),
                " and ".join(map(str, one.networks)),
                f"{100 * pair.difference:+.2f} ± {_points(pair.by_digits)} ± {_points(pair.by_networks)}",
                _p(pair.p),
                _p(p_holm),
                "; ".join(f"{first} to {second}, {_p(p)}" for first, second, p in counts),
            )
        )
    columns = ("set", "ST-CNN affine against", "networks", "difference ± digits ± networks", "p", "Holm", "McNemar, mid-p")
    return f"{_CONTESTS}\n{_rows(columns, rows)}\n"


def _p(value: float) -> str:
    return "< 0.001" if value < 1e-3 else f"{value:.3f}"


def _networks(entries: list[Entry]) -> str:
    columns = (
        "set", "model", "seed", "recipe", "parameters", "length", "minutes", "of a processor", "error % by test draw",
        "device", "commit",
    )  # fmt: skip
    return _rows(columns, [_line(e) for e in entries])


def _line(e: Entry) -> tuple[str, ...]:
    errors = ", ".join(f"{error:.2f}" for error in e["errors"])
    used = e.get("processor_seconds")
    return (
        e["set"], named(e["model"], e["family"]), str(e["seed"]), e["recipe"], f"{e['parameters']:,}", length_of(e),
        f"{e['seconds'] / 60:.0f}", f"{used / 60:.1f}" if used else "–", errors, e["device"], e["commit"],
    )  # fmt: skip
