"""Straighten a photo with the network of a run: predict theta several times, compose, sample the photo once, and doubt it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import pandas as pd
from torch import Tensor

from core.stn.datasets.canvas import Canvases, canvases_of
from core.stn.datasets.images import Picture
from core.stn.geometry.kernels import Padding
from core.stn.geometry.theta import compose
from core.stn.learning.belief import BELIEVED
from core.stn.learning.equivariance import answered_turns, turned
from core.stn.straighten.checkpoint import localization_from
from core.stn.straighten.evaluation import doubt_by_examples
from core.stn.straighten.looking.doubt import Doubt, gather
from core.stn.straighten.looking.framing import FRAMINGS, FramingName
from core.stn.straighten.looking.looks import Looking, look, thetas_of
from core.stn.straighten.looking.straightened import Straightened, apply_theta
from core.stn.straighten.result import StraightenResult


@dataclass(frozen=True)
class Answer(Straightened):
    """What the network of a run makes of a photo, and the probability that it is right (`belief.RIGHT`)."""

    belief: float

    @property
    def believed(self) -> bool:
        return self.belief >= BELIEVED


@dataclass(frozen=True)
class _Older:
    """A result that was stored without doubt; two are equal where their weights are."""

    digest: str
    result: StraightenResult = field(compare=False)


@lru_cache(maxsize=4)
def _doubt_of_older(older: _Older) -> Doubt:
    return doubt_by_examples(older.result)


def doubt_of(result: StraightenResult) -> Doubt:
    """How a run doubts its own answers; of a result that is older than doubt, calibrated now by trials of its examples."""
    if result.calibration and result.calibration.floors and result.familiar is not None:
        return Doubt(result.calibration, result.familiar)
    digest = hashlib.sha256(b"".join(np.ascontiguousarray(value).tobytes() for value in result.weights.values()))
    return _doubt_of_older(_Older(digest.hexdigest(), result))


@dataclass(frozen=True)
class Scattered:
    """What is answered to one photo when it is turned further."""

    turns: pd.DataFrame  # see `equivariance.answered_turns`
    thetas: np.ndarray  # (N, …): where each answer looks in the photo as it is, in square coordinates


def scattered(result: StraightenResult, photo: np.ndarray, turns: int = 25) -> Scattered:
    """Turn a photo (H, W, 3), uint8, by angles over the range that the run practised, and ask the network each time."""
    localization, looking = localization_from(result.family, result.weights), Looking.of(result.distortions)
    canvas, familiar = canvases_of([photo]), doubt_of(result).familiar
    angles = np.linspace(-result.max_angle, result.max_angle, turns).tolist()

    def answer(pixels: Tensor) -> Tensor:
        return look(localization, Canvases(pixels, canvas.frames.expand(len(pixels), -1)), looking, familiar)

    starts = thetas_of(looking.starts[1:])
    return Scattered(
        answered_turns(answer, canvas.pixels, angles),
        compose(starts, answer(turned(canvas.pixels, starts))).numpy(),
    )


def straighten(result: StraightenResult, photo: np.ndarray, *, padding: Padding = "border") -> Answer:
    """Make a photo (H, W, 3), uint8 and of any size, upright with the weights of a run, whether it is to be believed or not."""
    localization, doubt = localization_from(result.family, result.weights), doubt_of(result)
    evidence = gather(localization, canvases_of([photo]), Looking.of(result.distortions), doubt.familiar)
    straight = apply_theta(photo, evidence.theta[0], padding)
    return Answer(straight.image, straight.theta, straight.angle_deg, float(doubt.belief(evidence)[0]))


def made_upright(picture: Picture, answer: Straightened, framing: FramingName = "filled") -> Picture:
    """The picture that was straightened, with its transparency and profile. ImageError where it is to be cropped and nothing of
    it is seen."""
    if framing == "filled" and picture.transparent is None:  # that is there already
        return replace(picture, pixels=answer.image)
    return FRAMINGS[framing].of(picture, answer.theta)
