"""Is a straightening network right as often as it believes: new tilts of its own photos, and pictures of other kinds.

Writes docs/BELIEF.md. Reads the pictures of scikit-image (`pip install --no-deps scikit-image`; its code is not used) and of
scikit-learn; none of them is among the pictures that a run calibrates its belief with. Right: off by less than 2°.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from benchmarks.belief_page import write_page
from core.drive import returned
from core.runs.store import digest_of
from core.stn.datasets.canvas import canvases_of
from core.stn.datasets.images import read_image, to_png
from core.stn.datasets.samples import sample
from core.stn.geometry.families import FamilyName
from core.stn.geometry.theta import rotation_deg, turn_between
from core.stn.geometry.warping import warp
from core.stn.learning.belief import BELIEVED, RIGHT
from core.stn.straighten.checkpoint import localization_from
from core.stn.straighten.looking.doubt import gather
from core.stn.straighten.looking.looks import Looking
from core.stn.straighten.predict import doubt_of
from core.stn.straighten.request import StraightenRequest
from core.stn.straighten.result import StraightenResult
from core.stn.straighten.run import run

TRIALS = 200  # of its own photos, and of pictures of other kinds; each
AT_ONCE = 20
FACES, PATCHES = slice(0, 100), slice(100, 200)  # of scikit-image's cut-outs of photos
BINS = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1.0)  # of belief
Pictures = dict[str, np.ndarray]
OTHERS = (
    "brick.png", "cell.png", "chessboard_RGB.png", "color.png", "grass.png", "gravel.png", "horse.png", "hubble_deep_field.jpg",
    "ihc.png", "logo.png", "microaneurysms.png", "moon.png", "motorcycle_left.png", "motorcycle_right.png", "page.png",
    "phantom.png", "retina.jpg",
)  # fmt: skip


def folder_of(package: str, inside: str) -> Path:
    """A folder of pictures in an installed package, which is not imported."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise SystemExit(f"{package} is not installed, and has the pictures: pip install -r benchmarks/requirements.txt")
    return Path(found.origin).parent / inside


def _picture(path: Path) -> np.ndarray:
    return read_image(path.stem, path.read_bytes()).pixels


@cache
def _cut_outs() -> np.ndarray:
    """200 cut-outs (25, 25) of photos, 100 of them faces, uint8 in three channels."""
    grey = np.load(folder_of("skimage", "data") / "lfw_subset.npy")
    return np.repeat(np.rint(255 * grey).astype(np.uint8)[..., None], 3, axis=-1)


@cache
def others() -> Pictures:
    """Pictures of other kinds than any network's, but for the page, by name."""
    images = folder_of("skimage", "data")
    pictures = {Path(name).stem: _picture(images / name) for name in OTHERS}
    flower = folder_of("sklearn", "datasets/images")
    pictures |= {name: _picture(flower / f"{name}.jpg") for name in ("china", "flower")}
    return pictures | {f"patch {number}": patch for number, patch in enumerate(_cut_outs()[PATCHES])}


def shipped(*names: str) -> Pictures:
    return {name: sample(name).pixels for name in names}


def faces() -> Pictures:
    return {f"face {number}": face for number, face in enumerate(_cut_outs()[FACES][:12])}


@dataclass(frozen=True)
class Network:
    """A network whose belief is tested: what it learns from, and how."""

    title: str
    photos: Callable[[], Pictures]
    family: FamilyName = "similarity"
    max_angle: float = 45.0
    budget: float = 60.0


NETWORKS = {
    "cat": Network("cat ±45°", lambda: shipped("chelsea")),
    "cat-180": Network("cat ±180°", lambda: shipped("chelsea"), max_angle=180.0),
    "page": Network("page ±45°", lambda: {"page": others()["page"]}),
    "photos": Network("three photos ±45°", lambda: shipped("astronaut", "coffee", "clock")),
    "projective": Network("cat, projective ±45°", lambda: shipped("chelsea"), family="projective"),
    "faces": Network("twelve faces ±40°", faces, max_angle=40.0),
    "short": Network("cat ±45° after 3 seconds", lambda: shipped("chelsea"), budget=3.0),
}


