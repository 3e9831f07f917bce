"""The pictures that come with the lab: eight photos and some MNIST digits. Sources and licences: data/SOURCES.md."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from core.errors import ImageError
from core.stn.datasets.digits import shipped
from core.stn.datasets.images import Picture, read_image

_DATA = Path(__file__).parents[1] / "data"


def sample_names() -> tuple[str, ...]:
    """The names of the shipped photos."""
    return tuple(sorted(path.stem for path in (_DATA / "photos").glob("*.jpg")))


@cache
def sample(name: str) -> Picture:
    """A shipped photo, read once; leave its pixels as they are."""
    if name not in sample_names():
        raise ImageError(f"there is no sample called {name!r}; there are {', '.join(sample_names())}")
    return read_image(name, (_DATA / "photos" / f"{name}.jpg").read_bytes())


def digits(label: int | None = None, count: int = 16) -> np.ndarray:
    """The first `count` shipped test digits (N, 28, 28), uint8, white on black; only those of one label if it is given."""
    test = shipped().test
    chosen = test.images if label is None else test.images[test.labels == label]
    return chosen[:count]
