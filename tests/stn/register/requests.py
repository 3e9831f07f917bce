"""Requests of this experiment for tests, with their inputs, and results of small ones."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from core.drive import returned
from core.runs.store import digest_of
from core.stn.datasets.images import to_png
from core.stn.datasets.samples import sample
from core.stn.geometry.pixels import shrunk
from core.stn.register.pairs import MadePair, made_pair
from core.stn.register.request import RegisterRequest
from core.stn.register.result import RegisterResult
from core.stn.register.run import run

SIDE = 80  # pixels


def small(name: str) -> np.ndarray:
    return shrunk(sample(name).pixels, SIDE)


@cache
def pair_of(name: str, family: str = "similarity", seed: int = 1) -> MadePair:
    return made_pair(small(name), family, seed)


def request_for(moving: np.ndarray, fixed: np.ndarray, **settings: Any) -> tuple[RegisterRequest, dict[str, bytes]]:
    pngs = [to_png(one) for one in (moving, fixed)]
    first, second = map(digest_of, pngs)
    settings = {"names": ("a", "b"), "max_angle": 20.0} | settings
    return RegisterRequest(images=(first, second), **settings), dict(zip((first, second), pngs, strict=True))


def registered(name: str = "coffee", family: str = "similarity", measure: str = "ncc") -> RegisterResult:
    return _registered(name, family, measure)


@cache
def _registered(name: str, family: str, measure: str) -> RegisterResult:
    pair = pair_of(name, family)
    truth = tuple(pair.truth.ravel().tolist())
    return returned(run(*request_for(pair.moving, pair.fixed, family=family, measure=measure, truth=truth)))
