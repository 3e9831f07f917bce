"""Registration of two pictures: 50 pairs made from the eight shipped photos, 50 of different photos, and libraries beside.

A made pair is turned by up to ±20°, scaled by ±15 %, shifted by ±10 % of each side, in another light; 384 pixels. What is
believed is counted where it is wrong too: off by more than 2 pixels at the corners, or pictures of different things. The belief
was calibrated (`calibration`) on other pictures, those of scikit-image, by harder pairs. scikit-image and kornia are beside it
where they are installed (`pip install scikit-image kornia`). Seconds are of the processor, on one thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
import torch

from benchmarks.register_page import TITLE, lines_of
from benchmarks.register_peers import PEERS
from benchmarks.results_page import put_section
from core.drive import returned
from core.stn.datasets.samples import sample, sample_names
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.theta import Parts, theta_of
from core.stn.geometry.warping import Sampling, warp
from core.stn.learning.belief import BELIEVED, Calibration, calibrated
from core.stn.register.descent import descend
from core.stn.register.evidence import FLOORS, RIGHT, Evidence, corner_error, evidence_for
from core.stn.register.measures import MEASURES, MeasureName
from core.stn.register.pairs import MadePair, in_other_light, made_pair
from core.stn.register.phase_correlation import phase_correlated
from core.stn.register.pictures import levels_of

PAIRS = 50
SEED = 7_000
FEWER = 8  # pairs of each other family and measure
CALIBRATED_WITH = ("brick", "cell", "grass", "gravel", "horse", "moon", "page", "retina", "hubble_deep_field")
ANGLES = 45.0


def registered(moving: np.ndarray, fixed: np.ndarray, family: FamilyName, measure: MeasureName) -> tuple[np.ndarray, Evidence]:
    """What a run does to find theta and its belief."""
    row = MEASURES[measure]
    levels, there = (levels_of(*both, row.levelled) for both in ((moving, fixed), (fixed, moving)))
    theta = returned(descend(levels, family, row, ANGLES))
    back = returned(descend(there[:-1] or there, family, row, ANGLES))
    return theta[0].double().numpy(), evidence_for(moving, fixed, theta, back)


def pairs(family: FamilyName = "similarity", count: int = PAIRS) -> Iterator[tuple[str, MadePair]]:
    """Made from the eight photos in turn."""
    names = sample_names()
    for number in range(count):
        name = names[number % len(names)]
        yield name, made_pair(sample(name).pixels, family, SEED + number)


def different() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """A photo, and another one made otherwise."""
    names = sample_names()
    for number in range(PAIRS):
        one, other = names[number % 8], names[(number + 1 + number // 8 % 7) % 8]
        yield f"{one}, {other}", sample(one).pixels, made_pair(sample(other).pixels, "similarity", SEED + number).fixed


def _timed(way: Callable[[np.ndarray, np.ndarray], np.ndarray], pair: MadePair) -> dict[str, float]:
    height, width = pair.fixed.shape[:2]
    began = time.process_time()
    theta = way(pair.moving, pair.fixed)
    seconds = time.process_time() - began
    return {"error": corner_error(theta, pair.truth, width, height), "seconds": seconds}


def _in_words(rows: list[dict[str, float]]) -> dict[str, float]:
    errors, seconds = (np.array([row[name] for row in rows]) for name in ("error", "seconds"))
    return {
        "median_px": float(np.median(errors)),
        "p90_px": float(np.quantile(errors, 0.9)),
        "worst_px": float(errors.max()),
        "right": float((errors <= RIGHT).mean()),
        "seconds": float(np.median(seconds)),
        "most_seconds": float(seconds.max()),
    }


def _ours(family: FamilyName, measure: MeasureName, count: int) -> pd.DataFrame:
    """A row a pair: error, seconds, belief."""
    rows = []
    for name, pair in pairs(family, count):
        height, width = pair.fixed.shape[:2]
        began = time.process_time()
        theta, evidence = registered(pair.moving, pair.fixed, family, measure)
        seconds = time.process_time() - began
        error = corner_error(theta, pair.truth, width, height)
        rows.append({"name": name, "error": error, "seconds": seconds, "belief": evidence.belief, **asdict(evidence)})
    return pd.DataFrame(rows)


def _shares(ours: pd.DataFrame) -> dict[str, float]:
    believed = ours[ours.belief >= BELIEVED]
    wrong = float((believed.error > RIGHT).mean()) if len(believed) else 0.0
    return _in_words(ours.to_dict("records")) | {"believed": len(believed) / len(ours), "wrong_among_believed": wrong}  # type: ignore[arg-type]


def strangers() -> dict[str, float]:
    """Pairs of different photos: how many are believed."""
    beliefs = [registered(one, other, "similarity", "ncc")[1].belief for _, one, other in different()]
    return {"pairs": len(beliefs), "believed": float((np.array(beliefs) >= BELIEVED).mean()), "highest": max(beliefs)}


def peers() -> dict[str, dict[str, float]]:
    """What needs no descent, and the libraries that are installed."""
    nothing = lambda moving, fixed: np.eye(2, 3)  # noqa: E731
    ours = lambda moving, fixed: phase_correlated(moving, fixed, "similarity")  # noqa: E731
    ways = {"doing nothing": (nothing, PAIRS), "phase correlation": (ours, PAIRS)}
    for peer in PEERS:
        if find_spec(peer.package) is None:
            print(f"{peer.package} is not installed: left out (pip install {peer.install})")
        else:
            ways[peer.title] = peer.way, min(PAIRS, peer.pairs)
    return {
        title: _in_words([_timed(way, pair) for _, pair in pairs(count=count)]) | {"pairs": count}
        for title, (way, count) in ways.items()
    }


def _harder(photo: np.ndarray, seed: int) -> MadePair:
    """Turned by up to ±55°, by a factor 1.6, far shifted, in another light, noisy, a part of it covered."""
    generator, draw = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    angle, scale, right, down = draw.uniform(-1, 1, 4)
    factor = 1.6**scale
    truth = theta_of(Parts(55 * angle, factor, factor, 0.0, 0.6 * right, 0.6 * down)).numpy()
    fixed = in_other_light(warp(photo, truth, Sampling("bicubic", "reflection")), generator).astype(np.float64)
    height, width = fixed.shape[:2]
    cover = draw.uniform(0, 0.6)
    fixed[: round(cover * height), : round(draw.uniform(0.3, 1) * width)] = draw.uniform(0, 255)
    noisy = fixed + draw.normal(0, draw.uniform(0, 25), fixed.shape)
    return MadePair(photo, np.rint(noisy).clip(0, 255).astype(np.uint8), truth)


def calibration(count: int = 60) -> Calibration:
    """The curve of `evidence.CALIBRATION`: on pictures that are not the eight photos, every third pair of different ones."""
    from benchmarks.belief import folder_of
    from core.stn.datasets.images import read_image

    folder = folder_of("skimage", "data")
    paths = [path for name in CALIBRATED_WITH for path in folder.glob(f"{name}.*")]
    photos = [read_image(path.name, path.read_bytes()).pixels for path in paths]
    distances, right = [], []
    for number in range(count):
        photo = photos[number % len(photos)]
        pair = _harder(photo, SEED - 1 - number)
        moving = photos[(number + 1 + number // 9) % len(photos)] if number % 3 == 2 else photo
        height, width = pair.fixed.shape[:2]
        theta, evidence = registered(moving, pair.fixed, "similarity", "ncc")
        distances.append([1 - evidence.likeness, evidence.return_pixels])
        right.append(moving is photo and corner_error(theta, pair.truth, width, height) <= RIGHT)
        print(number, right[-1], np.round(distances[-1], 2), flush=True)
    return calibrated(np.array(distances), right, FLOORS)


def measure() -> dict[str, Any]:
    families = {name: _shares(_ours(name, "ncc", FEWER)) for name in FAMILIES if name != "similarity"}
    measures = {name: _shares(_ours("similarity", name, FEWER)) for name in MEASURES if name != "ncc"}
    figures = {
        "pairs": PAIRS,
        "fewer": FEWER,
        "ours": _shares(_ours("similarity", "ncc", PAIRS)),
        "different": strangers(),
        "beside": peers(),
        "families": families,
        "measures": measures,
    }
    put_section(TITLE, lines_of(figures))
    return figures
