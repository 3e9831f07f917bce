"""Requests of this experiment for tests, with their inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.runs.store import digest_of
from core.stn.datasets.images import to_png
from core.stn.straighten.request import StraightenRequest


def request_for(photos: list[np.ndarray], **settings: Any) -> tuple[StraightenRequest, dict[str, bytes]]:
    inputs = {digest_of(png): png for png in map(to_png, photos)}
    names = tuple(f"photo {number}" for number in range(len(inputs)))
    return StraightenRequest(images=tuple(inputs), names=names, **settings), inputs
