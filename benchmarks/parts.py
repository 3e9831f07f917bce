"""Two cues in a photo: are the parts found, and is it worth it, by networks with 1 and 2 transformers beside plain ones.

Five seeds on scenes and five on an own folder. Recipe and scenes were chosen on other seeds and other photos (docs/LOG.md).
Writes its part of docs/RESULTS.md.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.parts_folder import Folder, folder
from benchmarks.results_page import put_section
from core.drive import returned
from core.stn.parts.boxes import holds, table_of_cues
from core.stn.parts.looks import TITLES
from core.stn.parts.material import source_of
from core.stn.parts.request import PartsRequest
from core.stn.parts.result import PartsResult
from core.stn.parts.run import networks_of, run
from core.stn.parts.verdict import verdict

SEEDS = 5
MODELS = ("whole", "cnn", "1xst", "2xst")
SIDE = 112  # pixels
STEPS = 400  # of each network
FOLDER_MODELS = ("cnn", "2xst")
FOLDER_STEPS = 400
PICTURES = 240  # of an own folder
BADGES = ("red badge", "green badge")
TITLE = "Two cues in a photo: parts found by several transformers"


def multiply_adds(request: PartsRequest) -> dict[str, float]:
    """Of each network, those of its convolutions and linear layers for one picture of a test, in millions."""
    counts = {}
    for name, network in networks_of(request, source_of(request, {})).items():
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            network.eval()(torch.zeros(1, 3, request.side, request.side))
        counts[name] = counter.get_total_flops() / 2e6
    return counts


def figures_of(result: PartsResult, cues: np.ndarray, names: tuple[str, ...]) -> dict[str, Any]:
    """By network what it came to, and of its transformers which cue each holds, each another, how often and how steadily."""
    networks: dict[str, Any] = {row["model"]: row for row in result.scores}
    seconds = min(result.model_seconds["cnn"], result.model_seconds["2xst"])
    for model, course in result.errors.groupby("model", sort=False):
        networks[model]["error_at_equal_time"] = float(np.interp(seconds, course.seconds, course.value))
    for model, boxes in result.boxes.items():
        networks[model]["all_cues_held"] = float(holds(boxes, cues).any(axis=1).all(axis=1).mean())
        table = table_of_cues(boxes, cues, names)
        held = table.held.to_numpy().reshape(-1, len(names))
        networks[model]["parts"] = [
            {
                "transformer": int(row.transformer),
                "cue": row.cue,
                "held": float(row.held),
                "still": float(row.still),
                "spread_px": float(row.offset_sd) * result.side / 2,
            }
            for one, cue in zip(*linear_sum_assignment(-held), strict=True)
            for row in [table.iloc[one * len(names) + cue]]
        ]
    return networks


def on_scenes(seed: int) -> dict[str, Any]:
    result = returned(run(PartsRequest(models=MODELS, side=SIDE, steps=STEPS, seed=seed), {}))
    print(f"scenes, seed {seed}: {verdict(result)}", flush=True)
    return figures_of(result, result.cues, ("disc", "square"))


def request_of(given: Folder, seed: int) -> PartsRequest:
    names = tuple(f"{number}.png" for number in range(len(given.files)))
    pictures = {"images": tuple(given.files), "names": names, "labels": given.labels}
    return PartsRequest(models=FOLDER_MODELS, side=SIDE, steps=FOLDER_STEPS, seed=seed, **pictures)


def on_a_folder(seed: int) -> dict[str, Any]:
    given = folder(PICTURES, seed)
    request = request_of(given, seed)
    result = returned(run(request, given.files))
    print(f"folder, seed {seed}: {verdict(result)}", flush=True)
    return figures_of(result, given.places[[request.names.index(name) for name in result.names]], BADGES)


def measure() -> dict[str, Any]:
    """Of each seed, the networks for as many steps, and their errors when the faster of two had ended; two runs at a time."""
    counts = multiply_adds(PartsRequest(models=MODELS, side=SIDE))
    figures: dict[str, Any] = {"side": SIDE, "steps": STEPS, "multiply_adds": counts, "seeds": [], "folder": []}
    with ProcessPoolExecutor(2, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        runs = {"seeds": pool.map(on_scenes, range(SEEDS)), "folder": pool.map(on_a_folder, range(SEEDS))}
        for what, finished in runs.items():
            for one in finished:
                figures[what].append(one)
                put_section(TITLE, page(figures))
    return figures


def _spread(values: list[float], digits: int = 1) -> str:
    spread = f" ± {np.std(values, ddof=1):.{digits}f}" if len(values) > 1 else ""
    return f"{np.mean(values):.{digits}f}{spread}"


def _row(name: str, rows: list[dict[str, Any]], multiply_adds: float) -> str:
    """One network by all seeds."""
    held = [row["all_cues_held"] for row in rows]
    both = "–" if held[0] is None else _spread([100 * share for share in held], 0)
    seconds, error, timed = (_spread([row[what] for row in rows]) for what in ("seconds", "error", "error_at_equal_time"))
    timed = timed if name in FOLDER_MODELS else "–"  # the time is that of the faster of these two
    weights = format(rows[0]["parameters"], ",")
    return f"| {' | '.join((TITLES[name], weights, format(multiply_adds, '.1f'), error, timed, seconds, both))} |"


def _networks(names: tuple[str, ...], seeds: list[dict[str, Any]], multiply_adds: dict[str, float]) -> list[str]:
    head = "| network | weights | multiply-adds, M | error %, equal steps | error %, equal time | seconds | both cues held % |"
    return [
        head,
        "|---" * 7 + "|",
        *(_row(name, [seed[name] for seed in seeds if name in seed], multiply_adds[name]) for name in names),
    ]


def _parts(name: str, seeds: list[dict[str, Any]]) -> list[str]:
    """A row a seed and transformer."""
    return [
        f"| {TITLES[name]} | {number} | {row['transformer']} | the {row['cue']} | {100 * row['held']:.0f} | "
        f"{100 * row['still']:.0f} | {row['spread_px']:.1f} |"
        for number, seed in enumerate(seeds)
        for row in seed.get(name, {}).get("parts", [])
    ]


def page(figures: dict[str, Any]) -> list[str]:
    """The section of docs/RESULTS.md, line by line."""
    seeds, own, counts = figures["seeds"], figures["folder"], figures["multiply_adds"]
    lines = [
        "By `python -m benchmarks parts`. A scene has a pink disc and a blue square; the class is the pair of their "
        "stripes: guessing errs on about 75 %, who knows one cue on 50 %, and no crop shows any of both. "
        f"{seeds[0]['cnn']['images']} scenes of the test, of {figures['side']} pixels, on photos never learned from; mean "
        f"± standard deviation of {len(seeds)} seeds, each with its own networks and scenes. Recipe and scenes were chosen on "
        "other seeds and on other photos than those of this test, which had been seen once, with an earlier recipe "
        "(docs/LOG.md). *One look at the whole* sees the "
        "picture as small as a crop is seen; the CNN sees it in full detail, with as many weights as the network with two "
        "transformers. *Both cues held*: the middle of each cue lies in some box. *Multiply-adds*: for one picture once it has "
        "learned; the auxiliary classifier is not used then, though its weights are counted. One recipe for all networks and "
        f"{figures['steps']} steps for each, in turns on a shared core, so only the ratio of their seconds says something. "
        "*Equal time*: on the first 100 scenes, when the faster of the CNN and the two transformers had ended; the rate of the "
        "slower one had not fallen yet." + figures.get("note", ""),
        "",
        *_networks(MODELS, seeds, counts),
    ]
    columns = "| network | seed | transformer | holds the middle of | in % | a still box | its place on the cue ± px |"
    lines += ["", "Which cue each transformer holds, each another one, and how steadily:", "", columns, "|---" * 7 + "|"]
    lines += [*_parts("1xst", seeds), *_parts("2xst", seeds)]
    if own:
        lines += [
            "",
            f"An own folder: {PICTURES} pictures, {own[0]['cnn']['images']} of them for the test, on which a red disc and a "
            "green square show a letter each, one above the other (`benchmarks/parts_folder.py`); the class is the pair. The "
            "lab knows nothing of the places; they are compared afterwards. Pictures of the test are other cuts of the same "
            f"photos; {FOLDER_STEPS} steps, {len(own)} seed{'s' if len(own) > 1 else ''}.",
            "",
            *_networks(FOLDER_MODELS, own, counts),
            "",
            columns,
            "|---" * 7 + "|",
            *_parts("2xst", own),
        ]
    return lines
