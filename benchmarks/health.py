"""Is anything called healthy, or a result, that is no better than doing nothing? 100 short runs on what can hardly be learned.

Textures of noise, discs, wheels and checkerboards are straightened (also those that `check` would refuse), textures and digits
with random labels are classified and added, unlike textures are aligned and looked for in scenes. Of each network the stored
trials are compared anew, by scipy's paired t: its error against that of doing nothing, guessing or looking at the middle.
"""

from __future__ import annotations

import gzip
import math
import re
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter
from scipy.stats import ttest_rel

from core.drive import returned
from core.errors import InvalidRequest
from core.runs.kinds import KINDS
from core.runs.request import Request
from core.runs.result import Result
from core.runs.standing import WORDS
from core.runs.store import digest_of
from core.stn.add.adders import TITLES as ADDERS
from core.stn.add.request import AddRequest
from core.stn.add.result import AddResult
from core.stn.align.request import AlignRequest
from core.stn.align.result import AlignResult
from core.stn.classify.request import ClassifyRequest
from core.stn.classify.result import ClassifyResult
from core.stn.datasets.digits import shipped
from core.stn.datasets.images import to_png
from core.stn.geometry.families import FamilyName
from core.stn.locate.boxes import FOUND
from core.stn.locate.request import LocateRequest
from core.stn.locate.result import LocateResult
from core.stn.networks.spec import TITLES as CLASSIFIERS
from core.stn.straighten.request import StraightenRequest
from core.stn.straighten.result import StraightenResult

SIDE = 96  # pixels of a picture
SURE = 2.0  # standard errors
NO_BETTER = "no better than"
NO_RESULT = (NO_BETTER, "too early to tell", "worse than", "it mirrors")
DIGITS, TESTED_DIGITS = 600, 300  # with random labels
Experiment = tuple[Request, dict[str, bytes]]


def texture(seed: int) -> np.ndarray:
    """Noise as fine as a pixel, or smooth over 2 or 6 of them, or stripes, in turn; uint8 (SIDE, SIDE, 3)."""
    noise = np.random.default_rng(seed).standard_normal((SIDE, SIDE))
    smooth = gaussian_filter(noise, [0, 2, 6, (1, 12)][seed % 4], mode="wrap")
    return _grey(128 + 45 * smooth / smooth.std())


