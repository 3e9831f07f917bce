"""What the README claims in numbers: a row a claim, each read from a stored measurement, never typed.

`python -m benchmarks claims` writes the table into README.md and, with where each number comes from, into docs/RESULTS.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.results_page import put_section

README = Path(__file__).parents[1] / "README.md"
RESULTS = Path(__file__).parent / "results"
BEGIN, END = "<!-- measured: python -m benchmarks claims -->", "<!-- /measured -->"
TITLE = "What the README claims"
Figures = dict[str, Any]


@dataclass(frozen=True)
class Claim:
    """What was measured, by which measurement, and how its figures are said: ours, and beside what."""

    what: str
    by: str  # a name of `benchmarks.__main__.NAMES`
    ours: Callable[[Figures], str]
    beside: Callable[[Figures], str]


def _network(figures: Figures, title: str) -> str:
    return f"{figures['beside'][title]['median_px']:.2f} px"


CLAIMS = (
    Claim(
        "two photos laid over each other, median error of the corners, 50 pairs",
        "register",
        lambda f: f"{f['ours']['median_px']:.2f} px",
        lambda f: f"phase correlation {_network(f, 'phase correlation')}",
    ),
    Claim(
        "the same, worst of 50",
        "register",
        lambda f: f"{f['ours']['worst_px']:.2f} px",
        lambda f: f"phase correlation {f['beside']['phase correlation']['worst_px']:.2f} px",
    ),
    Claim(
        "a photo turned by up to ±45°, median error of a network that learned it for 1,000 steps or less",
        "belief",
        lambda f: f"{f['networks']['cat']['own_median_error_deg']:.2f}°",
        lambda f: (
            f"photos it cannot know {f['networks']['cat']['others_median_error_deg']:.0f}°, of which it believes "
            f"{100 * f['networks']['cat']['others_believed']:.0f} %"
        ),
    ),
    Claim(
        "random walks on which something is said to beat the random walk",
        "truth",
        lambda f: f"{f['random_walks_beaten']} of {f['random_walks']}",
        lambda f: "at most 5 expected, at the level of the test",
    ),
    Claim(
        "AR(1) series of returns (coefficient 0.3) on which something is",
        "truth",
        lambda f: f"{f['ar1_found']} of {f['ar1_series']}",
        lambda f: "–",
    ),
    Claim(
        "panels with nothing to gain on which networks are said to beat the classical models",
        "panel_truth",
        lambda f: f"{f['networks_beat_classical_there']} of {f['panels_with_nothing_to_gain']}",
        lambda f: f"{f['networks_beat_classical_with_it']} of {f['panels_with_a_common_factor']} where there is something",
    ),
    Claim(
        "a training step of our loop over that of a bare PyTorch loop",
        "training_loop",
        lambda f: f"{f['ratio_median']:.2f}",
        lambda f: (
            f"{f['ratio_low']:.2f} to {f['ratio_high']:.2f} over the rounds; {f['settling_s']:.1f} s once, after the last step"
        ),
    ),
    Claim(
        "slider to painted picture on Warp, median and 95 %",
        "slider",
        lambda f: f"{f['drag_to_paint_median_ms']:.0f} ms, {f['drag_to_paint_p95_ms']:.0f} ms",
        lambda f: f"beside a training {f['beside_a_training_median_ms']:.0f} ms, {f['beside_a_training_p95_ms']:.0f} ms",
    ),
    Claim(
        "start to the first page",
        "startup",
        lambda f: f"{f['start_to_home_s']:.1f} s",
        lambda f: "–",
    ),
    Claim(
        "any screen opened by its address, to its title on the screen: 95 % within",
        "first_paint",
        lambda f: f"{f['all screens, title, p95 s']:.1f} s",
        lambda f: f"a server started again, to its first page {f['restart to the first page, s']:.1f} s",
    ),
    Claim(
        "100 visitors who follow a run, an update a second each: 95 % of updates within",
        "load",
        lambda f: f"{f['100 followers']['p95_ms']:.0f} ms",
        lambda f: f"one visitor {f['1 followers']['p95_ms']:.0f} ms",
    ),
    Claim(
        "thirteen years of one ticker: four recurrent variants, the classical models, 500 test days",
        "compare",
        lambda f: f"{f['one_seed_s']:.1f} s",
        lambda f: f"five seeds {f['five_seeds_s']:.1f} s",
    ),
)


def figures_of(name: str) -> dict[str, Any]:
    """A stored measurement, with when and on which commit it was made."""
    told: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return told


def table() -> str:
    """The table of the README."""
    rows = ["| measured | Gridcast | beside |", "|---|---|---|"]
    for claim in CLAIMS:
        figures = figures_of(claim.by)["figures"]
        rows.append(f"| {claim.what} | **{claim.ours(figures)}** | {claim.beside(figures)} |")
    return "\n".join(rows)


def section() -> list[str]:
    """The same with where each number comes from, for docs/RESULTS.md."""
    rows = [
        "Read from the stored measurements by `python -m benchmarks claims`, which writes the README's table and this one;",
        "`python -m benchmarks NAME` measures again. On two shared cores, so what counts are ratios within one measurement.",
        "",
        "| measured | Gridcast | beside | measurement | when | commit |",
        "|---|---|---|---|---|---|",
    ]
    for claim in CLAIMS:
        told = figures_of(claim.by)
        ours, beside = claim.ours(told["figures"]), claim.beside(told["figures"])
        rows.append(f"| {claim.what} | {ours} | {beside} | `{claim.by}` | {told['when'][:10]} | {told['commit']} |")
    return rows


def with_table(readme: str) -> str:
    """The README with the table as it is now."""
    return re.sub(f"{BEGIN}.*?{END}", lambda _: f"{BEGIN}\n{table()}\n{END}", readme, flags=re.DOTALL)


def measure() -> dict[str, Any]:
    """Write both tables; what was claimed, by claim."""
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
    put_section(TITLE, section())
    return {claim.what: claim.ours(figures_of(claim.by)["figures"]) for claim in CLAIMS}