def trained(network: Network) -> StraightenResult:
    files = {digest_of(content): content for content in map(to_png, network.photos().values())}
    request = StraightenRequest(
        images=tuple(files),
        names=tuple(network.photos()),
        family=network.family,
        max_angle=network.max_angle,
        budget=network.budget,
        held_out=0.0,
    )
    return returned(run(request, files))


def _tilted(pictures: Sequence[tuple[str, np.ndarray]], result: StraightenResult, seed: int) -> Iterator[pd.DataFrame]:
    """The pictures in turn, each distorted anew as the run's tests are, and what the network answers."""
    localization, looking, doubt = (
        localization_from(result.family, result.weights),
        Looking.of(result.distortions),
        doubt_of(result),
    )
    bends = result.distortions.draw(TRIALS, torch.Generator().manual_seed(seed))
    chosen = list(islice(cycle(pictures), TRIALS))
    for begin in range(0, TRIALS, AT_ONCE):
        now = slice(begin, begin + AT_ONCE)
        bent = [warp(picture, theta) for (_, picture), theta in zip(chosen[now], bends[now], strict=True)]
        answers = gather(localization, canvases_of(bent), looking, doubt.familiar)
        angles = zip(rotation_deg(bends[now]).tolist(), (-rotation_deg(answers.theta)).tolist(), strict=True)
        yield pd.DataFrame(
            {
                "name": [name for name, _ in chosen[now]],
                "error": [turn_between(*both) for both in angles],
                "belief": doubt.belief(answers),
                "scatter": answers.scatter,
                "likeness": answers.likeness,
            }
        )


def answers_of(network: Network, result: StraightenResult) -> pd.DataFrame:
    """TRIALS answers to new tilts of its own photos and TRIALS to pictures of other kinds: a row each."""
    own, random = network.photos(), np.random.default_rng(7)
    strangers = [(name, picture) for name, picture in others().items() if name not in own]
    strangers += [strangers[number] for number in random.permutation(len(strangers))]  # some twice, by other distortions
    tables = [pd.concat(_tilted(list(own.items()), result, 4_001)), pd.concat(_tilted(strangers, result, 4_002))]
    table = pd.concat([tables[0].assign(own=True), tables[1].assign(own=False)], ignore_index=True)
    return table.assign(right=table.error < RIGHT, believed=table.belief >= BELIEVED)


def shares(answers: pd.DataFrame) -> dict[str, float | None]:
    """What is believed, and how much of that is wrong."""
    own, strangers, believed = answers[answers.own], answers[~answers.own], answers[answers.believed]
    return {
        "own_median_error_deg": float(own.error.median()),
        "own_right": float(own.right.mean()),
        "own_believed": float(own.believed.mean()),
        "others_median_error_deg": float(strangers.error.median()),
        "others_believed": float(strangers.believed.mean()),
        "wrong_among_believed": float((~believed.right).mean()) if len(believed) else None,
    }


def curve(answers: pd.DataFrame) -> list[dict[str, float]]:
    """The calibration curve: by bin of belief how many answers, the mean belief, and the share of right ones."""
    bins = pd.cut(answers.belief, BINS, include_lowest=True)
    return [
        {
            "from": at.left,
            "to": at.right,
            "answers": len(rows),
            "belief": float(rows.belief.mean()),
            "right": float(rows.right.mean()),
        }
        for at, rows in answers.groupby(bins, observed=True)
    ]


def measure() -> dict[str, Any]:
    """Of each network its shares; of all together the calibration curve."""
    networks, tables = {}, []
    for name, network in NETWORKS.items():
        result = trained(network)
        tables.append(answers := answers_of(network, result))
        networks[name] = {"title": network.title, "steps": result.steps, **shares(answers)}
    together = pd.concat(tables)
    figures = {"trials_each": TRIALS, "networks": networks, "together": shares(together), "curve": curve(together)}
    write_page(figures)
    return figures