def alike_when_turned(seed: int) -> np.ndarray:
    """A disc, a wheel or a checkerboard, in turn; uint8 (SIDE, SIDE, 3)."""
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    disc = np.hypot(x, y) < SIDE * (0.25 + 0.02 * (seed % 5))
    spokes = np.sin((8 + seed % 9) * np.arctan2(y, x)) > 0
    squares = ((x // (6 + seed % 7)) + (y // (6 + seed % 7))) % 2 == 0
    return _grey(40 + 175 * [disc, spokes, squares][seed % 3])


def _grey(values: np.ndarray) -> np.ndarray:
    return np.repeat(np.clip(values, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def _pictures(pictures: list[np.ndarray]) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, bytes]]:
    """Digests, names, and the contents by digest."""
    files = [to_png(picture) for picture in pictures]
    digests = tuple(map(digest_of, files))
    return digests, tuple(f"{number}.png" for number in range(len(files))), dict(zip(digests, files, strict=True))


def mislabelled_digits(seed: int) -> dict[str, bytes]:
    """Files as MNIST's, of shipped digits whose labels are drawn at random; by digest, in their order."""
    random, digits = np.random.default_rng(seed), shipped()
    parts = (digits.train.images[:DIGITS], digits.test.images[:TESTED_DIGITS])
    arrays = [array for images in parts for array in (images, random.integers(0, 10, len(images), dtype=np.uint8))]
    files = [gzip.compress(_idx(values), 1, mtime=0) for values in arrays]
    return dict(zip(map(digest_of, files), files, strict=True))


def _idx(values: np.ndarray) -> bytes:
    return bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes()


def straightened(picture: Callable[[int], np.ndarray], seed: int, budget: float = 3.0) -> Experiment:
    """One picture, or from every fifth seed on six of them, of which one is held out."""
    families: tuple[FamilyName, ...] = ("similarity", "affine", "projective", "tps")
    digests, names, inputs = _pictures([picture(seed + 1000 * number) for number in range(6 if seed % 5 == 4 else 1)])
    settings: dict[str, Any] = {"family": families[seed % 4], "max_angle": 180 if seed % 6 == 5 else 45, "budget": budget}
    return StraightenRequest(images=digests, names=names, seed=seed, **settings), inputs


def classified_textures(seed: int, budget: float = 2.0) -> Experiment:
    """Forty textures, each in one of two to five classes at random."""
    digests, names, inputs = _pictures([texture(100 * seed + number) for number in range(40)])
    labels = np.random.default_rng(seed).permutation(np.arange(40) % (2 + seed % 4)).astype(str)
    request = ClassifyRequest(
        images=digests, names=names, labels=tuple(labels), models=("cnn", "st-cnn"), budget=budget, seed=seed
    )
    return request, inputs


def classified_digits(seed: int, budget: float = 2.0) -> Experiment:
    inputs = mislabelled_digits(seed)
    request = ClassifyRequest(digits="mnist", mnist=tuple(inputs), models=("modern-cnn", "st-cnn"), budget=budget, seed=seed)
    return request, inputs


def added_digits(seed: int, steps: int | None = None) -> Experiment:
    inputs = mislabelled_digits(seed)
    return AddRequest(mnist=tuple(inputs), models=("fcn", "2xst-fcn"), budget=3, steps=steps, seed=seed), inputs


def aligned_textures(seed: int, budget: float = 3.0) -> Experiment:
    digests, names, inputs = _pictures([texture(500 * seed + number) for number in range(6)])
    return AlignRequest(images=digests, names=names, max_angle=180 if seed % 3 == 2 else 45, budget=budget, seed=seed), inputs


def located_texture(seed: int, steps: int | None = None) -> Experiment:
    """Five textures that have nothing in common, hidden in pieces of themselves; every other time without the vote."""
    digests, names, inputs = _pictures([texture(700 * seed + number) for number in range(5)])
    settings: dict[str, Any] = {"images": 20, "voting": seed % 2 == 0, "steps": steps, "budget": 6}
    return LocateRequest(objects=digests, names=names, seed=seed, **settings), inputs


ROWS: tuple[tuple[str, int, Callable[[int], Experiment]], ...] = (  # what it is, how many runs, what the run of a seed asks
    ("straighten, textures", 24, lambda seed: straightened(texture, seed)),
    ("straighten, discs, wheels and checkerboards", 18, lambda seed: straightened(alike_when_turned, seed)),
    ("classify, textures with random labels", 14, classified_textures),
    ("classify, digits with random labels", 8, classified_digits),
    ("add, digits with random labels", 12, added_digits),
    ("align, unlike textures", 12, aligned_textures),
    ("locate, unlike textures", 12, located_texture),
)


@dataclass(frozen=True)
class NetworkVerdict:
    """What a run says of one network, and by how many standard errors its stored trials are better than the baseline's."""

    network: str  # its title; empty where a run has one only
    error: float
    baseline: float
    standard_errors: float
    health: str
    headline: str

    @property
    def better(self) -> bool:
        return self.standard_errors >= SURE

    @property
    def called_healthy(self) -> bool:
        return self.health == WORDS["good"]

    @property
    def called_a_result(self) -> bool:
        """The headline does not say of it that it is no better than something, or that it is too early to tell."""
        if not self.network or self.headline.startswith(NO_RESULT):
            return not self.headline.startswith(NO_RESULT)
        words = re.search(rf"(?:^|[,:] ){re.escape(self.network)} [^,;]*", self.headline)
        return words is None or NO_BETTER not in words.group()


def _standard_errors(baseline: Any, errors: Any) -> float:
    """By how many standard errors the errors are below the baseline's, paired."""
    apart = np.asarray(baseline, float) - np.asarray(errors, float)
    if np.ptp(apart) == 0:
        return math.copysign(math.inf, apart[0]) if apart[0] else 0.0
    return float(ttest_rel(np.asarray(baseline, float), np.asarray(errors, float)).statistic)


def _by_answers(result: ClassifyResult | AddResult) -> dict[str, float]:
    """Against always giving the commonest class; an image counts once, its mean over its distortions."""
    always = result.truth != pd.Series(result.truth).mode()[0]
    return {
        name: _standard_errors(always, (np.atleast_2d(answers) != result.truth).mean(axis=0))
        for name, answers in result.answers.items()
    }


def _by_trials(result: Result) -> float:
    """By how many standard errors the one network of a result is better than its baseline."""
    match result:
        case StraightenResult():
            seen = result.trials[result.trials.seen]
            return _standard_errors(seen.applied_deg.abs(), seen.angle_error)
        case AlignResult():
            images = result.images  # nearer than untouched, and more like one another than laid otherwise
            nearer = _standard_errors(images.apart_before, images.apart_after)
            return min(nearer, _standard_errors(1 - images.rival, 1 - images.likeness))
        case LocateResult():
            return _standard_errors(result.baseline_overlaps <= FOUND, result.overlaps <= FOUND)
    raise TypeError(f"{type(result).__name__} is not of a run that is measured here")


def verdicts_of(experiment: Experiment) -> list[NetworkVerdict]:
    """What the run of a request says of each of its networks."""
    request, inputs = experiment
    result = returned(KINDS[request.kind].run(request, inputs))
    if isinstance(result, ClassifyResult | AddResult):
        better, titles = _by_answers(result), CLASSIFIERS | ADDERS
        rows = {row["model"]: row for row in result.scores}
        return [
            NetworkVerdict(titles[name], row["error"], row["baseline"], better[name], row["health"], result.headline)
            for name, row in rows.items()
        ]
    standing = result.standing
    return [NetworkVerdict("", standing.error, standing.baseline, _by_trials(result), standing.health, result.headline)]


def refused(experiment: Experiment) -> bool:
    """Whether a request is refused before it is run."""
    request, inputs = experiment
    try:
        KINDS[request.kind].check(request, inputs)
    except InvalidRequest:
        return True
    return False


def figures_of(runs: list[list[NetworkVerdict]]) -> dict[str, Any]:
    """Counts over some runs; those that should be 0 come with their verdicts."""
    verdicts = [one for run in runs for one in run]
    no_better = [one for one in verdicts if not one.better]
    wrongly = [one for one in no_better if one.called_healthy or one.called_a_result]
    return {
        "runs": len(runs),
        "networks": len(verdicts),
        "not_better_by_two_standard_errors": len(no_better),
        "of_these_called_healthy": sum(one.called_healthy for one in no_better),
        "of_these_called_a_result": sum(one.called_a_result for one in no_better),
        "called_healthy": sum(one.called_healthy for one in verdicts),
        "wrongly": [asdict(one) for one in wrongly],
    }


def measure() -> dict[str, Any]:
    """The counts of every row and of all runs."""
    all_runs: list[list[NetworkVerdict]] = []
    figures: dict[str, Any] = {}
    for name, count, experiment_of in ROWS:
        experiments = [experiment_of(seed) for seed in range(count)]
        runs = [verdicts_of(experiment) for experiment in experiments]
        figures[name] = figures_of(runs) | {"refused_before_training": sum(map(refused, experiments))}
        all_runs += runs
    return figures | {"all": figures_of(all_runs)}
