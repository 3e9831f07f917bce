"""Requests of this experiment for tests, with their inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.stn.classify.request import ClassifyRequest
from core.stn.datasets.samples import digits

D = tuple(f"{number:064x}" for number in range(1100))


def uploads(*labels: str, **settings: Any) -> ClassifyRequest:
    count = len(labels)
    fields = {"images": D[:count], "names": [f"{n}.png" for n in range(count)], "labels": labels} | settings
    return ClassifyRequest(**fields)


def photographed(number: int) -> np.ndarray:
    """A test digit as a visitor would bring it: dark on white, larger, off the middle."""
    large = 255 - np.pad(digits(count=number + 1)[number].repeat(4, axis=0).repeat(4, axis=1), ((40, 3), (5, 90)))
    return np.repeat(large[..., None], 3, axis=2)
