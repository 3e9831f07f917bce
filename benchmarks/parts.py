"""Two cues in a photo: are the parts found, and is it worth it, by networks with 1 and 2 transformers beside plain ones.

Five seeds, by equally many steps and by equal time. Writes its part of docs/RESULTS.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.results_page import put_section
from core.drive import returned
from core.stn.parts.looks import TITLES
from core.stn.parts.request import PartsRequest
from core.stn.parts.result import PartsResult
from core.stn.parts.run import run
from core.stn.parts.verdict import verdict

SEEDS = 5
MODELS = ("whole", "cnn", "1xst", "2xst")
SIDE = 112  # pixels
STEPS = 800  # of each network
TITLE = "Two cues in a photo: parts found by several transformers"


def figures_of(result: PartsResult) -> dict[str, Any]:
    """By network what it came to, and of its transformers which cue each holds, how often, and by which spread."""
    networks: dict[str, Any] = {row["model"]: row for row in result.scores}
    seconds = min(result.model_seconds["cnn"], result.model_seconds["2xst"])
    for model, course in result.errors.groupby("model", sort=False):
        networks[model]["error_at_equal_time"] = float(np.interp(seconds, course.seconds, course.value))
    for model, rows in result.cue_table.groupby("model", sort=False):
        best = rows.loc[rows.groupby("transformer").held.idxmax()]
        networks[model]["parts"] = [
            {
                "transformer": row.transformer,
                "cue": row.cue,
                "held": row.held,
                "still": row.still,
                "spread_px": row.offset_sd * result.side / 2,
            }
            for row in best.itertuples()
        ]
    return networks


def measure() -> dict[str, Any]:
    """Of each seed, the networks for as many steps, and their errors when the faster of two had ended."""
    figures: dict[str, Any] = {"side": SIDE, "steps": STEPS, "seeds": []}
    for seed in range(SEEDS):
        result = returned(run(PartsRequest(models=MODELS, side=SIDE, steps=STEPS, seed=seed), {}))
        figures["seeds"].append(figures_of(result))
        put_section(TITLE, page(figures))
        print(f"seed {seed}: {verdict(result)}", flush=True)
    return figures


def _spread(values: list[float], digits: int = 1) -> str:
    spread = f" ± {np.std(values, ddof=1):.{digits}f}" if len(values) > 1 else ""
    return f"{np.mean(values):.{digits}f}{spread}"


def _row(name: str, rows: list[dict[str, Any]]) -> str:
    """One network by all seeds."""
    held = [row["all_cues_held"] for row in rows]
    both = "–" if held[0] is None else _spread([100 * share for share in held], 0)
    seconds, error, timed = (_spread([row[what] for row in rows]) for what in ("seconds", "error", "error_at_equal_time"))
    return f"| {' | '.join((TITLES[name], format(rows[0]['parameters'], ','), error, timed, seconds, both))} |"


def page(figures: dict[str, Any]) -> list[str]:
    """The section of docs/RESULTS.md, line by line."""
    seeds = figures["seeds"]
    head = ["| network | weights | error %, equal steps | error %, equal time | seconds | both cues held % |", "|---" * 6 + "|"]
    lines = [
        "By `python -m benchmarks parts`. A scene has a disc and a square; the class is the pair of their "
        "stripes: guessing errs on about 75 %, who knows one cue on 50 %, and no crop shows both. "
        f"{seeds[0]['cnn']['images']} scenes of the test, of {figures['side']} pixels, on photos never learned from; mean "
        f"± standard deviation of {len(seeds)} seeds, each with its own networks and scenes. *One look at the whole* sees the "
        "picture as small as a crop is seen; the CNN sees it in full detail, with as many weights as the network with two "
        "transformers. *Both cues held*: the middle of each cue lies in some box. One recipe for all networks and "
        f"{figures['steps']} steps for each, in turns on a shared core, so only the ratio of their seconds says something. "
        "*Equal time*: on the first 100 scenes, when the faster of the CNN and the two transformers had ended; the rate of the "
        "slower one had not fallen yet.",
        "",
        *head,
        *(_row(name, [seed[name] for seed in seeds]) for name in MODELS),
    ]
    columns = "| network | seed | transformer | holds the middle of | in % | a still box | its place on the cue ± px |"
    lines += ["", "Which cue each transformer holds, and how steadily:", "", columns, "|---" * 7 + "|"]
    for name in ("1xst", "2xst"):
        for number, seed in enumerate(seeds):
            lines += [
                f"| {TITLES[name]} | {number} | {row['transformer']} | the {row['cue']} | {100 * row['held']:.0f} | "
                f"{100 * row['still']:.0f} | {row['spread_px']:.1f} |"
                for row in seed[name]["parts"]
            ]
    return lines
